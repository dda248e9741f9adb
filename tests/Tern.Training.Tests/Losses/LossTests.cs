using System.Text.Json;
using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class LossTests : IDisposable
{
    private readonly TensorScope scope = new();
    private readonly JsonElement fixture = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "losses.json"))).RootElement;

    public void Dispose() => scope.Dispose();

    private float[] Floats(string name) => [.. fixture.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];

    private void AssertEqualsPyTorch(string name, Tensor leaf, Tensor loss)
    {
        JsonElement expected = fixture.GetProperty(name);
        double value = expected.GetProperty("value").GetDouble();
        Assert.Equal(value, loss.Item(), Math.Abs(value) * 1e-5);
        loss.Backward();
        float[] gradient = [.. expected.GetProperty("gradient").EnumerateArray().Select(item => item.GetSingle())];
        float[] actual = leaf.Gradient!.ToArray<float>();
        double scale = gradient.Max(Math.Abs);
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(gradient[i], actual[i], scale * 1e-5);
    }

    [Theory]
    [InlineData("plain", 0, 1)]
    [InlineData("smoothed", 0.1, 1)]
    [InlineData("halfTemperature", 0, 0.5)]
    public void Cross_entropy_equals_PyTorchs(string name, double smoothing, double temperature)
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5);
        logits.RequiresGrad = true;
        Tensor labels = Tensor.From(fixture.GetProperty("labels").EnumerateArray().Select(label => label.GetInt64()).ToArray());
        var input = new LossInput(new NetworkOutput(logits, logits, logits), labels);
        AssertEqualsPyTorch(name, logits, new CrossEntropyLoss(smoothing, temperature).Compute(input));
    }

    [Fact]
    public void Code_distillation_equals_PyTorchs_binary_cross_entropy_with_the_rounded_code()
    {
        Tensor student = Tensor.From(Floats("student"), 4, 7), teacher = Tensor.From(Floats("teacher"), 4, 7);
        student.RequiresGrad = true;
        AssertEqualsPyTorch("code", student, new CodeDistillationLoss().Compute(Input(student, teacher)));
    }

    [Fact]
    public void Half_the_temperature_is_twice_the_logits()
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5), labels = Tensor.From([0L, 1, 2, 3, 4, 0]);
        double halved = new CrossEntropyLoss(Temperature: 0.5).Compute(new LossInput(new NetworkOutput(logits, logits, logits), labels)).Item();
        Tensor twice = logits * 2;
        Assert.Equal(new CrossEntropyLoss().Compute(new LossInput(new NetworkOutput(twice, twice, twice), labels)).Item(), halved, 1e-6);
    }

    [Fact]
    public void Code_distillation_by_hand()
    {
        // h = 0 against bit 1: -ln 0.5; h = ln 3 against bit 0: -ln(1 - 0.75) = ln 4. Mean (0.693147 + 1.386294) / 2. A teacher's h = 0 is bit 0.
        Tensor student = Tensor.From([0f, MathF.Log(3)], 1, 2), teacher = Tensor.From([5f, 0f], 1, 2);
        Assert.Equal((Math.Log(2) + Math.Log(4)) / 2, new CodeDistillationLoss().Compute(Input(student, teacher)).Item(), 1e-6);
    }

    [Fact]
    public void Code_distillation_sends_no_gradient_to_the_teacher()
    {
        Tensor student = Tensor.From(Floats("student"), 4, 7), teacher = Tensor.From(Floats("teacher"), 4, 7);
        student.RequiresGrad = true;
        teacher.RequiresGrad = true;
        new CodeDistillationLoss().Compute(Input(student, teacher)).Backward();
        Assert.Null(teacher.Gradient);
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        Tensor labels = Tensor.From([2L, 0, 1]);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 1), [3, 4], x => new CrossEntropyLoss(0.2, 0.7).Compute(new LossInput(new NetworkOutput(x, x, x), labels)));
        Tensor teacher = Tensor.From(FiniteDifferences.Draw(12, 3), 3, 4);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 2), [3, 4], x => new CodeDistillationLoss().Compute(Input(x, teacher)));
    }

    [Fact]
    public void An_objective_is_the_weighted_sum_of_its_terms_and_names_each()
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5), labels = Tensor.From([0L, 1, 2, 3, 4, 0]);
        var output = new NetworkOutput(logits, logits, logits);
        LossBreakdown breakdown = Objective.Compute(
            [new CrossEntropyLoss { Weight = 2 }, new CodeDistillationLoss { Weight = 3 }], new LossInput(output, labels, new NetworkOutput(-logits, -logits, -logits)));
        Assert.Equal(["crossEntropy", "codeDistillation"], breakdown.Terms.Select(term => term.Name));
        Assert.Equal(2 * breakdown.Terms[0].Value.Item() + 3 * breakdown.Terms[1].Value.Item(), breakdown.Total.Item(), 1e-4);
    }

    private static LossInput Input(Tensor student, Tensor teacher) => new(new NetworkOutput(student, student, student), student, new NetworkOutput(teacher, teacher, teacher));
}
