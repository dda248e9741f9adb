using System.Text.Json;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>Whole runs whose teacher is a file, or is looked into.</summary>
public sealed class DistillationRunTests : IDisposable
{
    private const int Train = 90, Classes = 3;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_teaches_the_student_and_its_ternary_form_and_another_file_teaches_anew()
    {
        Write(Classes);
        Recipe recipe = Shown("""[{ "type": "crossEntropy" }, { "type": "hint", "normalized": true, "adapter": true }, { "type": "relational", "weight": 0.1 }]""");
        List<string> first = Run(recipe);
        Assert.Equal(["student-plain", "student", "ternary"], first.Take(3));
        foreach (string network in new[] { "student", "ternary" })
        {
            JsonElement[] epochs = [.. File.ReadLines(folder["run", network, "metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("terms"))];
            Assert.All(epochs, terms => Assert.Equal(["crossEntropy", "hint", "relational"], terms.EnumerateObject().Select(term => term.Name)));
            Assert.True(epochs[^1].GetProperty("hint").GetDouble() < epochs[0].GetProperty("hint").GetDouble());
        }
        using (new TensorScope())
            Assert.DoesNotContain(SafetensorsFile.Read(folder["run", "student", "weights.safetensors"]).Tensors.Keys, name => name.StartsWith("objective", StringComparison.Ordinal));
        Assert.Empty(Run(recipe));

        Write(Classes, scale: 2);
        List<string> again = Run(recipe);
        Assert.Equal(["student", "ternary"], again.Take(2));
        Assert.DoesNotContain("student-plain", again);
    }

    [Fact]
    public void What_the_files_lack_stops_the_run_before_the_first_network()
    {
        Write(Classes);
        const string Soft = """[{ "type": "crossEntropy" }, { "type": "softLabels" }]""";
        string message = Assert.Throws<TernException>(() => Run(Shown(Soft))).Message;
        Assert.Contains("teacher.classes: is missing, and softLabels compares logits", message);
        message = Assert.Throws<TernException>(() => Run(Shown(Soft, "teacher.classes=c.txt"))).Message;
        Assert.Contains("has no tensor 'logits', which softLabels compares; it has embeddings", message);
        message = Assert.Throws<TernException>(() => Run(Shown("""[{ "type": "crossEntropy" }, { "type": "hint" }]"""))).Message;
        Assert.Contains("hint: 'embedding' has 500 dimensions and the teacher's 'embedding' 3; add \"adapter\": true", message);
        File.WriteAllLines(folder["t.txt"], Enumerable.Range(0, Train).Select(i => $"other#{i}"));
        message = Assert.Throws<TernException>(() => Run(Shown("""[{ "type": "crossEntropy" }, { "type": "relational" }]"""))).Message;
        Assert.Contains("nor for 71 others of the 72 pictures to learn from", message);         // 18 are held back
        Assert.False(Directory.Exists(folder["run", "student-plain"]));
    }

    [Fact]
    public void Logits_of_a_file_teach_and_are_trusted_picture_by_picture()
    {
        Write(Classes, logits: true);
        Recipe recipe = Shown("""[{ "type": "crossEntropy" }, { "type": "softLabels" }]""", """student.teacherWeighting={ "preset": "seed" }""", "teacher.classes=c.txt");
        Run(recipe);
        JsonElement terms = JsonDocument.Parse(File.ReadLines(folder["run", "student", "metrics.jsonl"]).Last()).RootElement.GetProperty("terms");
        Assert.Equal(1, terms.GetProperty("teacherWeight").GetDouble(), 1e-9);                  // this one is always right
        Assert.Equal(0, terms.GetProperty("teacherWeight.spread").GetDouble(), 1e-9);
    }

    [Fact]
    public void A_layer_inside_a_trained_teacher_teaches_one_inside_the_student()
    {
        string objective = """student.objective=[{ "type": "crossEntropy" }, { "type": "hint", "adapter": true, "tap": "backbone.bn2", "teacherTap": "backbone.layer2", "weight": 0.1 }]""";
        Recipe recipe = RecipeFile.Read(TinyRecipe.Write(folder.Path), [objective, "student.teacherView=same", "student.withoutDistillation=false", "quantize=null", "student.training.epochs=1"]);
        Assert.Equal(["teacher", "student"], Run(recipe).Take(2));
        Assert.Contains("hint.backbone.bn2", File.ReadAllText(folder["run", "student", "metrics.jsonl"]));
    }

    /// <summary>It looks once, as a pass over all pictures takes long; but what it showed must never outlive the teacher that showed it.</summary>
    [Fact]
    public void What_a_teacher_shows_is_kept_for_all_it_teaches_and_made_anew_for_another_teacher_or_when_damaged()
    {
        string shown = folder["run", "teacher", "shown.safetensors"];
        List<string> Teach(params string[] overrides) => Run(RecipeFile.Read(TinyRecipe.Write(folder.Path), ["quantize=null", "student.withoutDistillation=false", .. overrides]));
        Teach("student.training.epochs=1");
        byte[] first = File.ReadAllBytes(shown);
        File.SetLastWriteTimeUtc(shown, DateTime.UnixEpoch);
        Assert.Equal("student", Teach("student.training.epochs=2")[0]);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(shown));

        File.WriteAllBytes(shown, first[..^1]);
        Teach("student.training.epochs=3");
        Assert.Equal(first, File.ReadAllBytes(shown));

        Assert.Equal(["teacher", "student"], Teach("student.training.epochs=3", "teacher.training.epochs=1").Take(2));
        Assert.NotEqual(first, File.ReadAllBytes(shown));
    }

    [Fact]
    public void A_layer_that_is_not_there_stops_the_run_before_the_teacher_is_trained()
    {
        string objective = """student.objective=[{ "type": "crossEntropy" }, { "type": "hint", "adapter": true, "tap": "backbone.bn2", "teacherTap": "backbone.layer9" }]""";
        Recipe recipe = RecipeFile.Read(TinyRecipe.Write(folder.Path), [objective, "student.teacherView=same"]);
        Assert.Contains("the teacher's layers: unknown 'backbone.layer9'; did you mean 'backbone.layer", Assert.Throws<TernException>(() => Run(recipe)).Message);
        Assert.False(Directory.Exists(folder["run", "teacher"]));
    }

    private Recipe Shown(string objective, params string[] more) => RecipeFile.Read(
        TinyRecipe.Write(folder.Path), ["""teacher={ "shown": "t.safetensors", "names": "t.txt" }""", $"student.objective={objective}", .. more]);

    /// <summary>Says of every training picture which class it is of: picture i is of class i % 3.</summary>
    private void Write(int classes, float scale = 1, bool logits = false)
    {
        using var scope = new TensorScope();
        float[] values = [.. Enumerable.Range(0, Train).SelectMany(i => Enumerable.Range(0, classes).Select(label => label == i % classes ? scale * 9 : 0))];
        var tensors = new Dictionary<string, Tensor> { ["embeddings"] = Tensor.From(values, Train, classes) };
        if (logits) tensors["logits"] = Tensor.From(values, Train, classes);
        using FileStream stream = File.Create(folder["t.safetensors"]);
        SafetensorsFile.Write(stream, tensors);
        File.WriteAllLines(folder["t.txt"], Enumerable.Range(0, Train).Select(i => $"train-images-idx3-ubyte#{i}"));
        File.WriteAllLines(folder["c.txt"], Enumerable.Range(0, classes).Select(label => $"{label}"));
    }

    /// <summary>The stages that were begun.</summary>
    private List<string> Run(Recipe recipe)
    {
        var begun = new Begun();
        Pipeline.Run(recipe, folder["run"], TimeProvider.System, begun, default);
        return begun.Stages;
    }

    private sealed class Begun : IProgress<RunEvent>
    {
        public List<string> Stages { get; } = [];

        public void Report(RunEvent value)
        {
            if (value is StageStarted started) lock (Stages) Stages.Add(started.Stage);
        }
    }
}
