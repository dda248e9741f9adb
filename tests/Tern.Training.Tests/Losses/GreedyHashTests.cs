using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class GreedyHashTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Value_and_gradient_equal_PyTorchs_with_a_straight_through_function()
    {
        LossInput input = LossFixture.Hashes(out Tensor hash);
        Tensor weight = Tensor.From(LossFixture.Floats("classifier"), 5, 8), bias = Tensor.From(LossFixture.Floats("bias"));
        input = input with { Output = input.Output with { Classify = code => code.Linear(weight, bias) } };
        LossFixture.AssertEqualsPyTorch("greedyHash", hash, new GreedyHashLoss(0.2).Compute(input));
    }

    [Fact]
    public void By_hand()
    {
        // h = (3, 0) is the code (1, -1): 0 is stored as bit 0. Logits 1 x 1 and 1 x -1: ln(1 + e^-2) for class 0. Penalty (|3 - 1|^3 + |0 + 1|^3) / 2.
        LossInput input = Input(Tensor.From([3d, 0], 1, 2), Tensor.From([1d, 0, 0, 1], 2, 2), Tensor.From([0L]));
        Assert.Equal(Math.Log(1 + Math.Exp(-2)) + 0.1 * 4.5, new GreedyHashLoss().Compute(input).Item(), 1e-12);
        // Classes as questions of their own, the picture having neither: ln(1 + e) and ln(1 + 1/e).
        input = input with { Targets = Tensor.Zeros([1, 2]) };
        double expected = (Math.Log(1 + Math.E) + Math.Log(1 + 1 / Math.E)) / 2;
        Assert.Equal(expected, new GreedyHashLoss(0, CodeClassification.BinaryCrossEntropy).Compute(input).Item(), 1e-12);
    }

    [Theory]
    [InlineData(CodeClassification.CrossEntropy)]
    [InlineData(CodeClassification.BinaryCrossEntropy)]
    public void The_hash_layer_gets_the_gradient_of_the_code(CodeClassification classification)
    {
        // The value jumps with the sign, so differences are taken where the gradient comes from: at the code itself, which a plain classifier loss reads.
        Tensor labels = Tensor.From([0L, 2, 1]), weight = Tensor.From(FiniteDifferences.Draw(12, 9), 3, 4);
        double[] point = FiniteDifferences.Draw(12, 5), signs = [.. point.Select(h => h > 0 ? 1.0 : -1.0)];
        Loss plain = classification == CodeClassification.CrossEntropy ? new CrossEntropyLoss() : new BinaryCrossEntropyLoss();
        LossInput Plain(Tensor code) => new(new NetworkOutput(code, code, code.Linear(weight)), labels);
        FiniteDifferences.Check(signs, [3, 4], code => plain.Compute(Plain(code)));

        Tensor hash = Tensor.From(point, 3, 4), code = Tensor.From(signs, 3, 4);
        (hash.RequiresGrad, code.RequiresGrad) = (true, true);
        new GreedyHashLoss(0, classification).Compute(Input(hash, weight, labels)).Backward();
        plain.Compute(Plain(code)).Backward();
        Assert.Equal(code.Gradient!.ToArray<double>(), hash.Gradient!.ToArray<double>());
    }

    [Fact]
    public void The_penaltys_gradient_agrees_with_finite_differences()
    {
        Tensor none = Tensor.From(new double[8], 2, 4);                                  // a classifier of zeros: its loss is ln 2 wherever the code is
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 5), [3, 4], x => new GreedyHashLoss(0.7).Compute(Input(x, none, Tensor.From([0L, 1, 1]))));
    }

    [Fact]
    public void A_network_gives_its_own_classifier_and_trains_it()
    {
        TorchRuntime.Seed(3);
        HashingNetwork network = new DshSpec().Build(new ImageShape(16, 16, 1), bits: 6, classes: 3);
        network.Train();
        NetworkOutput output = network.Run(Tensor.RandomNormal(4, 1, 16, 16));
        Assert.Equal(output.Logits.ToArray<float>(), output.Classify!(output.Hash).ToArray<float>());
        new GreedyHashLoss().Compute(new LossInput(output, Tensor.From([0L, 1, 2, 0]))).Backward();
        Assert.All(network.Parameters, parameter => Assert.NotNull(parameter.Gradient));
    }

    private static LossInput Input(Tensor hash, Tensor weight, Tensor labels) =>
        new(new NetworkOutput(hash, hash, hash.Linear(weight)) { Classify = code => code.Linear(weight) }, labels);
}
