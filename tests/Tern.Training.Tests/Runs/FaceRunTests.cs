using System.Text.Json;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Imaging;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Protocols;
using Tern.Training.Recipes;
using Tern.Training.Reports;
using Tern.Training.Runs;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Tests.Runs;

/// <summary>Runs judged by pairs: 12 made people of 6 pictures each, of whom the list has 5.</summary>
public sealed class FaceRunTests : IDisposable
{
    private const string Both = """evaluate={"protocols": ["pairs", "pairs-degraded"], "mirror": "average"}""";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Pairs_go_through_the_whole_chain()
    {
        Run(Both);
        foreach (string network in new[] { "teacher", "student-plain", "student", "ternary" })
        {
            Measurement[] rows = Rows("run", network);
            Assert.Equal(
                [
                    "set/view2/8 pairs/2 folds/mirror average/cosine", "set/view2/8 pairs/2 folds/mirror average/hamming",
                    "set/view2/degraded/8 pairs/2 folds/mirror average/cosine", "set/view2/degraded/8 pairs/2 folds/mirror average/hamming",
                ],
                rows.Select(row => row.Protocol).Distinct());
            Assert.Equal(["accuracy", "accuracy.standardError", "eer", "auc", "tpr@fpr1e-2", "tpr@fpr1e-3"], rows.Take(6).Select(row => row.Metric));
            Assert.False(File.Exists(folder["run", network, "curve.json"]));
        }
        RunSummary summary = RunSummary.FromJson(File.ReadAllText(folder["run", "summary.json"]));
        StageSummary ternary = summary.Stages.Single(stage => stage.Name == "ternary");
        Measurement[] ofTernary = Rows("run", "ternary");
        Assert.Equal("set/view2/8 pairs/2 folds/mirror average", summary.Protocol);
        Assert.Null(ternary.Map);
        Assert.Equal((ofTernary[0].Value, ofTernary[6].Value), (ternary.Accuracy!.Value, ternary.CodeAccuracy!.Value));
        Assert.Contains("of pairs right", File.ReadAllText(folder["run", "report.html"]));
        Assert.Empty(Run(Both));                                                          // all up to date
    }

    /// <summary>Everything reported, counted again from the distances that the run keeps.</summary>
    [Fact]
    public void What_is_reported_follows_from_the_distances_kept()
    {
        Run(Both);
        RunData data = Data(Both);
        ProtocolDistances[] kept = JsonSerializer.Deserialize<ProtocolDistances[]>(File.ReadAllText(folder["run", "student", "distances.json"]), JsonSerializerOptions.Web)!;
        Assert.Equal(["pairs", "pairs-degraded"], kept.Select(row => row.Protocol));
        Measurement[] rows = Rows("run", "student");
        double[][] distances = [.. kept.SelectMany(row => new[] { row.Cosine, row.Hamming })];
        for (int i = 0; i < distances.Length; i++)
        {
            Assert.Equal(8, distances[i].Length);
            double[] folds = [Accuracy(data.Pairs!.Pairs, distances[i], 1), Accuracy(data.Pairs.Pairs, distances[i], 2)];
            Assert.Equal(folds.Average(), rows[6 * i].Value, 12);
            Assert.Equal(Math.Abs(folds[0] - folds[1]) / 2, rows[6 * i + 1].Value, 12);    // of two folds: the deviation is the difference over sqrt 2, its error that over sqrt 2 again
        }
        MeasuredRoc[] roc = [.. RocFile.FromJson(File.ReadAllText(folder["run", "student", "roc.json"]))];
        Assert.Equal([null, 12], roc.Select(curve => curve.Bits));
        Assert.Equal(rows.Where(row => row.Metric == "auc").Take(2).Select(row => row.Value), roc.Select(curve => new RocCurve(curve.Points).AreaUnderCurve));
    }

