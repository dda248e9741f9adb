using System.Runtime.CompilerServices;
using Tern.Torch;
using Tern.Training.Export;
using Tern.Training.Models;
using Tern.Training.Recipes;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

/// <summary>What is read from a study's file and refused in it before any work.</summary>
public sealed class StudyPlanTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(""" "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bit": 8 } }] }] """, "cell bits=8: bit: ")]
    [InlineData(""" "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 0 } }] }] """, "cell bits=8: bits: must lie in 1..1024; got 0")]
    [InlineData(""" "axes": [{ "name": "a/b", "values": [{ "name": "8" }] }] """, "axes[0].name: must be letters")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }, { "name": "x" }] }] """, "each name must stand once")]
    [InlineData(""" "axes": [{ "name": "network", "values": [{ "name": "x" }] }] """, "'network' is taken")]
    [InlineData(""" "axes": [] """, "axes: needs at least one")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }] }], "charts": [{ "title": "t", "x": "bits", "where": ["b=1"] }] """, "charts[0].where: must be an axis")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }] }], "charts": [{ "title": "t", "x": "a", "where": ["a=y"] }] """, "charts[0].where: unknown 'y'; did you mean 'x'?")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }] }], "charts": [{ "title": "t", "x": "byte" }] """, "charts[0].x: unknown 'byte'; did you mean 'bytes'?")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }] }], "charts": [{ "title": "t", "x": "epoch", "y": "map" }] """, "charts[0].y: a chart over epoch has none")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }] }], "charts": [{ "title": "t", "x": "bytes", "along": "b" }] """, "charts[0].along: must be an axis (a, network); got 'b'")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x", "set": { "data": { "path": "{stduy}/x" } } }] }] """, "has {stduy}; known are {study}, {a}")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x", "set": { "student": { "start": { "weights": "{study}/a=y/student/weights.safetensors" } } } }] }] """, "cell a=x: student starts from ")]
    [InlineData(""" "axes": [{ "name": "a", "values": [{ "name": "x" }] }], "table": { "columns": "b" } """, "table.columns: must be an axis (a, network); got 'b'")]
    public void A_fault_is_named_before_any_work(string axes, string message)
    {
        TernException error = Assert.Throws<TernException>(() => TinyStudy.Plan(folder, axes));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["runs"]));
    }

    [Theory]
    [InlineData("study", "runs/study")]
    [InlineData("recipe", "runs/recipe-study")]
    public void It_has_a_folder_of_its_own_beside_the_run_of_a_recipe_of_the_same_name(string name, string expected)
    {
        TinyRecipe.Write(folder.Path);
        File.WriteAllText(folder["study.json"], $$"""{ "name": "{{name}}", "recipe": "recipe.json", "networks": ["student"], "axes": [{ "name": "a", "values": [{ "name": "x" }] }] }""");

        Assert.Equal(Path.GetFullPath(expected), StudyPlan.Read(folder["study.json"]).Folder);
    }

    [Fact]
    public void Every_study_of_the_project_fits_its_recipe_in_every_cell()
    {
        string[] studies = Directory.GetFiles(StudiesFolder(), "*.json");

        Assert.NotEmpty(studies);
        Assert.All(studies, path =>
        {
            try { Assert.Equal(Path.GetFileNameWithoutExtension(path), StudyPlan.Read(path).Spec.Name); }
            catch (TernException fault)                                                      // weights are fetched, not cloned
            {
                string[] faults = [.. fault.Message.Split('\n').Skip(1)];
                Assert.NotEmpty(faults);
                Assert.All(faults, line => Assert.Contains(".safetensors, which is not there", line));
            }
        });
    }

    /// <summary>Equal cost: every student is as wide as the cost of the first allows, and that cost is what the comment says. Classes are counted alike for all, so their number does not matter.</summary>
    [Fact]
    public void Every_student_of_the_faces_is_the_widest_that_costs_no_more_than_the_first()
    {
        const int Classes = 2;
        string path = Path.Combine(StudiesFolder(), "face-students.json");
        Recipe[] recipes = [.. StudyPlan.Read(path).Cells.Select(cell => cell.Runs[0].Recipe)];
        long Cost(ModelSpec model)
        {
            using var scope = new TensorScope();
            return ModelCost.MultiplyAddsOf(model.Build(recipes[0].Data.Shape, recipes[0].Bits, Classes), recipes[0].Data.Shape);
        }
        long budget = Cost(recipes[0].Student!.Model), teacher = Cost(recipes[0].Teacher!.Model!);
        Assert.Contains(FormattableString.Invariant($"within {(budget - recipes[0].Bits * Classes) / 1e6:F1} million multiply-adds"), File.ReadAllText(path));
        Assert.True(3 * budget <= teacher);
        Assert.Equal(7, recipes.Length);
        string[] wrong =
        [
            .. recipes.Skip(1).Select(recipe => (Model: (IScaledModel)recipe.Student!.Model, WidthFit.Find(recipe.Student!.Model, CostUnit.MultiplyAdds, budget, recipe.Data.Shape, recipe.Bits, Classes).Width))
                .Where(fit => !fit.Model.WithWidth(fit.Width).Equals(fit.Model)).Select(fit => $"{fit.Model}: {fit.Width}"),
        ];
        Assert.Empty(wrong);
    }

    /// <summary>No more multiply-adds than the DSH network, and no more bytes of weights than that has with its fully connected layers in two bits.</summary>
    [Fact]
    public void The_light_student_of_the_hashing_studies_costs_no_more_than_the_packed_DSH_network()
    {
        IReadOnlyList<StudyCell> cells = StudyPlan.Read(Path.Combine(StudiesFolder(), "dth-students.json")).Cells;
        ModelCost CostOf(string model)
        {
            Recipe recipe = cells.First(cell => $"{cell.Key}" == $"model={model}").Runs[0].Recipe.Resolve();
            using var scope = new TensorScope();
            HashingNetwork network = recipe.Student!.Model.Build(recipe.Data.Shape, recipe.Bits, 10);
            recipe.Quantize!.Weights.Apply(network, recipe.Student.Model);
            return ModelCost.Of(network, recipe.Data.Shape);
        }
        ModelCost packed = CostOf("dsh"), light = CostOf("light");
        Assert.Equal(12_824_480, packed.MultiplyAdds);
        Assert.Equal(12_119_960, light.MultiplyAdds);
        Assert.InRange(light.Bytes, packed.Bytes / 4, packed.Bytes);
    }

    [Fact]
    public void Texts_name_the_study_and_the_cell()
    {
        StudyPlan plan = TinyStudy.Plan(folder, """
            "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8, "data": { "path": "{study}/bits={bits}/data" } } }] }]
            """);

        Assert.Equal(Path.Combine(plan.Folder, "bits=8/data"), plan.Cells[0].Runs[0].Recipe.Data.Path);
    }

    [Theory]
    [InlineData("bits=12", true)]
    [InlineData("student.objective=[]", true)]
    [InlineData("student.objective.0.weight=2", true)]
    [InlineData("student={}", true)]
    [InlineData("seed=7", false)]
    [InlineData("student.training.epochs=1", false)]
    public void What_an_axis_varies_is_not_set_for_all_cells(string change, bool refused)
    {
        TinyStudy.Plan(folder, TinyStudy.Grid);

        Exception? error = Record.Exception(() => StudyPlan.Read(folder["study.json"], folder["runs/study"], [change]));

        Assert.Equal(refused, error is TernException { Message: var message } && message.Contains($"--set {change}: this is what the axis '"));
    }

    [Fact]
    public void Seeds_are_named_by_the_study_or_in_its_place()
    {
        StudyPlan plan = TinyStudy.Plan(folder, """
            "seeds": [3], "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """);
        StudyPlan other = StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [4, 5]);

        Assert.Equal([(3ul, "bits=8,seed=3")], Seeds(plan));
        Assert.Equal([(4ul, "bits=8,seed=4"), (5ul, "bits=8,seed=5")], Seeds(other));
        Assert.Contains("use --seeds", Assert.Throws<TernException>(() => StudyPlan.Read(folder["study.json"], plan.Folder, ["seed=2"])).Message);
        Assert.Equal("--seeds 4,4: must be different numbers", Assert.Throws<TernException>(() => StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [4, 4])).Message);

        static IEnumerable<(ulong, string)> Seeds(StudyPlan plan) => plan.Cells[0].Runs.Select(run => (run.Recipe.Seed, Path.GetFileName(run.Folder)));
    }

    [Fact]
    public void An_axis_of_seeds_does_not_stand_beside_seeds()
    {
        TinyStudy.Plan(folder, """
            "axes": [{ "name": "start", "values": [{ "name": "one", "set": { "seed": 1 } }, { "name": "two", "set": { "seed": 2 } }] }]
            """);

        Assert.StartsWith("cell start=one: its axis sets the seed", Assert.Throws<TernException>(() => StudyPlan.Read(folder["study.json"], seeds: [3])).Message);
    }

    [Fact]
    public void Weights_in_the_studys_own_folder_are_those_a_cell_makes()
    {
        const string Body = """
            "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }, { "name": "12", "set": { "bits": 12, "student": {
              "start": { "weights": "{study}/bits=8/student/weights.safetensors", "fresh": ["hash"] } } } }] }]
            """;
        StudyPlan plan = TinyStudy.Plan(folder, Body);
        Directory.CreateDirectory(Path.Combine(plan.Folder, "bits=8/student"));
        File.WriteAllText(Path.Combine(plan.Folder, "bits=8/student/weights.safetensors"), "");

        Assert.Contains("no cell before this one makes it", Assert.Throws<TernException>(() => StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [1, 2])).Message);
    }

    private static string StudiesFolder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "studies"));
}
