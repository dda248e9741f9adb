using Tern.Training.Runs;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

public sealed class FaceStudyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_is_trained_anew_for_each_fold_and_rows_are_means_over_them()
    {
        StudyPlan plan = Plan("\"pairs\": { \"file\": \"pairs.txt\" }");
        Study.Run(plan, "tern study faces.json", [], TimeProvider.System, new Progress<RunEvent>(), default);
        IReadOnlyList<StudyRow> rows = StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json")));
        double[] single = [.. new[] { 1, 2 }.Select(fold => NetworkResult.Read(Path.Combine(plan.Folder, $"bits=8,fold={fold}"), "student").Measurements[0].Value)];
        StudyRow accuracy = rows[0], error = rows[1];
        Assert.Equal("set/view2-2 folds/4 pairs/threshold of held-back people/cosine", accuracy.Protocol);
        Assert.Equal(("accuracy", "accuracy.standardError"), (accuracy.Metric, error.Metric));
        Assert.Equal(single.Average(), accuracy.Value, 4);
        Assert.Equal(Math.Abs(single[0] - single[1]) / 2, error.Value, 4);
        Assert.Null(accuracy.Spread);                                                     // over seeds, of which there is one
        Assert.Equal(2, rows.Count(row => row.Metric == "accuracy"));
        Assert.Equal([1UL], accuracy.Seeds);
        Assert.Contains("standard error", File.ReadAllText(Path.Combine(plan.Folder, "table.md")));
    }

    [Fact]
    public void Embeddings_and_codes_of_one_protocol_are_each_averaged_over_the_folds()
    {
        StudyPlan plan = Plan("\"pairs\": { \"file\": \"pairs.txt\" }", "[1, 2]", "student.searchBy=embedding",
            """evaluate={"protocols": ["test-leave-one-out", "pairs"], "examples": 1}""");
        Study.Run(plan, "tern study faces.json", [], TimeProvider.System, new Progress<RunEvent>(), default);
        StudyRow[] found = [.. StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json"))).Where(row => row.Metric == "map")];
        NetworkResult[] folds = [.. new[] { 1, 2 }.Select(fold => NetworkResult.Read(Path.Combine(plan.Folder, $"bits=8,fold={fold}"), "student"))];
        Assert.Equal(["embedding", "code"], found.Select(row => row.Ranked));
        Assert.All(found, row => Assert.Equal(folds.Average(fold => fold.Measurements.Single(at => at.Metric == "map" && at.Ranked == row.Ranked).Value), row.Value, 4));
    }

    /// <summary>People have five pictures or six, and who is held back is the seed's choice.</summary>
    [Fact]
    public void A_row_over_seeds_says_how_many_pictures_each_had()
    {
        Plan("\"pairs\": { \"file\": \"pairs.txt\" }");
        foreach (int person in new[] { 5, 6, 7, 8 }) File.Delete(MadeFaces.Picture(folder["set", "faces"], person, 6));
        File.WriteAllText(folder["faces.json"], File.ReadAllText(folder["faces.json"]).Replace("\"folds\": [1, 2]", "\"seeds\": [1, 2, 3, 4]"));
        StudyPlan plan = StudyPlan.Read(
            folder["faces.json"], folder["runs/faces"], ["""evaluate={"protocols": ["validation-leave-one-out"], "examples": 1}""", "student.training.epochs=1", "teacher.training.epochs=1", "quantize=null"]);
        Study.Run(plan, "tern study faces.json", [], TimeProvider.System, new Progress<RunEvent>(), default);
        int[] counts = [.. plan.Cells[0].Runs.Select(run => RunData.Load(run.Recipe.Resolve(), new Progress<RunEvent>(), default).Validation.Count)];
        Assert.True(counts.Min() < counts.Max());
        StudyRow row = StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json"))).First(found => found.Metric == "map");
        Assert.Equal($"set/validation-leave-one-out/query{counts.Min()}..{counts.Max()}-db{counts.Min()}..{counts.Max()}/full", row.Protocol);
    }

    [Fact]
    public void Folds_of_a_recipe_without_pairs_are_refused() =>
        Assert.Contains("cell bits=8: the study names folds, but the recipe's data has no pairs", Assert.Throws<TernException>(() => Plan("\"onBadImage\": \"skip\"")).Message);

    [Fact]
    public void Folds_that_are_none_are_told() =>
        Assert.Contains("folds: must be different numbers from 1 on, at least one; got 1, 1", Assert.Throws<TernException>(() => Plan("\"pairs\": { \"file\": \"pairs.txt\" }", "[1, 1]")).Message);

    private StudyPlan Plan(string data, string folds = "[1, 2]", params string[] overrides)
    {
        string recipe = TinyRecipe.Write(folder.Path);
        MadeFaces.Set(folder["set"], people: 12, pictures: 6);
        File.WriteAllText(recipe, File.ReadAllText(recipe).Replace("\"path\": \"data\"", $"\"path\": \"set\", {data}").Replace("\"validation\": 18", "\"validation\": 12"));
        File.WriteAllText(folder["faces.json"], $$"""
            {
              "name": "faces", "recipe": "recipe.json", "networks": ["student"], "folds": {{folds}},
              "set": { "student": { "withoutDistillation": false } },
              "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            }
            """);
        return StudyPlan.Read(folder["faces.json"], folder["runs/faces"], overrides);
    }
}
