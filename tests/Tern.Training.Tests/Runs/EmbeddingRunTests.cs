using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Tern.Evaluation;
using Tern.Training.Recipes;
using Tern.Training.Reports;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>Runs whose pictures are found by embedding, of classes never trained on.</summary>
public sealed class EmbeddingRunTests : IDisposable
{
    private const int Dimension = 16;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_teacher_alone_is_judged_by_its_embedding_and_shown_with_its_descriptors()
    {
        Run(Recipe(Teacher, ""));
        Measurement[] rows = [.. File.ReadLines(folder["run", "teacher", "evaluation.jsonl"]).Select(Measurement.FromJson)];
        Assert.Equal(("embedding", "cosine", true), (rows[0].Ranked, rows[0].Distance, rows[0].ExcludeSelf));
        Assert.Contains(rows, row => row is { Metric: "recall@1", Ranked: "code", Bits: 12 });                             // the hash layer was trained too
        Assert.Equal(rows.First(row => row.Metric == "recall@1").Value, Recall(folder["run", "teacher", "embeddings.queries.bin"]), 12);
        Assert.False(File.Exists(folder["run", "teacher", "curve.json"]));
        Assert.False(Directory.Exists(folder["run", "index"]));

        string report = File.ReadAllText(folder["run", "report.html"]);
        foreach (string shown in new[] { "What SPoC looks at in", "What GeM looks at in", "<b>combined</b>", "the gallery along its two principal axes", $"{Dimension} dimensions" }) Assert.Contains(shown, report);
        Assert.Equal(rows.First(row => row.Metric == "map").Value, RunSummary.FromJson(File.ReadAllText(folder["run", "summary.json"])).Stages.Single().Map);
    }

    [Theory]
    [InlineData("\"combination\": \"concatenate\"")]
    [InlineData("\"combination\": \"sum\"")]
    [InlineData("\"architecture\": \"b\"")]
    public void The_report_shows_what_each_descriptor_finds_however_they_are_combined(string combined)
    {
        Run(Recipe(Teacher.Replace("\"descriptors\": \"SG\"", $"\"descriptors\": \"SG\", {combined}"), ""));
        // Three queries and three pictures found: once among the query rows, and by SPoC, GeM and both combined.
        Assert.Equal(3 * 3 * (1 + 3), Regex.Count(File.ReadAllText(folder["run", "report.html"]), "<figure class=\"(right|wrong)\">"));
    }

    [Fact]
    public void A_student_by_code_is_also_judged_with_the_first_ranked_again()
    {
        Run(Recipe(Teacher, Student), """evaluate={"protocols": ["test-leave-one-out"], "rerank": 4}""");
        Measurement[] rows = [.. File.ReadLines(folder["run", "student", "evaluation.jsonl"]).Select(Measurement.FromJson)];
        Assert.Equal("code", rows.First(row => row.Metric == "recall@1").Ranked);
        Assert.Contains(rows, row => row.Metric == "recall@1+rerank4");
        Assert.True(File.Exists(folder["run", "index", "manifest.json"]));
        Assert.True(File.Exists(folder["run", "student", "curve.json"]));
        Assert.Contains("code", File.ReadAllText(folder["run", "report.html"]));
    }

    [Fact]
    public void What_starts_from_weights_may_be_judged_untrained()
    {
        Run(Recipe(Teacher, ""));
        string start = folder["run", "teacher", "weights.safetensors"];
        string untrained = Teacher.Replace("\"epochs\": 2", "\"epochs\": 0").Replace("\"searchBy\"", $"\"start\": {{ \"weights\": \"{start}\" }}, \"searchBy\"");
        Run(Recipe(untrained, ""), "out=again");
        Assert.Equal("", File.ReadAllText(folder["again", "teacher", "metrics.jsonl"]));
        Assert.Equal(File.ReadAllBytes(folder["run", "teacher", "embeddings.queries.bin"]), File.ReadAllBytes(folder["again", "teacher", "embeddings.queries.bin"]));
        Assert.Contains(File.ReadLines(folder["again", "teacher", "evaluation.jsonl"]).Select(Measurement.FromJson), row => row.Ranked == "code");

        Run(Recipe(untrained.Replace($"\"{start}\" }}", $"\"{start}\", \"fresh\": [\"hash\"] }}"), ""), "out=fresh");
        Assert.All(File.ReadLines(folder["fresh", "teacher", "evaluation.jsonl"]).Select(Measurement.FromJson), row => Assert.Equal("embedding", row.Ranked));
    }

    [Fact]
    public void Codes_that_nothing_trains_are_neither_judged_nor_taught()
    {
        string untaught = Teacher.Replace(""", { "type": "codeSimilarity", "of": "own" }""", "");
        Assert.Contains("teacher.objective: nothing trains the hash layer that pictures are found by", Refused(untaught.Replace("\"searchBy\": \"embedding\",", ""), ""));
        Assert.Contains("teacher.objective: its hash layer learns nothing to teach from", Refused(untaught, Student.Replace("codeSimilarity", "codeDistillation")));
        Run(Recipe(untaught, ""));
        Assert.All(File.ReadLines(folder["run", "teacher", "evaluation.jsonl"]).Select(Measurement.FromJson), row => Assert.Equal("embedding", row.Ranked));
    }

