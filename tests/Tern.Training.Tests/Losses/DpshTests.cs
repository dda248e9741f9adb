using Tern.Torch;
using Tern.Training.Losses;

namespace Tern.Training.Tests.Losses;

public sealed class DpshTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Value_and_gradient_equal_PyTorchs()
    {
        LossInput input = LossFixture.Hashes(out Tensor hash);
        LossFixture.AssertEqualsPyTorch("dpsh", hash, new DpshLoss(0.1).Compute(input));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pair_by_hand(bool similar)
    {
        // theta = (1 x 2 + 1 x 1) / 2 = 3/2; the codes are (1, 1) and (1, 1), so ||b - h||^2 is 0 and 1, mean 1/2.
        Tensor hash = Tensor.From([1d, 1, 2, 1], 2, 2);
        double expected = Math.Log(1 + Math.Exp(1.5)) - (similar ? 1.5 : 0) + 0.2 / 2;
        Assert.Equal(expected, new DpshLoss(0.2).Compute(LossFixture.Of(hash, Tensor.From([0L, similar ? 0 : 1]), 2)).Item(), 1e-12);
    }

    [Fact]
    public void Pairs_of_several_labels_equal_a_loop()
    {
        double[] h = FiniteDifferences.Draw(12, 8);
        float[] targets = [1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0];                          // pictures 0 and 1, 1 and 2 share a label; 3 has none
        bool Share(int i, int j) => (i, j) is (0, 1) or (1, 2);
        double expected = 0;
        for (int i = 0; i < 4; i++)
            for (int j = i + 1; j < 4; j++)
            {
                double theta = Enumerable.Range(0, 3).Sum(k => h[i * 3 + k] * h[j * 3 + k]) / 2;
                expected -= ((Share(i, j) ? theta : 0) - Math.Log(1 + Math.Exp(theta))) / 6;
            }
        Tensor hash = Tensor.From(h, 4, 3);
        var input = LossFixture.Of(hash, Tensor.From(new long[4]), 3) with { Targets = Tensor.From(targets, 4, 3) };
        Assert.Equal(expected, new DpshLoss(0).Compute(input).Item(), 1e-12);
    }

    [Fact]
    public void Large_inner_products_do_not_overflow()
    {
        Tensor hash = Tensor.From([100f, 100f, 100f, 100f], 2, 2);                       // theta = 10,000
        hash.RequiresGrad = true;
        Tensor apart = new DpshLoss(0).Compute(LossFixture.Of(hash, Tensor.From([0L, 1]), 2));
        Assert.Equal(10_000, apart.Item(), 1e-2);
        apart.Backward();
        Assert.Equal([50f, 50f, 50f, 50f], hash.Gradient!.ToArray<float>());
        Assert.Equal(0, new DpshLoss(0).Compute(LossFixture.Of(hash, Tensor.From([0L, 0]), 2)).Item(), 1e-6);
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        Tensor labels = Tensor.From([0L, 1, 0, 2, 1, 1]);
        FiniteDifferences.Check(FiniteDifferences.Draw(24, 5), [6, 4], x => new DpshLoss(0.3).Compute(LossFixture.Of(x, labels, 3)));
    }
}
