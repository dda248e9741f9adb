using Tern.Evaluation;
using Tern.Index;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Recipes;
using Tern.Training.Reports;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>Runs by several protocols, and of pictures with several labels.</summary>
public sealed class ProtocolRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_protocol_is_measured_and_the_first_is_the_headline()
    {
        Run(TinyRecipe.Write(folder.Path), """evaluate={"protocols": ["test-vs-test", "validation-vs-train", "10k-vs-50k", "1k-vs-59k"], "examples": 3}""");
        Measurement[] rows = [.. File.ReadLines(folder["run", "student", "evaluation.jsonl"]).Select(Measurement.FromJson)];
        string[] protocols = ["data/test-vs-test/query30-db30/full", "data/validation-vs-train/query18-db72/full", "data/test-vs-train/query30-db90/full", "data/100-per-class-vs-rest/query30-db90/full"];
        Assert.Equal(protocols, rows.Select(row => row.Protocol).Distinct());
        Assert.Equal(rows[0].Value, RunSummary.FromJson(File.ReadAllText(folder["run", "summary.json"])).Stages.Single(stage => stage.Name == "student").Map);
        Assert.Equal(protocols[0], RunSummary.FromJson(File.ReadAllText(folder["run", "summary.json"])).Protocol);
        PrecisionRecallCurve curve = PrecisionRecallCurve.FromJson(File.ReadAllText(folder["run", "student", "curve.json"]));
        Assert.Equal((protocols[0], 12, 13), (curve.Protocol, curve.Bits, curve.Points.Count));
        Assert.Equal(1, curve.Points[12].Recall, 12);
        Assert.Equal(10.0 / 30, curve.Points[12].Precision, 12);                         // everything retrieved: one class of three
        Assert.Equal(rows.First(row => row.Metric == "precision@radius2").Value, curve.Points[2].Precision);
    }

    [Fact]
    public void When_only_validation_asks_no_test_picture_is_encoded()
    {
        Run(TinyRecipe.Write(folder.Path), """evaluate={"protocols": ["validation-vs-train"]}""");
        Assert.False(File.Exists(folder["run", "student", "codes.queries.bin"]));
        Assert.Equal(90 * 2, new FileInfo(folder["run", "student", "codes.gallery.bin"]).Length);
        Assert.Contains("validation-vs-train/query18-db72", File.ReadAllText(folder["run", "summary.json"]));
        Assert.Contains("18 queries against a gallery of 72", File.ReadAllText(folder["run", "report.html"]).Replace("\n", " "));
    }

    [Fact]
    public void Another_protocol_judges_again_and_trains_nothing()
    {
        string recipe = TinyRecipe.Write(folder.Path);
        Run(recipe);
        List<string> started = Run(recipe, """evaluate={"protocols": ["test-vs-test"]}""");
        Assert.Contains("evaluate ternary", started);
        Assert.Contains("report", started);
        Assert.DoesNotContain(started, stage => stage is "teacher" or "student-plain" or "student" or "ternary");
    }

    [Fact]
    public void Softmax_on_pictures_with_several_labels_is_refused_before_any_work()
    {
        string message = Assert.Throws<TernException>(() => Run(SeveralLabels())).Message;
        Assert.Contains("teacher.objective[0]: crossEntropy takes a picture to be of one class, but these carry several labels; use binaryCrossEntropy", message);
        Assert.Contains("student.objective[0]", message);
        Assert.False(Directory.Exists(folder["run", "teacher"]));
    }

    [Fact]
    public void More_classes_a_batch_than_there_are_is_refused_before_any_work()
    {
        string message = Assert.Throws<TernException>(() => Run(TinyRecipe.Write(folder.Path), """teacher.training.batches={"type": "balanced", "classes": 4, "perClass": 3}""", "teacher.training.batchSize=12")).Message;
        Assert.Contains("teacher.training.batches.classes: must be at most 3, the number of classes that are learned; got 4", message);
    }

    [Fact]
    public void Pictures_with_several_labels_go_through_the_whole_chain()
    {
        string[] objectives = [.. new[] { "teacher", "student" }.Select(network => network + """.objective.0={"type": "binaryCrossEntropy"}""")];
        Run(SeveralLabels(), [.. objectives, """student.training.batches={"type": "balanced", "classes": 2, "perClass": 6}""", """evaluate={"protocols": ["test-vs-train", "1k-vs-59k"]}"""]);
        Measurement[] rows = [.. File.ReadLines(folder["run", "teacher", "evaluation.jsonl"]).Select(Measurement.FromJson)];
        Assert.InRange(rows.First(row => row.Metric == "map").Value, 0.5, 1);
        using ImageIndex index = ImageIndex.Open(folder["run", "index"]);
        Assert.Contains(index.Search(MadeData.Picture(1, 1, 4, channels: 3), new SearchOptions { Top = 50 }), found => found.Label!.Contains('|'));
    }

    /// <summary>Pictures with a label in common are alike. By chance about a third of the gallery has one in common with a query.</summary>
    [Fact]
    public void Pairs_with_a_label_in_common_are_learned_without_a_teacher()
    {
        Run(SeveralLabels(), "teacher=null", """student.objective=[{ "type": "dshPairs" }]""", "student.training.optimizer.learningRate=0.001", "student.training.epochs=12", "quantize=null");
        Measurement map = File.ReadLines(folder["run", "student", "evaluation.jsonl"]).Select(Measurement.FromJson).First(row => row.Metric == "map");
        Assert.InRange(map.Value, 0.5, 1);
    }

    [Fact]
    public void Classes_that_are_never_trained_on_are_judged_among_themselves()
    {
        MadeData.Folder(folder["flat"], classes: 6, train: 90, test: 0, channels: 1);
        string recipe = TinyRecipe.Write(folder.Path);
        string message = Assert.Throws<TernException>(() => Run(recipe, "data.path=flat", "data.trainClasses=4")).Message;
        Assert.Contains("protocol test-vs-train: none of the 30 pictures that ask has another of its class among the 60 that answer", message);
        Assert.EndsWith("by test-leave-one-out", message);
        Assert.False(Directory.Exists(folder["run", "teacher"]));

        Run(recipe, "data.path=flat", "data.trainClasses=4", """evaluate={"protocols": ["test-leave-one-out", "validation-leave-one-out"], "recallAt": [1, 10], "neighbours": 30}""");
        Measurement[] rows = [.. File.ReadLines(folder["run", "student", "evaluation.jsonl"]).Select(Measurement.FromJson)];
        Assert.Equal(["flat/test-leave-one-out/query30-db30/full", "flat/validation-leave-one-out/query30-db30/full"], rows.Select(row => row.Protocol).Distinct());
        Assert.Equal(["map", "map@r", "r-precision", "recall@1", "precision@1", "recall@10", "precision@10", "precision@radius2"], rows.Take(rows.Length / 2).Select(row => row.Metric));
        Assert.All(rows, row => Assert.Equal(("code", true), (row.Ranked, row.ExcludeSelf)));
        using var scope = new TensorScope();
        Assert.Equal([2L, 12], SafetensorsFile.Read(folder["run", "student", "weights.safetensors"]).Tensors["classifier.weight"].Shape);    // two of four classes are held back
        Assert.Matches(@"\d+ of 29 right", File.ReadAllText(folder["run", "report.html"]));                                                // no picture is its own neighbour
    }

    /// <summary>The training pictures stay the same, and with them all that their fingerprint says.</summary>
    [Fact]
    public void Where_other_classes_come_to_be_tested_whole_ones_are_held_back_and_training_begins_anew()
    {
        MadeData.Folder(folder["parts"], classes: 4, train: 60, test: 20, channels: 1);
        string recipe = TinyRecipe.Write(folder.Path);
        string[] overrides = ["data.path=parts", """evaluate={"protocols": ["test-leave-one-out"]}"""];
        Run(recipe, overrides);
        for (int label = 0; label < 4; label++) Directory.Move(folder["parts", "test", $"class{label}"], folder["parts", "test", $"other{label}"]);
        Assert.Contains("student", Run(recipe, overrides));
        Assert.Empty(Run(recipe, overrides));
    }

    [Fact]
    public void Queries_ask_the_gallery_past_a_picture_that_cannot_be_read()
    {
        MadeData.Folder(folder["flat"], classes: 6, train: 90, test: 0, channels: 1);
        BrokenPicture.Write(folder["flat"], "text.png");
        string Part(int i) => i % 6 < 4 ? "train" : i / 6 % 3 == 0 ? "query" : "gallery";
        File.WriteAllLines(folder["list.csv"],
            ["path,label,split", "flat/text.png,class4,query", .. Enumerable.Range(0, 90).Select(i => $"flat/class{i % 6}/{i:D4}.png,class{i % 6},{Part(i)}")]);
        Run(TinyRecipe.Write(folder.Path), "data.path=list.csv", """evaluate={"protocols": ["query-vs-gallery"]}""");
        Measurement[] rows = [.. File.ReadLines(folder["run", "student", "evaluation.jsonl"]).Select(Measurement.FromJson)];
        Assert.Equal(["list.csv/query-vs-gallery/query10-db20/full"], rows.Select(row => row.Protocol).Distinct());
        Assert.All(rows, row => Assert.Equal((10, 0, 20, false), (row.Queries, row.QueriesWithoutRelevant, row.Gallery, row.ExcludeSelf)));
    }

    /// <summary>The tiny recipe on a made tree of NUS-WIDE with four concepts.</summary>
    private string SeveralLabels()
    {
        string recipe = TinyRecipe.Write(folder.Path);
        MadeData.NusWide(folder["several"], concepts: 4, count: 140);
        File.WriteAllText(recipe, File.ReadAllText(recipe).Replace("\"path\": \"data\"", "\"path\": \"several\"").Replace("\"channels\": 1", "\"channels\": 3")
            .Replace("\"mean\": [0.5]", "\"mean\": [0.5, 0.5, 0.5]").Replace("\"deviation\": [0.5]", "\"deviation\": [0.5, 0.5, 0.5]"));
        return recipe;
    }

    /// <summary>Runs into "run"; returns the stages that ran.</summary>
    private List<string> Run(string recipe, params string[] overrides)
    {
        var started = new List<string>();
        Pipeline.Run(RecipeFile.Read(recipe, overrides), folder["run"], TimeProvider.System, new Watch(value =>
        {
            if (value is StageStarted stage) started.Add(stage.Stage);
        }), default);
        return started;
    }

    private sealed class Watch(Action<RunEvent> watch) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => watch(value);
    }
}
