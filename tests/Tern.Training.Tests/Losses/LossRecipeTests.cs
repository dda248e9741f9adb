using Tern.Training.Losses;
using Tern.Training.Recipes;
using Tern.Training.Tests.Recipes;

namespace Tern.Training.Tests.Losses;

/// <summary>Each loss as a recipe writes it: read, written back the same, refused out of range.</summary>
public sealed class LossRecipeTests : IDisposable
{
    private const string Plain = "{ \"type\": \"codeDistillation\", \"weight\": 4 }";

    /// <summary>With batches that every loss can learn from.</summary>
    private static readonly string Balanced = SmallRecipe.Text.Replace("\"batchSize\": 12,", "\"batches\": { \"type\": \"balanced\", \"classes\": 4, \"perClass\": 3 },");

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
        { "{ \"type\": \"hint\" }", new HintLoss() },
        { "{ \"type\": \"hint\", \"normalized\": true, \"adapter\": true, \"weight\": 3 }", new HintLoss(true, true) { Weight = 3 } },
        { "{ \"type\": \"hint\", \"tap\": \"hash\", \"teacherTap\": \"embedding\" }", new HintLoss(Tap: "hash", TeacherTap: "embedding") },
        { "{ \"type\": \"relational\", \"distance\": 1, \"angle\": 0 }", new RelationalLoss(1, 0) },
        { "{ \"type\": \"dshPairs\" }", new DshPairsLoss() },
        { "{ \"type\": \"dshPairs\", \"margin\": null }", new DshPairsLoss() },
        { "{ \"type\": \"dshPairs\", \"margin\": 24, \"alpha\": 0.1, \"weight\": 0.5 }", new DshPairsLoss(24, 0.1) { Weight = 0.5 } },
        { "{ \"type\": \"dpsh\", \"eta\": 0.2 }", new DpshLoss(0.2) },
        { "{ \"type\": \"csq\", \"quantization\": 0.1, \"seed\": 7 }", new CsqLoss(0.1, 7) },
        { "{ \"type\": \"batchHardTriplet\" }", new BatchHardTripletLoss(0.1) },
        { "{ \"type\": \"batchHardTriplet\", \"margin\": 0.3, \"soft\": true, \"weight\": 2 }", new BatchHardTripletLoss(0.3, true) { Weight = 2 } },
        { "{ \"type\": \"semiHardTriplet\", \"margin\": 0.5 }", new SemiHardTripletLoss(0.5) },
        { "{ \"type\": \"hap2s\" }", new Hap2sLoss() },
        { "{ \"type\": \"hap2s\", \"weighting\": \"exponential\", \"soft\": false, \"margin\": 0.2, \"sigma\": 0.7, \"alpha\": 3 }", new Hap2sLoss(SetWeighting.Exponential, false, 0.2, 0.7, 3) },
        { "{ \"type\": \"marginPairs\" }", new MarginLoss(0.2, 1.2, 0.1) },
        { "{ \"type\": \"marginPairs\", \"margin\": 0.1, \"beta\": 1, \"betaRate\": 0 }", new MarginLoss(0.1, 1, 0) },
        { "{ \"type\": \"contrastive\", \"margin\": 0.8, \"positiveMargin\": 0.1 }", new ContrastiveLoss(0.8, 0.1) },
        { "{ \"type\": \"greedyHash\", \"alpha\": 1, \"classification\": \"binaryCrossEntropy\" }", new GreedyHashLoss(1, CodeClassification.BinaryCrossEntropy) },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void A_loss_is_read_and_written_back(string json, Loss expected)
    {
        Recipe recipe = Read(Balanced.Replace(Plain, json));
        Assert.Equal(expected, recipe.Student!.Objective[1]);
        Assert.Equal(expected, Read(RecipeFile.ToJson(recipe)).Student!.Objective[1]);
        Assert.StartsWith(System.Text.Json.Nodes.JsonNode.Parse(json)!["type"]!.GetValue<string>(), recipe.Student!.Objective[1].Name);
    }

