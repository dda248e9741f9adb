using Tern.Training.Losses;
using Tern.Training.Recipes;

namespace Tern.Training.Tests.Recipes;

public sealed class RecipeOverrideTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public RecipeOverrideTests() => File.WriteAllText(folder["small.json"], SmallRecipe.Text);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Values_lists_and_objects_are_set()
    {
        Recipe recipe = Read(
            "bits=24", "name=other name", "student.training.epochs=3", "student.objective.1.weight=0.5", "data.mean.0=0.1", "data.deviation=[0.2]",
            "teacher.training.augment=[]", "student.model={\"type\": \"cifarResNet\", \"depth\": 14}", "data.format=csv", "data.path=a=b", "quantize=null");
        Assert.Equal((24, "other name", 3), (recipe.Bits, recipe.Name, recipe.Student!.Training.Epochs));
        Assert.Equal(0.5, recipe.Student!.Objective.OfType<CodeDistillationLoss>().Single().Weight);
        Assert.Equal((0.1, 0.2), (recipe.Data.Mean[0], recipe.Data.Deviation[0]));
        Assert.Empty(recipe.Teacher!.Training!.Augment!);
        Assert.Equal(folder["a=b"], recipe.Data.Path);
        Assert.Null(recipe.Quantize);
    }

    [Fact]
    public void A_key_that_was_left_out_can_be_set() => Assert.Equal(9UL, Read("seed=9").Seed);

    [Fact]
    public void The_last_of_two_changes_counts() => Assert.Equal(3, Read("bits=2", "bits=3").Bits);

    [Theory]
    [InlineData("bits", "expected path.to.key=value")]
    [InlineData("=3", "expected path.to.key=value")]
    [InlineData("studnt.training.epochs=3", "the recipe has no 'studnt' to set something in")]
    [InlineData("student.training.schedule.rise=0.2", "the recipe has no 'student.training.schedule' to set something in")]
    [InlineData("student.objective.7.weight=3", "the recipe has no 'student.objective[7]' to set something in")]
    [InlineData("student.objective.7={}", "the recipe has no 'student.objective[7]'; the list's positions are 0 to 1")]
    [InlineData("student.objective.-1={}", "the recipe has no 'student.objective[-1]'")]
    [InlineData("bits.x=3", "the recipe has no 'bits.x' to set")]
    public void A_change_with_nowhere_to_go_is_told(string change, string expected)
    {
        string message = Assert.Throws<TernException>(() => Read(change)).Message;
        Assert.StartsWith($"--set {change}: ", message);
        Assert.Contains(expected, message);
    }

    /// <summary>The file's line would say something else than what is wrong.</summary>
    [Theory]
    [InlineData("bits=5000", "--set bits: must lie in 1..1024; got 5000")]
    [InlineData("bits=many", "--set bits: must be a whole number; got \"many\"")]
    [InlineData("student.training.epoch=3", "--set student.training.epoch: unknown 'epoch'; did you mean 'epochs'?")]
    [InlineData("teacher.model={\"type\": \"dsh\", \"depth\": 3}", "--set teacher.model.depth: unknown 'depth'")]
    [InlineData("student.objective.1.weight=-1", "--set student.objective[1].weight: must be at least 0; got -1")]
    [InlineData("data.format=zip", "--set data.format: unknown 'zip'. Known here: auto")]
    [InlineData("teacher.model={\"type\": \"dsh\", \"type\": \"dsh\"}", "--set teacher.model: must be an object {...}")]
    public void A_wrong_value_is_blamed_on_the_change(string change, string expected)
    {
        string message = Assert.Throws<TernException>(() => Read(change)).Message;
        Assert.Contains($"\n  {expected}", message);
        Assert.DoesNotContain("line ", message);
    }

    private Recipe Read(params string[] changes) => RecipeFile.Read(folder["small.json"], changes);
}