    [Fact]
    public void One_fold_has_a_threshold_of_held_back_people_and_the_other_folds_people_are_learned_from()
    {
        Run("data.pairs.folds=[1]", "student.withoutDistillation=false");
        Measurement[] rows = Rows("run", "student");
        Assert.Equal(["set/view2-fold1/4 pairs/threshold of held-back people/cosine", "set/view2-fold1/4 pairs/threshold of held-back people/hamming"], rows.Select(row => row.Protocol).Distinct());
        Assert.Contains(rows, row => row.Metric == "accuracy");
        Assert.DoesNotContain(rows, row => row.Metric == "accuracy.standardError");
        RunData data = Data("data.pairs.folds=[1]");
        Assert.Equal((9, 7), (data.Train.Classes.Count, data.Learn.Classes.Count));        // 12 people without A, B and C; two of them are held back, 12 pictures
        Assert.Null(data.ValidationGallery);
        Assert.Contains("Person_D", data.Train.Classes);
        Assert.Empty(data.Learn.Names.Intersect(data.Test.Names.Concat(data.Validation.Names)));
        Assert.Empty(Shown(data.Learn).Intersect(Shown(data.Test).Concat(Shown(data.Validation))));
        using var scope = new TensorScope();
        Assert.Equal(7, SafetensorsFile.Read(folder["run", "student", "weights.safetensors"]).Tensors["classifier.bias"].Shape[0]);
    }

    [Fact]
    public void People_with_one_picture_are_learned_from_on_request_and_told_ten_at_most()
    {
        string recipe = Recipe();
        for (int person = 12; person < 24; person++) MadeData.Png(MadeFaces.Picture(folder["set", "faces"], person, 1), MadeData.Picture(person, 1, 24));
        var told = new Told();
        RunData data = RunData.Load(RecipeFile.Read(recipe, ["data.pairs.minimum=1"]).Resolve(), told, default);
        Assert.Equal(7 + 12, data.Train.Classes.Count);
        Assert.Equal(10, told.Warnings.Count(text => text.Contains("has one training picture: ", StringComparison.Ordinal)));
        Assert.Equal("and 2 more; 12 classes have one training picture in all", told.Warnings[^1]);
    }

    [Fact]
    public void Weights_that_know_somebody_tested_are_refused_before_any_work()
    {
        Run("data.pairs.folds=[1]", "student.withoutDistillation=false");
        string start = """student.start={"weights": "run/student/weights.safetensors", "fresh": ["classifier"]}""";
        string message = Assert.Throws<TernException>(() => Run("second", "data.pairs.folds=[2]", start)).Message;
        Assert.Contains("student/weights.safetensors has learned from Person_", message);
        Assert.Contains("tested or held back here: start from weights trained with the same data.pairs", message);
        Assert.False(Directory.Exists(folder["second", "teacher"]));
    }

    [Fact]
    public void Retrieval_and_pairs_stand_in_one_run()
    {
        Run("""evaluate={"protocols": ["test-vs-test", "pairs"], "examples": 2}""", "student.withoutDistillation=false");
        Measurement[] rows = Rows("run", "student");
        Assert.Equal("map", rows[0].Metric);
        Assert.Contains(rows, row => row.Metric == "accuracy");
        StageSummary student = RunSummary.FromJson(File.ReadAllText(folder["run", "summary.json"])).Stages.Single(stage => stage.Name == "student");
        Assert.NotNull(student.Map);
        Assert.NotNull(student.CodeAccuracy);
        Assert.True(File.Exists(folder["run", "student", "curve.json"]) && File.Exists(folder["run", "student", "roc.json"]));
    }