    [Theory]
    [InlineData("softLabels", "temperature", "0", "must be above 0; got 0")]
    [InlineData("hint", "tap", "\"\"", "must be embedding, hash, logits or the name of a layer; got ''")]
    [InlineData("relational", "distance", "-1", "must be at least 0; got -1")]
    [InlineData("relational", "angle", "-1", "must be at least 0; got -1")]
    [InlineData("dshPairs", "margin", "0", "must be above 0, or null for twice the code length; got 0")]
    [InlineData("dshPairs", "alpha", "-1", "must be at least 0; got -1")]
    [InlineData("dpsh", "eta", "-1", "must be at least 0; got -1")]
    [InlineData("csq", "quantization", "-0.5", "must be at least 0; got -0.5")]
    [InlineData("csq", "seed", "-1", "must be a whole number of at least 0; got -1")]
    [InlineData("greedyHash", "alpha", "-1", "must be at least 0; got -1")]
    [InlineData("greedyHash", "classification", "\"softmax\"", "unknown 'softmax'. Known here: crossEntropy, binaryCrossEntropy")]
    [InlineData("batchHardTriplet", "margin", "0", "must be above 0; got 0")]
    [InlineData("semiHardTriplet", "margin", "4", "must lie between 0 and 4, the largest squared distance; got 4")]
    [InlineData("hap2s", "margin", "-1", "must be above 0; got -1")]
    [InlineData("hap2s", "sigma", "0", "must be above 0; got 0")]
    [InlineData("hap2s", "alpha", "-1", "must be at least 0; got -1")]
    [InlineData("hap2s", "weighting", "\"linear\"", "unknown 'linear'")]
    [InlineData("marginPairs", "margin", "0", "must be above 0; got 0")]
    [InlineData("marginPairs", "beta", "2", "must lie between 0 and 2, the largest distance; got 2")]
    [InlineData("marginPairs", "betaRate", "-0.1", "must be at least 0; got -0.1")]
    [InlineData("contrastive", "margin", "0", "must be above 0; got 0")]
    [InlineData("contrastive", "positiveMargin", "1", "must be at least 0 and below margin (1); got 1")]
    [InlineData("codeDistillation", "form", "\"l1\"", "unknown 'l1'; did you mean 'l2'? Known here: binaryCrossEntropy, l2, soft")]
    [InlineData("softLabels", "form", "\"logit\"", "unknown 'logit'; did you mean 'logits'? Known here: softmax, logits")]
    [InlineData("binaryCrossEntropy", "weight", "-2", "must be at least 0; got -2")]
    public void A_value_out_of_range_is_told(string type, string key, string value, string expected) =>
        Assert.Contains($"line 25: student.objective[1].{key}: {expected}", Refused(Balanced.Replace(Plain, $"{{ \"type\": \"{type}\", \"{key}\": {value} }}")));

    [Theory]
    [InlineData("batchHardTriplet")]
    [InlineData("semiHardTriplet")]
    [InlineData("hap2s")]
    [InlineData("marginPairs")]
    [InlineData("contrastive")]
    public void Ranking_needs_batches_with_several_pictures_of_a_class_in_every_network_that_is_trained(string type)
    {
        string told = $"training.batches: {type} learns from several pictures of a class in a batch; use {{\"type\": \"balanced\", \"classes\": 8, \"perClass\": 4}}; got ";
        string ranking = SmallRecipe.Text.Replace(Plain, $"{{ \"type\": \"{type}\" }}"), message = Refused(ranking);
        Assert.Contains($"line 27: student.{told}shuffled ones", message);
        Assert.Contains($"line 31: quantize.{told}shuffled ones", message);
        Assert.DoesNotContain("teacher.training.batches", message);

        string single = Balanced.Replace("\"perClass\": 3", "\"perClass\": 1").Replace(Plain, $"{{ \"type\": \"{type}\" }}");
        Assert.Contains($"student.{told}perClass 1", Refused(single));
        const string Quantized = "\"training\": { \"epochs\": 1, \"batchSize\": 12, \"optimizer\": { \"type\": \"adam\"";
        Assert.DoesNotContain("quantize.training.batches", Refused(ranking.Replace(Quantized, Quantized.Replace("\"epochs\": 1", "\"epochs\": 0"))));
    }

    [Fact]
    public void Pairs_alone_are_an_objective() =>
        Assert.Equal(new DshPairsLoss(), Assert.Single(Read(SmallRecipe.Text.Replace("{ \"type\": \"crossEntropy\" },\n", "").Replace(Plain, "{ \"type\": \"dshPairs\" }")).Student!.Objective));

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
