using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;
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
        var ternary = new TernaryWeight(weight, threshold);
        ternary.Load(new Dictionary<string, Tensor> { ["positive"] = Tensor.From([positive]), ["negative"] = Tensor.From([negative]) });
        return ternary;
    }

    [Fact]
    public void Weights_become_plus_zero_or_minus_their_scale()
    {
        Tensor weight = Tensor.From(Oracle, 1, 5);
        TernaryWeight ternary = With(weight, 1.1f, 0.7f);
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
        var ternary = new TernaryWeight(weight, 0.2);
        Assert.Equal(ternary.Trits(weight), ternary.Trits(weight * factor));
    }

    [Fact]
    public void Scales_start_at_the_mean_magnitude_of_their_part_and_never_fall_to_zero()
    {
        Tensor weight = Tensor.From(Oracle, 1, 5);
        (float positive, float negative) = new TernaryWeight(weight, 0.05).Scales;
        Assert.Equal((0.55f, 0.5f), (positive, negative));                               // (0.9 + 0.2) / 2 and 0.5
        Assert.True(With(weight, -3, -3).Scales is { Positive: > 0, Negative: > 0 });
    }

    [Fact]
    public void A_layer_that_is_all_zero_or_all_of_one_sign_stays_finite()
    {
        foreach (float[] values in new[] { new float[4], [1, 2, 3, 4], [-1, -2, -3, -4] })
        {
            Tensor weight = Tensor.From(values, 2, 2);
            weight.RequiresGrad = true;
            var ternary = new TernaryWeight(weight, 0.05);
            (ternary[weight] * 2).Sum().Backward();
            Assert.True(ternary[weight].AllFinite());
            Assert.True(weight.Gradient!.AllFinite());
        }
    }

    [Fact]
    public void Quantising_takes_the_fully_connected_layers_and_names_those_that_exist()
    {
        var spec = new DshSpec();
        HashingNetwork network = spec.Build(new ImageShape(16, 16, 1), 12, 3);
        new QuantizeSpec().Apply(network, spec);
        Assert.Equal(["backbone.fc1", "hash"], QuantizeSpec.Linears(network).Where(layer => layer.Value.Parametrization is not null).Select(layer => layer.Key));
        string message = Assert.Throws<TernException>(() => new QuantizeSpec(Layers: ["fc9"]).Apply(network, spec)).Message;
        Assert.Contains("'fc9'", message);
        Assert.Contains("backbone.fc1, hash, classifier", message);
    }
}