    [Fact]
    public void Codes_from_embeddings_are_judged_and_taught_whether_or_not_anything_else_is_trained()
    {
        const string Fitted = "\"hash\": \"iterativeQuantization\", ";
        string fitted = Teacher.Replace(""", { "type": "codeSimilarity", "of": "own" }""", "").Replace("\"epochs\"", Fitted + "\"epochs\"");
        Run(Recipe(fitted, Student.Replace("codeSimilarity", "codeDistillation")));
        Assert.Contains(File.ReadLines(folder["run", "teacher", "evaluation.jsonl"]).Select(Measurement.FromJson), row => row is { Metric: "recall@1", Ranked: "code", Bits: 12 });

        string start = folder["run", "teacher", "weights.safetensors"];
        Run(Recipe(fitted.Replace("\"epochs\": 2", "\"epochs\": 0").Replace("\"searchBy\"", $"\"start\": {{ \"weights\": \"{start}\", \"fresh\": [\"hash\"] }}, \"searchBy\""), ""), "out=again");
        Assert.Equal(File.ReadAllBytes(folder["run", "teacher", "codes.queries.bin"]), File.ReadAllBytes(folder["again", "teacher", "codes.queries.bin"]));

        Run(Recipe("", fitted.Replace("\"teacher\"", "\"student\"") + """, "quantize": { "objective": [{ "type": "crossEntropy" }], "training": { "epochs": 1, "optimizer": { "type": "adam", "learningRate": 1e-3 } } }"""), "out=packed");
        Assert.Contains(File.ReadLines(folder["packed", "ternary", "evaluation.jsonl"]).Select(Measurement.FromJson), row => row is { Metric: "recall@1", Ranked: "code", Bits: 12 });

        Assert.Contains("teacher.training.hash: iterativeQuantization replaces the hash layer that codeSimilarity trains", Refused(Teacher.Replace("\"epochs\"", Fitted + "\"epochs\""), ""));
        Assert.Contains("quantize.training.hash: quantised weights go on learning", Refused(Teacher, Student + $$""", "quantize": { "training": { {{Fitted}} "epochs": 1, "optimizer": { "type": "adam", "learningRate": 1e-3 } } }"""));
        TernException error = Assert.Throws<TernException>(() => Run(Recipe(fitted, ""), "bits=17"));
        Assert.Contains("got bits 17, numbers 16", error.Message);
    }

    [Fact]
    public void A_recipe_needs_a_network_and_what_is_quantised_a_student()
    {
        Assert.Contains("teacher: is missing, and so is student", Refused("", ""));
        Assert.Contains("quantize: is made from the student, which is missing", Refused(Teacher, """, "quantize": { "training": { "epochs": 1, "optimizer": { "type": "adam", "learningRate": 1e-3 } } }"""));
        Assert.Contains("teacher.training.epochs: must be at least 1; got 0", Refused(Teacher.Replace("\"epochs\": 2", "\"epochs\": 0"), ""));
    }

    private string Refused(string teacher, string rest) => Assert.Throws<TernException>(() => RecipeFile.Read(Recipe(teacher, rest))).Message;

    private const string Teacher = """
        , "teacher": {
          "model": { "type": "cgd", "backbone": { "type": "squeezeNet" }, "descriptors": "SG", "dimension": 16 },
          "searchBy": "embedding",
          "objective": [{ "type": "batchHardTriplet" }, { "type": "crossEntropy" }, { "type": "codeSimilarity", "of": "own" }],
          "training": { "epochs": 2, "batches": { "type": "balanced", "classes": 2, "perClass": 4 }, "precision": "float32", "optimizer": { "type": "adamW", "learningRate": 1e-3 } }
        }
        """;

    private const string Student = """
        , "student": {
          "model": { "type": "dsh" }, "withoutDistillation": false,
          "objective": [{ "type": "codeSimilarity" }],
          "training": { "epochs": 1, "batchSize": 12, "precision": "float32", "optimizer": { "type": "adam", "learningRate": 1e-3 } }
        }
        """;

    private string Recipe(string teacher, string rest)
    {
        string data = folder["data"], path = folder["recipe.json"];
        if (!Directory.Exists(data)) MadeData.Folder(data, classes: 8, train: 64, test: 0, side: 32);
        File.WriteAllText(path, $$"""
            {
              "name": "embedding", "bits": 12, "threads": 1,
              "data": { "path": "data", "trainClasses": 5, "height": 32, "width": 32, "channels": 3, "mean": [0.5, 0.5, 0.5], "deviation": [0.5, 0.5, 0.5], "validation": 8 },
              "evaluate": { "protocols": ["test-leave-one-out"], "examples": 3, "neighbours": 3 }
              {{teacher}} {{rest}}
            }
            """);
        return path;
    }

    private void Run(string recipe, params string[] overrides)
    {
        string name = overrides.FirstOrDefault(text => text.StartsWith("out=", StringComparison.Ordinal))?[4..] ?? "run";
        Pipeline.Run(RecipeFile.Read(recipe, overrides.Where(text => !text.StartsWith("out=", StringComparison.Ordinal))), folder[name], TimeProvider.System, new Progress<RunEvent>(), default);
    }

    /// <summary>Share of test pictures whose nearest other, by cosine in plain loops, is of their class: 3 classes of 8 pictures, in the order of their folders.</summary>
    private static double Recall(string file)
    {
        float[] rows = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();
        int count = rows.Length / Dimension;
        double Cosine(int a, int b)
        {
            double product = 0, lengthOfA = 0, lengthOfB = 0;
            for (int d = 0; d < Dimension; d++)
            {
                (double x, double y) = (rows[a * Dimension + d], rows[b * Dimension + d]);
                (product, lengthOfA, lengthOfB) = (product + x * y, lengthOfA + x * x, lengthOfB + y * y);
            }
            return product / Math.Sqrt(lengthOfA * lengthOfB);
        }
        return Enumerable.Range(0, count).Average(query =>
            Enumerable.Range(0, count).Where(item => item != query).MaxBy(item => Cosine(query, item)) / (count / 3) == query / (count / 3) ? 1.0 : 0);
    }
}
