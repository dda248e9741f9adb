using Tern.Training.Losses;
using Tern.Training.Recipes;
using Tern.Training.Tests.Recipes;

namespace Tern.Training.Tests.Losses;

/// <summary>Each loss as a recipe writes it: read, written back the same, refused out of range.</summary>
public sealed class LossRecipeTests : IDisposable
{
    private const string Plain = "{ \"type\": \"codeDistillation\", \"weight\": 4 }";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, Loss> Written => new()
    {
        { "{ \"type\": \"crossEntropy\", \"labelSmoothing\": 0.1, \"temperature\": 0.5 }", new CrossEntropyLoss(0.1, 0.5) },
        { "{ \"type\": \"binaryCrossEntropy\", \"weight\": 2 }", new BinaryCrossEntropyLoss { Weight = 2 } },
        { "{ \"type\": \"codeDistillation\" }", new CodeDistillationLoss() },
        { "{ \"type\": \"codeDistillation\", \"form\": \"l2\" }", new CodeDistillationLoss(CodeDistance.L2) },
        { "{ \"type\": \"codeDistillation\", \"form\": \"soft\" }", new CodeDistillationLoss(CodeDistance.Soft) },
        { "{ \"type\": \"codeDistillation\", \"form\": \"binaryCrossEntropy\" }", new CodeDistillationLoss() },
        { "{ \"type\": \"softLabels\" }", new SoftLabelsLoss() },
        { "{ \"type\": \"softLabels\", \"form\": \"logits\", \"temperature\": 2, \"scaleByTemperature\": false }", new SoftLabelsLoss(SoftLabelForm.Logits, 2, false) },
        { "{ \"type\": \"dshPairs\" }", new DshPairsLoss() },
        { "{ \"type\": \"dshPairs\", \"margin\": null }", new DshPairsLoss() },
        { "{ \"type\": \"dshPairs\", \"margin\": 24, \"alpha\": 0.1, \"weight\": 0.5 }", new DshPairsLoss(24, 0.1) { Weight = 0.5 } },
        { "{ \"type\": \"dpsh\", \"eta\": 0.2 }", new DpshLoss(0.2) },
        { "{ \"type\": \"csq\", \"quantization\": 0.1, \"seed\": 7 }", new CsqLoss(0.1, 7) },
        { "{ \"type\": \"greedyHash\", \"alpha\": 1, \"classification\": \"binaryCrossEntropy\" }", new GreedyHashLoss(1, CodeClassification.BinaryCrossEntropy) },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void A_loss_is_read_and_written_back(string json, Loss expected)
    {
        Recipe recipe = Read(SmallRecipe.Text.Replace(Plain, json));
        Assert.Equal(expected, recipe.Student.Objective[1]);
        Assert.Equal(expected, Read(RecipeFile.ToJson(recipe)).Student.Objective[1]);
        Assert.Equal(recipe.Student.Objective[1].Name, System.Text.Json.Nodes.JsonNode.Parse(json)!["type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("softLabels", "temperature", "0", "must be above 0; got 0")]
    [InlineData("dshPairs", "margin", "0", "must be above 0, or null for twice the code length; got 0")]
    [InlineData("dshPairs", "alpha", "-1", "must be at least 0; got -1")]
    [InlineData("dpsh", "eta", "-1", "must be at least 0; got -1")]
    [InlineData("csq", "quantization", "-0.5", "must be at least 0; got -0.5")]
    [InlineData("csq", "seed", "-1", "must be a whole number of at least 0; got -1")]
    [InlineData("greedyHash", "alpha", "-1", "must be at least 0; got -1")]
    [InlineData("greedyHash", "classification", "\"softmax\"", "unknown 'softmax'. Known here: crossEntropy, binaryCrossEntropy")]
    [InlineData("codeDistillation", "form", "\"l1\"", "unknown 'l1'; did you mean 'l2'? Known here: binaryCrossEntropy, l2, soft")]
    [InlineData("softLabels", "form", "\"logit\"", "unknown 'logit'; did you mean 'logits'? Known here: softmax, logits")]
    [InlineData("binaryCrossEntropy", "weight", "-2", "must be at least 0; got -2")]
    public void A_value_out_of_range_is_told(string type, string key, string value, string expected) =>
        Assert.Contains($"line 25: student.objective[1].{key}: {expected}", Refused(SmallRecipe.Text.Replace(Plain, $"{{ \"type\": \"{type}\", \"{key}\": {value} }}")));

    [Fact]
    public void Pairs_alone_are_an_objective() =>
        Assert.Equal(new DshPairsLoss(), Assert.Single(Read(SmallRecipe.Text.Replace("{ \"type\": \"crossEntropy\" },\n", "").Replace(Plain, "{ \"type\": \"dshPairs\" }")).Student.Objective));

    [Fact]
    public void Soft_labels_of_a_classifier_that_learns_nothing_are_refused()
    {
        string text = SmallRecipe.Text.Replace("{ \"type\": \"crossEntropy\", \"labelSmoothing\": 0.1 }", "{ \"type\": \"dshPairs\" }");
        Assert.NotNull(Read(text));
        Assert.Contains("teacher.objective: its classifier learns nothing to teach from; add {\"type\": \"crossEntropy\"}", Refused(text.Replace(Plain, "{ \"type\": \"softLabels\" }")));
        Assert.Contains("its classifier learns nothing to teach from", Refused(text.Replace(Plain, "{ \"type\": \"softLabels\" }").Replace("dshPairs", "greedyHash")));
    }

    private Recipe Read(string text)
    {
        File.WriteAllText(folder["small.json"], text);
        return RecipeFile.Read(folder["small.json"]);
    }

    private string Refused(string text) => Assert.Throws<TernException>(() => Read(text)).Message;
}
