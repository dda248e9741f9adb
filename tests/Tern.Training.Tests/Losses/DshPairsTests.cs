using Tern.Torch;
using Tern.Training.Losses;

namespace Tern.Training.Tests.Losses;

public sealed class DshPairsTests : IDisposable
{
    private const int Count = 8, Bits = 5;
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("dshPairs", null, 0.01)]
    [InlineData("dshPairsNarrow", 9.0, 0.3)]
    public void Value_and_gradient_equal_PyTorchs(string name, double? margin, double alpha)
    {
        LossInput input = LossFixture.Hashes(out Tensor hash);
        LossFixture.AssertEqualsPyTorch(name, hash, new DshPairsLoss(margin, alpha).Compute(input));
    }

    [Theory]
    [InlineData(true, 1.264)]                                                            // 2.5 / 2 + 0.01 (0.5 + 0.2 + 0 + 0.7)
    [InlineData(false, 0.764)]                                                           // (4 - 2.5) / 2 + 0.014
    public void A_pair_by_hand(bool similar, double expected)
    {
        Tensor hash = Tensor.From([0.5, -1.2, 1, 0.3], 2, 2);
        Assert.Equal(expected, new DshPairsLoss().Compute(LossFixture.Of(hash, Tensor.From([0L, similar ? 0 : 1]), 2)).Item(), 1e-12);
    }

    /// <summary>Two equal outputs: the pair part has no gradient and what is left is 2 alpha delta(h) / N = delta(h) here.</summary>
    [Theory]
    [InlineData(1.5, 1)]
    [InlineData(0.4, -1)]
    [InlineData(-0.4, 1)]
    [InlineData(-1.5, -1)]
    [InlineData(1, 1)]                                                                   // the corners, as the paper's delta has them
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    public void The_pull_to_plus_and_minus_one_has_the_papers_subgradient(double h, double expected)
    {
        Tensor hash = Tensor.From([h, h], 2, 1);
        hash.RequiresGrad = true;
        new DshPairsLoss(Alpha: 1).Compute(LossFixture.Of(hash, Tensor.From([0L, 0]), 1)).Backward();
        Assert.All(hash.Gradient!.ToArray<double>(), actual => Assert.Equal(expected, actual, 1e-12));
    }

    [Fact]
    public void Value_and_gradient_equal_a_loop_over_pairs_of_several_labels()
    {
        double[] point = FiniteDifferences.Draw(Count * Bits, 3);
        float[] targets = Targets();
        (double margin, double alpha) = (6, 0.2);
        (double value, double[] gradient) = Loop(point, Similar(targets), margin, alpha);
        Tensor hash = Tensor.From(point, Count, Bits);
        hash.RequiresGrad = true;
        Tensor loss = new DshPairsLoss(margin, alpha).Compute(LossFixture.Of(hash, Tensor.From(new long[Count]), 3) with { Targets = Tensor.From(targets, Count, 3) });
        loss.Backward();
        Assert.Equal(value, loss.Item(), 1e-12);
        foreach ((double expected, double actual) in gradient.Zip(hash.Gradient!.ToArray<double>())) Assert.Equal(expected, actual, 1e-12);
    }

    [Fact]
    public void A_picture_without_labels_goes_away_from_all_but_itself()
    {
        // Were (0, 0) and (1, 1) pairs, each would add a hinge of m = 2.
        Tensor hash = Tensor.From([1d, -1], 2, 1);
        var input = LossFixture.Of(hash, Tensor.From([0L, 0]), 2) with { Targets = Tensor.Zeros([2, 2]) };
        Assert.Equal(0, new DshPairsLoss().Compute(input).Item(), 1e-12);
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        Tensor labels = Tensor.From([0L, 1, 0, 2, 1, 1]);
        FiniteDifferences.Check(FiniteDifferences.Draw(24, 5), [6, 4], x => new DshPairsLoss(5, 0.3).Compute(LossFixture.Of(x, labels, 3)));
    }

    /// <summary>
    /// What the authors' layer prints is not what it differentiates: the pair part of the printed loss has twice the gradient that is applied, the rest has
    /// it once. We follow the paper, which is twice what the layer applies in both parts.
    /// </summary>
    [Fact]
    public void The_authors_layer_prints_its_pair_part_doubled_and_applies_half_of_the_paper()
    {
        double[] point = FiniteDifferences.Draw(Count * Bits, 7);
        bool[,] similar = Similar(Targets());
        (double margin, double alpha) = (2 * Bits, 0.01);
        (double[] pairs, double[] rest) = Layer(point, similar, margin, alpha).Applied;
        (double[] printedPairs, double[] printedRest) = (Slope(point, x => Layer(x, similar, margin, alpha).Pairs), Slope(point, x => Layer(x, similar, margin, alpha).Pull));
        Tensor hash = Tensor.From(point, Count, Bits);
        hash.RequiresGrad = true;
        new DshPairsLoss(margin, alpha).Compute(LossFixture.Of(hash, Tensor.From(new long[Count]), 3) with { Targets = Tensor.From(Targets(), Count, 3) }).Backward();
        double[] ours = hash.Gradient!.ToArray<double>();
        for (int i = 0; i < point.Length; i++)
        {
            Assert.Equal(2 * pairs[i], printedPairs[i], 1e-7);
            Assert.Equal(rest[i], printedRest[i], 1e-7);
            Assert.Equal(2 * (pairs[i] + rest[i]), ours[i], 1e-12);
        }
        Assert.Contains(pairs, slope => Math.Abs(slope) > 1e-3);
    }

    /// <summary>Three labels, pictures with none, one and two of them.</summary>
    private static float[] Targets() => [1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1];

    private static bool[,] Similar(float[] targets)
    {
        var similar = new bool[Count, Count];
        for (int i = 0; i < Count; i++)
            for (int j = 0; j < Count; j++)
                similar[i, j] = Enumerable.Range(0, 3).Any(c => targets[i * 3 + c] == 1 && targets[j * 3 + c] == 1);
        return similar;
    }

    /// <summary>The definition, a pair at a time.</summary>
    private static (double Value, double[] Gradient) Loop(double[] h, bool[,] similar, double margin, double alpha)
    {
        double value = 0;
        var gradient = new double[h.Length];
        const double Pairs = Count * (Count - 1) / 2;
        for (int i = 0; i < Count; i++)
        {
            for (int j = i + 1; j < Count; j++)
            {
                double d = Distance(h, i, j);
                value += (similar[i, j] ? d : Math.Max(margin - d, 0)) / 2 / Pairs;
                double direction = similar[i, j] ? 1 : margin > d ? -1 : 0;
                for (int k = 0; k < Bits; k++)
                {
                    double apart = h[i * Bits + k] - h[j * Bits + k];
                    gradient[i * Bits + k] += direction * apart / Pairs;
                    gradient[j * Bits + k] -= direction * apart / Pairs;
                }
            }
            for (int k = 0; k < Bits; k++)
            {
                value += 2 * alpha * Math.Abs(Math.Abs(h[i * Bits + k]) - 1) / Count;
                gradient[i * Bits + k] += 2 * alpha * Delta(h[i * Bits + k]) / Count;
            }
        }
        return (value, gradient);
    }

    /// <summary>What HashingLossLayer of the authors' Caffe adds to its printed loss for pairs and for the rest, and to the gradient for each.</summary>
    private static (double Pairs, double Pull, (double[] Pairs, double[] Pull) Applied) Layer(double[] h, bool[,] similar, double margin, double tradeoff)
    {
        (double pairs, double rest) = (0, 0);
        (double[] pairSlope, double[] restSlope) = (new double[h.Length], new double[h.Length]);
        const double Scale = 1.0 / (Count * (Count - 1));
        for (int i = 0; i < Count; i++)
        {
            for (int j = i + 1; j < Count; j++)
            {
                double d = Distance(h, i, j);
                pairs += Scale * (similar[i, j] ? d : Math.Max(margin - d, 0));
                double direction = similar[i, j] ? Scale : margin - d > 0 ? -Scale : 0;
                for (int k = 0; k < Bits; k++)
                {
                    double apart = h[i * Bits + k] - h[j * Bits + k];
                    pairSlope[i * Bits + k] += direction * apart;
                    pairSlope[j * Bits + k] -= direction * apart;
                }
            }
            for (int k = 0; k < Bits; k++)
            {
                rest += tradeoff / Count * Math.Abs(Math.Abs(h[i * Bits + k]) - 1);
                restSlope[i * Bits + k] += tradeoff / Count * Delta(h[i * Bits + k]);
            }
        }
        return (pairs, rest, (pairSlope, restSlope));
    }

    private static double Distance(double[] h, int i, int j) => Enumerable.Range(0, Bits).Sum(k => Math.Pow(h[i * Bits + k] - h[j * Bits + k], 2));

    private static double Delta(double x) => x >= 1 || (x >= -1 && x <= 0) ? 1 : -1;

    private static double[] Slope(double[] point, Func<double[], double> function) => [.. Enumerable.Range(0, point.Length).Select(i =>
    {
        const double Step = 1e-5;
        double[] up = [.. point], down = [.. point];
        (up[i], down[i]) = (up[i] + Step, down[i] - Step);
        return (function(up) - function(down)) / (2 * Step);
    })];
}
