using Tern.Torch;
using Tern.Training.Quantization;

namespace Tern.Training.Tests.Quantization;

public sealed class BinaryAndLinearWeightTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Binary_weights_are_the_sign_times_the_mean_magnitude()
    {
        Tensor weight = Tensor.From([0.9f, -0.5f, 0, -0.2f], 2, 2);
        var binary = new BinaryWeight();
        Assert.Equal([0.4f, -0.4f, 0.4f, -0.4f], binary[weight].ToArray<float>());          // (.9 + .5 + 0 + .2) / 4 = .4; 0 counts as positive
        QuantizedLevels levels = binary.Levels(weight);
        Assert.Equal((1, (int?)null), (levels.Bits, levels.Zero));
        Assert.Equal([1, 0, 1, 0], levels.Levels);
        Assert.Equal([-0.4f, 0.4f], levels.Scales);
    }

    [Fact]
    public void Linear_weights_are_whole_steps_of_their_row()
    {
        // Rows: step 1.27 / 127 = .01 and 254 / 127 = 2. .014 is 1.4 steps, -.016 is -1.6; 99 is 49.5, which rounds to the even 50.
        Tensor weight = Tensor.From([1.27f, 0.014f, -0.016f, -254f, 99f, 0f], 2, 3);
        var linear = new LinearWeight();
        QuantizedLevels levels = linear.Levels(weight);
        Assert.Equal([128 + 127, 128 + 1, 128 - 2, 128 - 127, 128 + 50, 128], levels.Levels);
        Assert.Equal(0.01f, levels.Scales[0], 1e-9);
        Assert.Equal(2f, levels.Scales[1]);
        foreach ((float wanted, float actual) in new[] { 1.27f, 0.01f, -0.02f, -254f, 100f, 0f }.Zip(linear[weight].ToArray<float>())) Assert.Equal(wanted, actual, 1e-6);
    }

    [Fact]
    public void Linear_weights_are_within_half_a_step_and_every_level_fits_a_byte()
    {
        float[] values = [.. FiniteDifferences.Draw(5 * 3 * 3 * 3, 11).Select(value => (float)value)];
        Tensor weight = Tensor.From(values, 5, 3, 3, 3);
        QuantizedLevels levels = new LinearWeight().Levels(weight);
        for (int i = 0; i < values.Length; i++)
        {
            float step = levels.Scales[i / 27];
            Assert.InRange(levels.Levels[i], (byte)1, (byte)255);
            Assert.InRange((levels.Levels[i] - 128) * step - values[i], -0.5001f * step, 0.5001f * step);
        }
        for (int row = 0; row < 5; row++) Assert.Equal(127, levels.Levels[(row * 27)..((row + 1) * 27)].Max(level => Math.Abs(level - 128)));
    }

    public static TheoryData<string> Kinds => ["binary", "linear"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gradient_passes_straight_through(string kind)
    {
        Tensor weight = Tensor.From([0.9f, -0.5f, 0.03f, -0.04f], 2, 2);
        weight.RequiresGrad = true;
        (Of(kind)[weight] * Tensor.From([1f, 2f, 3f, 4f], 2, 2)).Sum().Backward();
        Assert.Equal([1f, 2f, 3f, 4f], weight.Gradient!.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Zeros_stay_finite(string kind)
    {
        Tensor weight = Tensor.From([0f, 0, 0, 0, 1, -1], 3, 2);
        foreach (Tensor zeros in new[] { weight, Tensor.Zeros([2, 2]) })
        {
            zeros.RequiresGrad = true;
            Tensor used = Of(kind)[zeros];
            (used * 2).Sum().Backward();
            Assert.True(used.AllFinite() && zeros.Gradient!.AllFinite());
            Assert.All(Of(kind).Levels(zeros).Scales, scale => Assert.True(float.IsFinite(scale)));
        }
    }

    [Theory]
    [InlineData("ternary")]
    [InlineData("binary")]
    [InlineData("linear")]
    public void Levels_and_scales_are_the_values_training_computes_with(string kind)
    {
        foreach (long[] shape in new long[][] { [1, 1], [3, 7], [5, 3, 3, 3], [4, 1, 5, 5] })
        {
            int count = (int)shape.Aggregate((a, b) => a * b), row = count / (int)shape[0];
            Tensor weight = Tensor.From(FiniteDifferences.Draw(count, count).Select(value => (float)value).ToArray(), shape);
            QuantizedWeight quantized = kind == "ternary" ? new TernaryWeight(weight, new TernaryLimit(0.3)) : Of(kind);
            QuantizedLevels levels = quantized.Levels(weight);
            float[] used = quantized[weight].ToArray<float>();
            for (int i = 0; i < count; i++)
                Assert.Equal(levels.Bits == 8 ? (levels.Levels[i] - 128) * levels.Scales[i / row] : levels.Scales[levels.Levels[i]], used[i]);
        }
    }

    private static QuantizedWeight Of(string kind) => kind == "binary" ? new BinaryWeight() : new LinearWeight();
}
