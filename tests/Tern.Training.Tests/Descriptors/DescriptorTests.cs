using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Descriptors;

namespace Tern.Training.Tests.Descriptors;

public sealed class DescriptorTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    /// <summary>Of {1, 2, 3, 4}: mean 2.5, largest 4, (1 + 8 + 27 + 64) / 4 = 25 and its cube root 2.92402.</summary>
    [Fact]
    public void Mean_largest_and_generalised_mean_of_a_small_map_are_those_by_hand()
    {
        Tensor map = Tensor.From([1f, 2, 3, 4, 0, 0, 5, 0], 1, 2, 2, 2);
        AssertNear([2.5f, 1.25f], new Spoc()[map]);
        AssertNear([4, 5], new Mac()[map]);
        AssertNear([2.92402f, MathF.Cbrt(125f / 4)], new Gem(3)[map]);
        AssertNear([2.5f, 1.25f], new Gem(1)[map]);
        Assert.Equal([1L, 2], new Gem(3)[map].Shape);
    }

    [Fact]
    public void The_generalised_mean_lies_between_the_mean_and_the_largest_and_grows_with_p()
    {
        Tensor map = Tensor.From(FiniteDifferences.Draw(2 * 3 * 5 * 4, 1).Select(value => (float)Math.Abs(value)).ToArray(), 2, 3, 5, 4);
        float[][] rising = [new Spoc()[map].ToArray<float>(), .. new[] { 1.5, 3, 6, 12 }.Select(p => new Gem(p)[map].ToArray<float>()), new Mac()[map].ToArray<float>()];
        for (int i = 1; i < rising.Length; i++)
            Assert.All(rising[i].Zip(rising[i - 1]), pair => Assert.True(pair.First >= pair.Second - 1e-5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_are_those_of_differences_and_stay_finite_on_a_map_of_zeros(bool learn)
    {
        double[] point = [.. FiniteDifferences.Draw(2 * 2 * 3 * 2, 2).Select(value => Math.Abs(value) + 0.1)];
        double[] probe = FiniteDifferences.Draw(4, 3);
        // float32 inside: differences of doubles cannot be finer than its rounding, so the descriptor is written out here in double.
        FiniteDifferences.Check(point, [2, 2, 3, 2], map => (Generalised(map, 3) * Tensor.From(probe, 2, 2)).Sum());
        Tensor single = Tensor.From([.. point.Select(value => (float)value)], 2, 2, 3, 2), wide = Tensor.From(point, 2, 2, 3, 2);
        single.RequiresGrad = wide.RequiresGrad = true;
        (new Gem(3, learn)[single] * Tensor.From([.. probe.Select(value => (float)value)], 2, 2)).Sum().Backward();
        (Generalised(wide, 3) * Tensor.From(probe, 2, 2)).Sum().Backward();
        Assert.All(single.Gradient!.ToArray<float>().Zip(wide.Gradient!.ToArray<double>()), pair => Assert.Equal(pair.Second, pair.First, 1e-4));

        Tensor zeros = Tensor.Zeros([2, 3, 4, 4]);
        zeros.RequiresGrad = true;
        var gem = new Gem(3, learn);
        gem[zeros].Sum().Backward();
        Assert.True(zeros.Gradient!.AllFinite());
        if (learn) Assert.True(gem.StateDict["p"].Gradient!.AllFinite());
    }

    /// <summary>Powers that no float holds: (1e-5)^12 and 20^50. One value v among n has the mean v / n^(1/p).</summary>
    [Theory]
    [InlineData(12, 1e-5f)]
    [InlineData(50, 20f)]
    [InlineData(50, 1e-3f)]
    public void However_large_p_and_however_small_the_values_it_is_the_mean_with_a_finite_gradient(double p, float value)
    {
        foreach (bool learn in new[] { false, true })
        {
            Tensor map = Tensor.From([value, 0, 0, 0], 1, 1, 2, 2);
            map.RequiresGrad = true;
            Tensor mean = new Gem(p, learn)[map];
            Assert.Equal(value / Math.Pow(4, 1 / p), mean.Item(), value * 1e-4);
            mean.Sum().Backward();
            Assert.True(map.Gradient!.AllFinite());
            Assert.Equal(Math.Pow(4, -1 / p), map.Gradient!.ToArray<float>()[0], 1e-4);
        }
    }

    /// <summary>d/dp of the generalised mean of {1, 3} at p = 2, by differences of plain arithmetic.</summary>
    [Fact]
    public void A_learned_p_has_the_gradient_of_the_formula()
    {
        static double Mean(double p) => Math.Pow((1 + Math.Pow(3, p)) / 2, 1 / p);
        var gem = new Gem(2, learn: true);
        gem[Tensor.From([1f, 3], 1, 1, 1, 2)].Sum().Backward();
        Assert.Equal((Mean(2 + 1e-6) - Mean(2 - 1e-6)) / 2e-6, gem.StateDict["p"].Gradient!.ToArray<float>()[0], 1e-4);
    }

    [Fact]
    public void A_vector_of_zeros_is_normalised_to_itself_with_a_finite_gradient()
    {
        Tensor rows = Tensor.From([3f, 4, 0, 0], 2, 2);
        rows.RequiresGrad = true;
        Tensor unit = rows.Normalize();
        AssertNear([0.6f, 0.8f, 0, 0], unit);
        unit.Sum().Backward();
        Assert.True(rows.Gradient!.AllFinite());
    }

    private static Tensor Generalised(Tensor map, double p) => map.ClampMin(1e-6).Pow(p).Mean(2, 3).Pow(1 / p);

    private static void AssertNear(float[] expected, Tensor actual) => Assert.All(expected.Zip(actual.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
}
