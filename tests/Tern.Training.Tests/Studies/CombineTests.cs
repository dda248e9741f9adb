using System.Text.Json.Nodes;
using Tern.Training.Runs;
using Tern.Training.Studies;

namespace Tern.Training.Tests.Studies;

public sealed class CombineTests : IDisposable
{
    private static readonly CombineSpec Combine = new("descriptors", "teacher.model.descriptors", "teacher", "validation-leave-one-out");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_best_two_by_validation_are_joined_in_both_orders_whatever_the_test_says()
    {
        StudyRow[] rows = [Row("S", 0.5, "validation"), Row("M", 0.2, "validation"), Row("G", 0.6, "validation"), Row("S", 0.1, "test"), Row("M", 0.9, "test"), Row("G", 0.1, "test")];
        AxisSpec axis = Assert.Single(Combine.Extend(Spec(Combine), rows).Axes);
        Assert.Equal(["S", "M", "G", "GS", "SG"], axis.Values.Select(value => value.Name));
        Assert.Equal(["GS", "SG"], axis.Values.TakeLast(2).Select(value => (string?)value.Set!["teacher"]!["model"]!["descriptors"]));
        Assert.StartsWith("Recommended: descriptors G, the best by map of the teacher under validation-leave-one-out (0.600)", Combine.Recommendation(rows));
    }

    [Fact]
    public void Several_cells_of_a_value_count_by_their_mean()
    {
        StudyRow[] rows = [Row("S", 0.9, "validation"), Row("S", 0.1, "validation"), Row("M", 0.6, "validation"), Row("G", 0.55, "validation")];
        Assert.Equal(["MG", "GM"], Combine.Extend(Spec(Combine), rows).Axes[0].Values.TakeLast(2).Select(value => value.Name));
    }

    [Fact]
    public void Codes_beside_the_embedding_do_not_decide()
    {
        StudyRow[] rows = [.. new[] { ("S", 0.5, 0.1), ("M", 0.2, 0.9), ("G", 0.6, 0.1) }.SelectMany(at => new[]
        {
            Row(at.Item1, at.Item2, "validation") with { Ranked = "embedding" }, Row(at.Item1, at.Item3, "validation") with { Ranked = "code" },
        })];
        Assert.Equal(["GS", "SG"], Combine.Extend(Spec(Combine), rows).Axes[0].Values.TakeLast(2).Select(value => value.Name));
    }

    [Fact]
    public void Values_that_make_no_difference_are_not_joined()
    {
        StudyRow row = Row("S", 0.5, "validation");
        StudyRow[] rows = [row with { Axes = new Dictionary<string, string> { ["descriptors"] = "S|M|G", ["network"] = "teacher" } }];
        Assert.Contains("make no difference to teacher", Assert.Throws<TernException>(() => Combine.Extend(Spec(Combine), rows)).Message);
    }

    [Fact]
    public void What_cannot_be_joined_or_would_be_chosen_on_test_pictures_is_refused()
    {
        static string Only(CombineSpec combine) => Assert.Single(Spec(combine).Problems());
        Assert.Empty(Spec(Combine).Problems());
        Assert.StartsWith("combine.axis: ", Only(Combine with { Axis = "descriptor" }));
        Assert.Contains("'S' sets nothing at teacher.model.depth", Spec(Combine with { Path = "teacher.model.depth" }).Problems().First());
        Assert.StartsWith("combine.network: must be one of the study's (teacher); got 'student'", Only(Combine with { Network = "student" }));
        Assert.StartsWith("combine.protocol: must not look at test pictures", Only(Combine with { Protocol = "test-leave-one-out" }));
        Assert.StartsWith("combine.protocol: ", Only(Combine with { Protocol = "validation" }));
        Assert.StartsWith("combine.metric: ", Only(Combine with { Metric = "maps" }));
    }

    [Fact]
    public void A_study_runs_the_joined_cells_too_and_recommends()
    {
        MadeData.Folder(folder["data"], classes: 8, train: 64, test: 0, side: 32);
        File.WriteAllText(folder["recipe.json"], """
            {
              "name": "embedding", "bits": 12, "threads": 1,
              "data": { "path": "data", "trainClasses": 5, "height": 32, "width": 32, "channels": 3, "mean": [0.5, 0.5, 0.5], "deviation": [0.5, 0.5, 0.5], "validation": 8 },
              "teacher": {
                "model": { "type": "cgd", "backbone": { "type": "mobileNetV2", "width": 0.1 }, "dimension": 8 },
                "searchBy": "embedding",
                "objective": [{ "type": "crossEntropy" }],
                "training": { "epochs": 1, "batchSize": 16, "precision": "float32", "optimizer": { "type": "adamW", "learningRate": 1e-3 } }
              },
              "evaluate": { "protocols": ["test-leave-one-out", "validation-leave-one-out"], "examples": 1, "neighbours": 1 }
            }
            """);
        File.WriteAllText(folder["study.json"], """
            {
              "name": "joined", "recipe": "recipe.json", "networks": ["teacher"],
              "axes": [{ "name": "descriptors", "values": [
                { "name": "S", "set": { "teacher": { "model": { "descriptors": "S" } } } }, { "name": "M", "set": { "teacher": { "model": { "descriptors": "M" } } } }] }],
              "combine": { "axis": "descriptors", "path": "teacher.model.descriptors", "network": "teacher", "protocol": "validation-leave-one-out" }
            }
            """);
        StudyPlan plan = StudyPlan.Read(folder["study.json"], folder["joined"]);
        Study.Run(plan, "tern study study.json", [], TimeProvider.System, new Progress<RunEvent>(), default);
        Assert.Equal(["M", "MS", "S", "SM"], StudyRow.FromJson(File.ReadAllText(folder["joined", "results.json"])).Select(row => row.Axes["descriptors"]).Distinct().Order());
        Assert.Contains("Recommended: descriptors ", File.ReadAllText(folder["joined", "table.md"]));

        string without = File.ReadAllText(folder["recipe.json"]).Replace(", \"validation-leave-one-out\"", "");
        File.WriteAllText(folder["recipe.json"], without);
        Assert.Contains("combine decides by validation-leave-one-out, which its evaluate.protocols lacks", Assert.Throws<TernException>(() => StudyPlan.Read(folder["study.json"])).Message);
    }

    private static StudySpec Spec(CombineSpec combine) => new("s", "recipe.json", [new AxisSpec("descriptors", [Value("S"), Value("M"), Value("G")])], ["teacher"], Combine: combine);

    private static AxisValue Value(string letter) => new(letter, JsonNode.Parse($$"""{ "teacher": { "model": { "descriptors": "{{letter}}" } } }""")!.AsObject());

    private static StudyRow Row(string letter, double value, string part) => new(
        $"descriptors={letter},network=teacher", new Dictionary<string, string> { ["descriptors"] = letter, ["network"] = "teacher" }, "map", value, null,
        $"cars/{part}-leave-one-out/query8-db8/full", "expected", [1], null, 1, new Dictionary<string, double>(), 1, "", "", "");
}
