using Tern.Evaluation;
using Tern.Index;
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
