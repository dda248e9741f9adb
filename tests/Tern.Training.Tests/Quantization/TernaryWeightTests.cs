using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Quantization;

namespace Tern.Training.Tests.Quantization;

public sealed class TernaryWeightTests : IDisposable
{
    // The oracle: D = 0.05 * 0.9 = 0.045, so 0.03 and -0.04 become 0.
    private static readonly float[] Oracle = [0.9f, -0.5f, 0.03f, -0.04f, 0.2f];
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    private static TernaryWeight With(Tensor weight, float positive, float negative, double threshold = 0.05)
    {
        var ternary = new TernaryWeight(weight, new TernaryLimit(threshold));
        ternary.Load(new Dictionary<string, Tensor> { ["positive"] = Tensor.From([positive]), ["negative"] = Tensor.From([negative]) });
        return ternary;
    }

    [Fact]
    public void A_scale_pushed_against_its_bound_can_come_back()
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.From([0.9f, -0.5f, 0.7f, -0.6f], 2, 2);
        var ternary = new TernaryWeight(weight, new TernaryLimit(0.05, null));
        using (new NoGrad()) ternary.StateDict["positive"].Copy_(Tensor.From([-0.3f]));

        ternary[weight].Sum().Backward();

        Assert.Equal(1e-4f, ternary.Scales.Positive);
        Assert.Equal(2f, ternary.StateDict["positive"].Gradient!.Item());                     // the chain rule: two weights are above the limit
    }

    [Fact]
    public void Weights_become_plus_zero_or_minus_their_scale()
    {
        Tensor weight = Tensor.From(Oracle, 1, 5);
        TernaryWeight ternary = With(weight, 1.1f, 0.7f);
        Assert.Equal(0.045f, new TernaryLimit(0.05).Of(weight).Item(), 1e-7);
        Assert.Equal([1, -1, 0, 0, 1], ternary.Trits(weight));
        Assert.Equal([1.1f, -0.7f, 0f, 0f, 1.1f], ternary[weight].ToArray<float>());
    }

    [Fact]
    public void Gradients_are_those_of_the_paper_with_the_chain_rules_sign_for_the_negative_scale()
    {
        // g = 1..5: dWp = 1 + 5 = 6; dWn = -2 (the paper prints +2); dw = Wp g, Wn g, g, g, Wp g.
        Tensor weight = Tensor.From(Oracle, 1, 5);
        weight.RequiresGrad = true;
        TernaryWeight ternary = With(weight, 1.1f, 0.7f);
        (ternary[weight] * Tensor.From([1f, 2f, 3f, 4f, 5f], 1, 5)).Sum().Backward();
        IReadOnlyDictionary<string, Tensor> scales = ternary.StateDict;
        Assert.Equal(6f, scales["positive"].Gradient!.ToArray<float>()[0], 1e-5);
        Assert.Equal(-2f, scales["negative"].Gradient!.ToArray<float>()[0], 1e-5);
        float[] expected = [1.1f, 1.4f, 3f, 4f, 5.5f];
        foreach ((float wanted, float actual) in expected.Zip(weight.Gradient!.ToArray<float>())) Assert.Equal(wanted, actual, 1e-5);
    }

    [Fact]
    public void Scale_gradients_agree_with_finite_differences()
    {
        Tensor weight = Tensor.From(FiniteDifferences.Draw(24, 5), 4, 6), factor = Tensor.From(FiniteDifferences.Draw(24, 6), 4, 6);
        TernaryWeight ternary = With(weight, 0.8f, 0.6f, 0.3);
        (ternary[weight] * factor).Sum().Backward();
        foreach ((string name, Tensor scale) in ternary.StateDict)
        {
            // Linear in the scale, so a large step is exact but for rounding of the float32 scale.
            double Value(float at)
            {
                scale.Detach().Fill_(at);
                return (ternary[weight] * factor).Sum().Item();
            }
            float before = scale.ToArray<float>()[0];
            double difference = (Value(before + 0.25f) - Value(before - 0.25f)) / 0.5;
            Value(before);
            Assert.Equal(difference, scale.Gradient!.ToArray<float>()[0], 1e-5);
        }
    }

    [Theory]
    [InlineData(0.001f)]
    [InlineData(1000f)]
    public void Scaling_the_weights_leaves_the_trits(float factor)
    {
        Tensor weight = Tensor.From(FiniteDifferences.Draw(60, 7).Select(value => (float)value).ToArray(), 6, 10);
        var ternary = new TernaryWeight(weight, new TernaryLimit(0.2));
        Assert.Equal(ternary.Trits(weight), ternary.Trits(weight * factor));
    }

    [Fact]
    public void Scales_start_at_the_mean_magnitude_of_their_part_and_never_fall_to_zero()
    {
        Tensor weight = Tensor.From(Oracle, 1, 5);
        (float positive, float negative) = new TernaryWeight(weight, new TernaryLimit(0.05)).Scales;
        Assert.Equal((0.55f, 0.5f), (positive, negative));                               // (0.9 + 0.2) / 2 and 0.5
        Assert.True(With(weight, -3, -3).Scales is { Positive: > 0, Negative: > 0 });
    }

    [Theory]
    [InlineData(0.001f)]
    [InlineData(1000f)]
    public void Scaling_the_weights_leaves_the_trits_of_a_zero_ratio_too(float factor)
    {
        Tensor weight = Tensor.From(FiniteDifferences.Draw(60, 7).Select(value => (float)value).ToArray(), 6, 10);
        var ternary = new TernaryWeight(weight, new TernaryLimit(null, ZeroRatio: 0.4));
        Assert.Equal(ternary.Trits(weight), ternary.Trits(weight * factor));
    }

    [Fact]
    public void A_zero_ratio_is_reached_within_one_weight_whatever_the_weights()
    {
        foreach (int count in new[] { 1, 2, 3, 7, 60, 251 })
            foreach (double ratio in new[] { 0, 0.01, 0.3, 0.5, 0.77, 0.999 })
            {
                Tensor weight = Tensor.From(FiniteDifferences.Draw(count, count).Select(value => (float)value).ToArray(), 1, count);
                sbyte[] trits = new TernaryWeight(weight, new TernaryLimit(null, ratio)).Trits(weight);
                float[] values = weight.ToArray<float>();
                Assert.InRange(trits.Count(trit => trit == 0), ratio * count - 1, ratio * count + 1);
                Assert.Contains(trits, trit => trit != 0);                                  // the largest always stays
                float largestZero = values.Zip(trits).Where(pair => pair.Second == 0).Select(pair => MathF.Abs(pair.First)).DefaultIfEmpty(0).Max();
                Assert.All(values.Zip(trits).Where(pair => pair.Second != 0), pair => Assert.True(MathF.Abs(pair.First) > largestZero && MathF.Sign(pair.First) == pair.Second));
            }
    }

    [Theory]
    [InlineData(new float[] { 1, -1, 1, 1 }, new sbyte[] { 1, -1, 1, 1 })]
    [InlineData(new[] { 1, -1, 1, 0.5f }, new sbyte[] { 1, -1, 1, 0 })]
    [InlineData(new[] { 0.5f, 0.5f, 0.5f, 1 }, new sbyte[] { 0, 0, 0, 1 })]
    [InlineData(new float[] { 0, 0, 0, 0 }, new sbyte[] { 0, 0, 0, 0 })]
    public void Of_equally_large_weights_a_zero_ratio_takes_all_or_none_and_never_the_largest(float[] values, sbyte[] expected)
    {
        Tensor weight = Tensor.From(values, 1, 4);
        Assert.Equal(expected, new TernaryWeight(weight, new TernaryLimit(null, ZeroRatio: 0.75)).Trits(weight));
    }

    [Fact]
    public void A_zero_ratio_follows_the_weights_as_they_train()
    {
        Tensor weight = Tensor.From(Oracle, 1, 5);
        var ternary = new TernaryWeight(weight, new TernaryLimit(null, ZeroRatio: 0.6));
        Assert.Equal([1, -1, 0, 0, 0], ternary.Trits(weight));                              // round(0.6 * 5) = 3 zeros: .03, -.04, .2
        Assert.Equal([0, 0, 1, -1, 0], ternary.Trits(Tensor.From([0.1f, 0.1f, 3, -4, 0.2f], 1, 5)));
    }

    [Fact]
    public void A_threshold_near_one_leaves_the_largest_weight_alone()
    {
        Tensor weight = Tensor.From(Oracle, 1, 5);
        Assert.Equal([1, 0, 0, 0, 0], new TernaryWeight(weight, new TernaryLimit(0.999)).Trits(weight));
        Assert.Equal((0.9f, 1f), new TernaryWeight(weight, new TernaryLimit(0.999)).Scales);    // nothing negative is left: that scale is 1
        Assert.Equal(4, new TernaryWeight(weight, new TernaryLimit(null, 0.999)).Trits(weight).Count(trit => trit == 0));
        weight.RequiresGrad = true;
        var ternary = new TernaryWeight(weight, new TernaryLimit(0.999_999_999));               // 1 in single precision: nothing is left at all
        (ternary[weight] * 2).Sum().Backward();
        Assert.True(ternary[weight].AllFinite() && weight.Gradient!.AllFinite());
    }

    [Fact]
    public void Convolutions_become_ternary_whatever_their_layout_in_memory()
    {
        var values = FiniteDifferences.Draw(6 * 4 * 3 * 3, 3).Select(value => (float)value).ToArray();
        var layer = new Conv2d(4, 6, 3, bias: false);
        using (new NoGrad()) layer.Weight.Copy_(Tensor.From(values, 6, 4, 3, 3));
        var ternary = new TernaryWeight(layer.Weight, new TernaryLimit(0.3));
        layer.Parametrization = ternary;
        layer.To(MemoryFormat.ChannelsLast);
        float limit = values.Max(MathF.Abs) * 0.3f;
        Assert.Equal(values.Select(value => (sbyte)(MathF.Abs(value) > limit ? MathF.Sign(value) : 0)), ternary.Trits(layer.Weight));

        // The scale's gradient through the convolution: linear in the scale, so a large step is exact.
        Tensor input = Tensor.From(FiniteDifferences.Draw(2 * 4 * 5 * 5, 4).Select(value => (float)value).ToArray(), 2, 4, 5, 5);
        Tensor scale = ternary.StateDict["positive"];
        layer[input].Sum().Backward();
        double Value(float at)
        {
            scale.Detach().Fill_(at);
            return layer[input].Sum().Item();
        }
        Assert.Equal((Value(1.5f) - Value(0.5f)) / 1, scale.Gradient!.ToArray<float>()[0], 1e-3);
    }

    [Fact]
    public void A_layer_that_is_all_zero_or_all_of_one_sign_stays_finite()
    {
        foreach (float[] values in new[] { new float[4], [1, 2, 3, 4], [-1, -2, -3, -4] })
        {
            Tensor weight = Tensor.From(values, 2, 2);
            weight.RequiresGrad = true;
            var ternary = new TernaryWeight(weight, new TernaryLimit(0.05));
            (ternary[weight] * 2).Sum().Backward();
            Assert.True(ternary[weight].AllFinite());
            Assert.True(weight.Gradient!.AllFinite());
        }
    }
}
