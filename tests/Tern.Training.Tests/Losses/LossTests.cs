using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;
using static Tern.Training.Tests.Losses.LossFixture;

namespace Tern.Training.Tests.Losses;

public sealed class LossTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("plain", 0, 1)]
    [InlineData("smoothed", 0.1, 1)]
    [InlineData("halfTemperature", 0, 0.5)]
    [InlineData("auxiliary", 0.1, 0.5)]                                                  // as CGD's auxiliary softmax
    public void Cross_entropy_equals_PyTorchs(string name, double smoothing, double temperature)
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5);
        logits.RequiresGrad = true;
        Tensor labels = LossFixture.Integers("labels");
        var input = new LossInput(new NetworkOutput(logits, logits, logits), labels);
        AssertEqualsPyTorch(name, logits, new CrossEntropyLoss(smoothing, temperature).Compute(input));
    }

    [Theory]
    [InlineData("code", CodeDistance.BinaryCrossEntropy)]
    [InlineData("codeL2", CodeDistance.L2)]
    [InlineData("codeSoft", CodeDistance.Soft)]
    public void Code_distillation_equals_PyTorchs(string name, CodeDistance form)
    {
        Tensor student = Tensor.From(Floats("student"), 4, 7), teacher = Tensor.From(Floats("teacher"), 4, 7);
        student.RequiresGrad = true;
        AssertEqualsPyTorch(name, student, new CodeDistillationLoss(form).Compute(Input(student, teacher)));
    }

    [Fact]
    public void Binary_cross_entropy_equals_PyTorchs_over_several_labels()
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5);
        logits.RequiresGrad = true;
        var input = new LossInput(new NetworkOutput(logits, logits, logits), Integers("labels")) { Targets = Tensor.From(Floats("targets"), 6, 5) };
        AssertEqualsPyTorch("severalLabels", logits, new BinaryCrossEntropyLoss().Compute(input));
    }

    [Fact]
    public void Binary_cross_entropy_of_two_labels_by_hand()
    {
        // Logits 0, 0, ln 3 against 1, 1, 0: ln 2, ln 2, ln 4; the mean over three classes.
        Tensor logits = Tensor.From([0f, 0f, MathF.Log(3)], 1, 3);
        var input = new LossInput(new NetworkOutput(logits, logits, logits), Tensor.From([0L])) { Targets = Tensor.From([1f, 1f, 0f], 1, 3) };
        Assert.Equal(4 * Math.Log(2) / 3, new BinaryCrossEntropyLoss().Compute(input).Item(), 1e-6);
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
    public void Smoothed_and_at_a_temperature_by_hand()
    {
        // Logits ln(3)/2 and 0 at temperature 1/2 are 3/4 and 1/4; smoothing 0.1 over two classes asks for 0.95 and 0.05.
        Tensor logits = Tensor.From([Math.Log(3) / 2, 0], 1, 2);
        double expected = -0.95 * Math.Log(0.75) - 0.05 * Math.Log(0.25);
        Assert.Equal(expected, new CrossEntropyLoss(0.1, 0.5).Compute(new LossInput(new NetworkOutput(logits, logits, logits), Tensor.From([0L]))).Item(), 1e-12);
    }

    [Fact]
    public void Without_smoothing_and_temperature_it_is_the_plain_one_to_the_last_bit()
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5), labels = Tensor.From([0L, 1, 2, 3, 4, 0]);
        Assert.Equal(logits.CrossEntropy(labels).Item(), new CrossEntropyLoss().Compute(new LossInput(new NetworkOutput(logits, logits, logits), labels)).Item());
    }

    [Fact]
    public void Code_distillation_by_hand()
    {
        // h = 0 against bit 1: -ln 0.5; h = ln 3 against bit 0: -ln(1 - 0.75) = ln 4. Mean (0.693147 + 1.386294) / 2. A teacher's h = 0 is bit 0.
        Tensor student = Tensor.From([0f, MathF.Log(3)], 1, 2), teacher = Tensor.From([5f, 0f], 1, 2);
        double Value(CodeDistance form) => new CodeDistillationLoss(form).Compute(Input(student, teacher)).Item();
        Assert.Equal((Math.Log(2) + Math.Log(4)) / 2, Value(CodeDistance.BinaryCrossEntropy), 1e-6);
        Assert.Equal((0.5 * 0.5 + 0.75 * 0.75) / 2, Value(CodeDistance.L2), 1e-6);
        // Soft: the teacher's second bit is 1/2, so -(ln 0.75 + ln 0.25) / 2; its first is sigmoid(5), against which p = 1/2 costs ln 2 whatever it is.
        Assert.Equal((Math.Log(2) - (Math.Log(0.75) + Math.Log(0.25)) / 2) / 2, Value(CodeDistance.Soft), 1e-6);
    }

    [Theory]
    [InlineData(CodeDistance.BinaryCrossEntropy)]
    [InlineData(CodeDistance.L2)]
    [InlineData(CodeDistance.Soft)]
    public void Code_distillation_sends_no_gradient_to_the_teacher(CodeDistance form)
    {
        Tensor student = Tensor.From(Floats("student"), 4, 7), teacher = Tensor.From(Floats("teacher"), 4, 7);
        student.RequiresGrad = true;
        teacher.RequiresGrad = true;
        new CodeDistillationLoss(form).Compute(Input(student, teacher)).Backward();
        Assert.Null(teacher.Gradient);
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        Tensor labels = Tensor.From([2L, 0, 1]);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 1), [3, 4], x => new CrossEntropyLoss(0.2, 0.7).Compute(new LossInput(new NetworkOutput(x, x, x), labels)));
        Tensor teacher = Tensor.From(FiniteDifferences.Draw(12, 3), 3, 4);
        foreach (CodeDistance form in Enum.GetValues<CodeDistance>())
            FiniteDifferences.Check(FiniteDifferences.Draw(12, 2), [3, 4], x => new CodeDistillationLoss(form).Compute(Input(x, teacher)));
        Tensor targets = Tensor.From([1f, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1], 3, 4);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 4), [3, 4], x =>
            new BinaryCrossEntropyLoss().Compute(new LossInput(new NetworkOutput(x, x, x), labels) { Targets = targets }));
    }

    [Fact]
    public void An_objective_is_the_weighted_sum_of_its_terms_and_names_each()
    {
        Tensor logits = Tensor.From(Floats("logits"), 6, 5), labels = Tensor.From([0L, 1, 2, 3, 4, 0]);
        var output = new NetworkOutput(logits, logits, logits);
        LossBreakdown breakdown = new Objective([new CrossEntropyLoss { Weight = 2 }, new CodeDistillationLoss { Weight = 3 }])
            .Compute(new LossInput(output, labels, new NetworkOutput(-logits, -logits, -logits)));
        Assert.Equal(["crossEntropy", "codeDistillation"], breakdown.Terms.Select(term => term.Name));
        Assert.Equal(2 * breakdown.Terms[0].Value.Item() + 3 * breakdown.Terms[1].Value.Item(), breakdown.Total.Item(), 1e-4);
    }

    private static LossInput Input(Tensor student, Tensor teacher) => new(new NetworkOutput(student, student, student), student, new NetworkOutput(teacher, teacher, teacher));
}
