using System.Runtime.CompilerServices;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Recipes;

namespace Tern.Training.Tests.Recipes;

public sealed class RecipeFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Committed =>
        [.. Directory.GetFiles(RecipesFolder(), "*.json", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(RecipesFolder(), path))];

    [Theory]
    [MemberData(nameof(Committed))]
    public void Every_recipe_of_the_repository_is_read(string name)
    {
        Recipe recipe = RecipeFile.Read(Path.Combine(RecipesFolder(), name));
        Assert.Equal(Path.GetFileNameWithoutExtension(name), recipe.Name);
    }

    [Fact]
    public void Values_and_defaults_are_read()
    {
        Recipe recipe = Read(SmallRecipe.Text);
        Assert.Equal(("small", 12, 1UL, 2), (recipe.Name, recipe.Bits, recipe.Seed, recipe.Threads));
        Assert.Equal(folder["pictures"], recipe.Data.Path);
        Assert.Equal((DataFormat.Auto, BadImagePolicy.Skip), (recipe.Data.Format, recipe.Data.OnBadImage));
        Assert.Equal(0.5, Assert.IsType<Flip>(Assert.Single(recipe.Teacher!.Training!.Augment!)).Probability);
        Assert.Equal([1, 4], recipe.Student!.Objective.Select(loss => loss.Weight));
    }

    [Fact]
    public void Comments_trailing_commas_and_any_order_of_keys_are_read()
    {
        string text = SmallRecipe.Text.Replace("\"threads\": 2", "/* all\n of them */ \"threads\": 0, // this one too")
            .Replace("{ \"type\": \"cifarResNet\", \"depth\": 8, \"width\": 4 }", "{ \"width\": 4, \"depth\": 8, \"type\": \"cifarResNet\", }");
        Assert.Equal(0, Read(text).Threads);
    }

    [Fact]
    public void What_a_run_keeps_reads_back_the_same()
    {
        Recipe resolved = Read(SmallRecipe.Text).Resolve();
        string json = RecipeFile.ToJson(resolved);
        Assert.Equal(json, RecipeFile.ToJson(Read(json)));
        Assert.Equal(json, RecipeFile.ToJson(Read(json).Resolve()));
        Assert.NotNull(resolved.Evaluate);
        Assert.NotNull(resolved.Quantize!.Layers);
        Assert.Equal(resolved.Student!.Objective, resolved.Quantize.Objective);
        foreach (string key in new[] { "\"seed\": 1", "\"onBadImage\": \"skip\"", "\"teacherView\": \"fixed\"", "\"schedule\"", "\"precision\"", "\"examples\": 10", "\"recallAt\"" })
            Assert.Contains(key, json);
        Assert.DoesNotContain("null", json.Replace("\"classes\": null", ""));
    }

    [Fact]
    public void Layers_are_read_by_name_alone_or_with_values_and_keep_to_their_own()
    {
        string text = SmallRecipe.Text.Replace("\"threshold\": 0.05", "\"zeroRatio\": 0.4, \"layers\": [\"fullyConnected\", { \"match\": \"backbone.conv2\", \"threshold\": 0.1 }, { \"match\": \"hash\", \"bits\": 8 }]");
        Recipe recipe = Read(text);
        Assert.Equal([new("fullyConnected"), new("backbone.conv2", Threshold: 0.1), new("hash", Bits: 8)], recipe.Quantize!.Layers!);
        string json = RecipeFile.ToJson(recipe.Resolve());
        Assert.Equal(json, RecipeFile.ToJson(Read(json).Resolve()));
        Assert.Equal(recipe.Quantize.Layers, Read(json).Quantize!.Layers!);
        Assert.Equal(0, Read(SmallRecipe.Text.Replace("\"threshold\": 0.05,\n    \"training\": { \"epochs\": 1", "\"training\": { \"epochs\": 0")).Quantize!.Training.Epochs);
    }

    [Fact]
    public void A_path_stays_where_it_is_when_absolute_and_starts_at_the_recipe_otherwise()
    {
        Assert.Equal("/data/birds", Read(SmallRecipe.Text.Replace("\"pictures\"", "\"/data/birds\"")).Data.Path);
        Assert.Equal(Path.GetFullPath(folder["..", "ünï cödé"]), Read(SmallRecipe.Text.Replace("\"pictures\"", "\"../ünï cödé\"")).Data.Path);
    }

    [Fact]
    public void So_does_the_path_of_weights_to_start_from()
    {
        Recipe recipe = Read(SmallRecipe.Text.Replace("\"objective\": [", "\"start\": { \"weights\": \"../w.pth\", \"fresh\": [\"hash\"] }, \"objective\": ["));
        Assert.Equal(Path.GetFullPath(folder["..", "w.pth"]), recipe.Teacher!.Start!.Weights);
        Assert.Equal(Path.GetFullPath(folder["..", "w.pth"]), recipe.Student!.Start!.Weights);
        Assert.Equal(["hash"], recipe.Student!.Start.Fresh!);
        Assert.Equal(RecipeFile.ToJson(recipe), RecipeFile.ToJson(Read(RecipeFile.ToJson(recipe))));
    }

    [Fact]
    public void A_file_that_is_none_is_told()
    {
        Assert.Contains("recipe 'nowhere.json' does not exist", Assert.Throws<TernException>(() => RecipeFile.Read("nowhere.json")).Message);
        Assert.Contains("is a folder", Assert.Throws<TernException>(() => RecipeFile.Read(folder.Path)).Message);
        Assert.Contains("recipe '' does not exist", Assert.Throws<TernException>(() => RecipeFile.Read("")).Message);
    }

    private Recipe Read(string text)
    {
        File.WriteAllText(folder["small.json"], text);
        return RecipeFile.Read(folder["small.json"]);
    }

    private static string RecipesFolder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "recipes"));
}
