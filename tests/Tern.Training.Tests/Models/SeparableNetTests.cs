using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

public sealed class SeparableNetTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Its_parameters_are_those_counted_by_hand()
    {
        // A block from I to O: 9 I and I O weights, a scale and a shift for each channel in and out. The stem is 2x2x3x24 with a bias.
        static long Block(long inputs, long outputs) => 9 * inputs + inputs * outputs + 2 * (inputs + outputs);
        long expected = 24 * 12 + 24 + Block(24, 8) + 2 * Block(8, 8) + Block(8, 16) + Block(16, 32) + 3 * Block(32, 32);
        Assert.Equal(expected, new SeparableNet(3, [8, 16, 32], [2, 0, 3]).ParameterCount);
    }

    [Theory]
    [InlineData(3, 32)]
    [InlineData(1, 28)]
    [InlineData(3, 16)]
    public void A_picture_becomes_one_vector_as_wide_as_the_last_stage(int channels, int side)
    {
        HashingNetwork network = new SeparableSpec([8, 16, 24], [1, 0, 2]).Build(new ImageShape(side, side, channels), 12, 4);
        Assert.Equal([2L, 24], network.Run(Tensor.RandomNormal(2, channels, side, side)).Embedding.Shape);
    }

    [Fact]
    public void A_block_that_adds_finds_nothing_at_first()
    {
        Tensor input = Tensor.RandomNormal(2, 5, 8, 8).Relu_();
        Assert.Equal(input.ToArray<float>(), new SeparableBlock(5, 5, adds: true)[input].ToArray<float>());
        Assert.NotEqual(input.ToArray<float>(), new SeparableBlock(5, 5, adds: false)[input].ToArray<float>());
    }

    [Fact]
    public void Filters_start_near_the_identity_and_channels_unmixed()
    {
        IReadOnlyDictionary<string, Tensor> state = new SeparableBlock(200, 210, adds: false).StateDict;
        float[] filters = state["filter.weight"].ToArray<float>();                 // [200, 1, 3, 3]
        double[] middles = [.. filters.Where((_, i) => i % 9 == 4)], others = [.. filters.Where((_, i) => i % 9 != 4)];
        Assert.InRange(middles.Average(), 0.95, 1.05);                              // 0.15 / sqrt(200) is 0.011
        Assert.InRange(others.Average(), -0.02, 0.02);
        Assert.InRange(Math.Sqrt(others.Average(value => value * value)), 0.13, 0.17);
        Tensor input = Tensor.RandomNormal(1, 200, 4, 4);
        Assert.Equal(input.ToArray<float>(), input.Convolve2d(state["mix.weight"]).Narrow(1, 0, 200).Contiguous().ToArray<float>());
    }

    [Fact]
    public void Specs_refuse_what_cannot_be_built()
    {
        Assert.Contains("square", Assert.Single(new SeparableSpec().Problems(new ImageShape(32, 48, 3))));
        Assert.Contains("got 8x8", Assert.Single(new SeparableSpec().Problems(new ImageShape(8, 8, 3))));
        Assert.Contains("widths: must be three numbers in 1..4096; got 1, 2", Assert.Single(new SeparableSpec([1, 2]).Problems(new ImageShape(32, 32, 3))));
        Assert.Contains("depths: must be three numbers in 0..100; got 1, -1, 2", Assert.Single(new SeparableSpec(Depths: [1, -1, 2]).Problems(new ImageShape(32, 32, 3))));
    }
}