    /// <summary>Averaging with the mirror image makes a model see a picture and its mirror image alike, whatever it has learned.</summary>
    [Fact]
    public void A_mirror_image_in_place_of_a_picture_changes_nothing_where_both_count()
    {
        Run("student.withoutDistillation=false");
        MadeFaces.Set(folder["flipped"], people: 12, pictures: 6);
        foreach (string path in Directory.GetFiles(folder["flipped", "faces"], "*.png", SearchOption.AllDirectories)) Flip(path);
        ImageEncoder encoder = ImageEncoder.Open(folder["run", "student", "model.onnx"], new EncoderOptions { Threads = 1 });
        MeasuredPairs Measure(string set, MirrorUse mirror)
        {
            DataSplit split = FaceReader.Open(folder[set], new PairsSpec("pairs.txt"));
            return PairEncoder.Measure(encoder, PixelStore.Load(split.Test, MadeData.Spec(), 1, default), split.Pairs!.Pairs, VerificationProtocol.All[0], mirror, default);
        }
        MeasuredPairs both = Measure("set", MirrorUse.Average), flipped = Measure("flipped", MirrorUse.Average);
        Assert.Equal(both.Cosine, flipped.Cosine);
        Assert.Equal(both.Hamming, flipped.Hamming);
        Assert.NotEqual(Measure("set", MirrorUse.None).Cosine, Measure("flipped", MirrorUse.None).Cosine);
        Assert.All(Measure("set", MirrorUse.Concatenate).Cosine.Zip(Measure("flipped", MirrorUse.Concatenate).Cosine), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void A_model_alone_is_judged_as_its_run_judged_it()
    {
        Run("""evaluate={"protocols": ["pairs", "pairs-small"], "mirror": "average"}""", "student.withoutDistillation=false");
        IReadOnlyList<Measurement> alone = ModelVerification.Run(
            folder["run", "student", "model.onnx"], folder["set"], new PairsSpec("pairs.txt"), [VerificationProtocol.Find("pairs")!, VerificationProtocol.Find("pairs-small")!], MirrorUse.Average, 1,
            new Progress<RunEvent>(), default);
        Assert.Equal(Rows("run", "student").Select(row => (row.Protocol, row.Metric, row.Value)), alone.Select(row => (row.Protocol, row.Metric, row.Value)));
    }

    [Fact]
    public void A_network_whose_codes_nothing_has_trained_is_judged_by_embeddings_alone()
    {
        Run("""teacher={ "model": { "type": "dsh" }, "objective": [{ "type": "crossEntropy" }], "training": { "epochs": 1, "optimizer": { "type": "sgd", "learningRate": 0.01 } } }""",
            """student.objective=[{ "type": "hint" }]""", "student.searchBy=embedding", "student.withoutDistillation=false", "quantize=null", "student.training.epochs=1");
        Assert.Equal(["set/view2/8 pairs/2 folds/cosine", "set/view2/8 pairs/2 folds/hamming"], Rows("run", "teacher").Select(row => row.Protocol).Distinct());
        Assert.Equal(["set/view2/8 pairs/2 folds/cosine"], Rows("run", "student").Select(row => row.Protocol).Distinct());
        Assert.Equal([null], RocFile.FromJson(File.ReadAllText(folder["run", "student", "roc.json"])).Select(curve => curve.Bits));
        StageSummary student = RunSummary.FromJson(File.ReadAllText(folder["run", "summary.json"])).Stages.Single(stage => stage.Name == "student");
        Assert.NotNull(student.Accuracy);
        Assert.Null(student.CodeAccuracy);
    }

    /// <summary>Learned from: seven of D to L; with fold 2, D and E would be tested.</summary>
    [Fact]
    public void A_model_is_not_judged_by_people_it_has_learned_from()
    {
        Run("data.pairs.folds=[1]", "student.withoutDistillation=false");
        foreach (string network in new[] { "teacher", "student", "ternary" })
        {
            string[] learned = [.. Data("data.pairs.folds=[1]").Learn.Classes];
            KnownPeople known = KnownPeople.Read(ImageEncoder.Open(folder["run", network, "model.onnx"], new EncoderOptions { Threads = 1 }).Metadata)!;
            Assert.Equal(learned, known.Among(Enumerable.Range(0, 26).Select(MadeFaces.Name)));
            Assert.Equal(learned.Length, known.Among(learned.Select(name => name.ToLowerInvariant())).Length);
        }
        var told = new Told();
        IReadOnlyList<Measurement> Judge(string model, params int[] folds) => ModelVerification.Run(model, folder["set"], new PairsSpec("pairs.txt", folds), [VerificationProtocol.All[0]], MirrorUse.None, 1, told, default);
        string[] both = [.. Data("data.pairs.folds=[1]").Learn.Classes.Intersect(["Person_D", "Person_E"])];
        Assert.NotEmpty(both);
        string message = Assert.Throws<TernException>(() => Judge(folder["run", "student", "model.onnx"], 2)).Message;
        Assert.Contains($"model.onnx has learned from {both[0]}{(both.Length > 1 ? " and 1 others" : "")} of the 2 people in the pairs of pairs.txt", message);
        Assert.Contains("judge it by the pairs that its recipe names in data.pairs", message);
        Assert.NotEmpty(Judge(folder["run", "student", "model.onnx"], 1));
        Assert.Empty(told.Warnings);
    }

    [Fact]
    public void Weights_know_the_people_of_the_weights_they_started_from()
    {
        Run("data.pairs.folds=[1]", "student.withoutDistillation=false");
        for (int person = 12; person < 20; person++)
            for (int number = 1; number <= 6; number++) MadeData.Png(MadeFaces.Picture(folder["others", "faces"], person, number), MadeData.Picture(person, number, 24));
        File.WriteAllLines(folder["others", "pairs.txt"], ["Person_M\t1\t2", "Person_M\t3\tPerson_N\t1"]);
        Run("second", "data.path=others", """student.start={"weights": "run/student/weights.safetensors", "fresh": ["classifier"]}""", "student.withoutDistillation=false", "data.validation=12");
        string[] Known(string run, string network) => KnownPeople.Read(ImageEncoder.Open(folder[run, network, "model.onnx"], new EncoderOptions { Threads = 1 }).Metadata)!.Among(Enumerable.Range(0, 26).Select(MadeFaces.Name));
        string[] earlier = Known("run", "student"), own = Known("second", "teacher");
        Assert.Equal(7, earlier.Length);
        Assert.Equal(4, own.Length);                                                      // of O to T; two are held back
        Assert.Equal(earlier.Concat(own), Known("second", "student"));
        Assert.Equal(earlier.Concat(own), Known("second", "ternary"));
    }

    private static void Flip(string path)
    {
        Picture picture = ImageDecoder.Open(path, 1);
        byte[] pixels = picture.Pixels.ToArray();
        for (int y = 0; y < picture.Height; y++) pixels.AsSpan(y * picture.Width, picture.Width).Reverse();
        MadeData.Png(path, new Picture(picture.Width, picture.Height, 1, pixels));
    }

    /// <summary>With the threshold that is best on the other fold: every place between two of its distances is tried, the smallest of the best stays.</summary>
    private static double Accuracy(IReadOnlyList<VerificationPair> pairs, double[] distances, int fold)
    {
        int[] own = [.. Enumerable.Range(0, pairs.Count).Where(i => pairs[i].Fold == fold)], others = [.. Enumerable.Range(0, pairs.Count).Where(i => pairs[i].Fold != fold)];
        double[] at = [.. others.Select(i => distances[i]).Distinct().Order()];
        double Share(int[] some, double threshold) => some.Average(i => distances[i] <= threshold == pairs[i].Same ? 1.0 : 0);
        double best = new[] { at[0] - 1e-9 }.Concat(at.Zip(at.Skip(1), (low, high) => (low + high) / 2)).Append(at[^1]).MaxBy(threshold => Share(others, threshold));
        return Share(own, best);
    }

    private static IEnumerable<string> Shown(PixelStore store) => Enumerable.Range(0, store.Count).Select(i => store.Classes[store.Labels[i]]).Distinct();

    private Measurement[] Rows(string run, string network) => [.. File.ReadLines(folder[run, network, "evaluation.jsonl"]).Select(Measurement.FromJson)];

    private RunData Data(params string[] overrides) => RunData.Load(RecipeFile.Read(Recipe(), overrides).Resolve(), new Progress<RunEvent>(), default);

    private List<string> Run(params string[] overrides)
    {
        bool named = overrides.Length > 0 && !overrides[0].Contains('=');
        var started = new List<string>();
        Pipeline.Run(RecipeFile.Read(Recipe(), overrides[(named ? 1 : 0)..]), folder[named ? overrides[0] : "run"], TimeProvider.System, new Watch(started), default);
        return started;
    }

    /// <summary>The tiny recipe on the set of faces.</summary>
    private string Recipe()
    {
        string recipe = TinyRecipe.Write(folder.Path);
        if (!Directory.Exists(folder["set"])) MadeFaces.Set(folder["set"], people: 12, pictures: 6);
        File.WriteAllText(recipe, File.ReadAllText(recipe).Replace("\"path\": \"data\"", "\"path\": \"set\", \"pairs\": { \"file\": \"pairs.txt\" }").Replace("\"validation\": 18", "\"validation\": 12"));
        return recipe;
    }

    private sealed class Told : IProgress<RunEvent>
    {
        public List<string> Warnings { get; } = [];

        public void Report(RunEvent value)
        {
            if (value is RunWarning warning) Warnings.Add(warning.Text);
        }
    }

    private sealed class Watch(List<string> started) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (value is StageStarted stage) started.Add(stage.Stage);
        }
    }
}
