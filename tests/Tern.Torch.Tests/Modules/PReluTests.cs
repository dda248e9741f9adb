using Tern.Torch.Modules;

namespace Tern.Torch.Tests.Modules;

public sealed class PReluTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Below_zero_each_channel_has_its_slope_and_above_nothing_changes()
    {
        PRelu layer = Layer(0.25f, -1);
        Assert.Equal([-0.5f, 0, 3, 2, 0, 3], layer[Tensor.From([-2f, 0, 3, -2, 0, 3], 1, 2, 1, 3)].ToArray<float>());
        Assert.Equal([0.25f, 0.25f, 0.25f], new PRelu(3).StateDict["weight"].ToArray<float>());
    }

    [Fact]
    public void Gradients_by_hand()
    {
        // d/dx is 1 above zero and the slope below; d/dslope is the sum over all pictures and positions of what is below zero.
        PRelu layer = Layer(0.25f, 0.5f);
        Tensor x = Tensor.From([-2f, 3, -1, 4, -5, -6, 7, -8], 2, 2, 1, 2);              // [N, C, H, W]: -2 3 and -5 -6 are of channel 0
        x.RequiresGrad = true;
        (layer[x] * Tensor.From([1f, 2, 3, 4, 5, 6, 7, 8], 2, 2, 1, 2)).Sum().Backward();
        Assert.Equal([0.25f, 2, 1.5f, 4, 1.25f, 1.5f, 7, 4], x.Gradient!.ToArray<float>());
        Assert.Equal([-2f * 1 - 5 * 5 - 6 * 6, -1f * 3 - 8 * 8], layer.StateDict["weight"].Gradient!.ToArray<float>());
    }

    [Fact]
    public void In_bfloat16_it_computes_and_learns_in_float32()
    {
        PRelu layer = Layer(0.25f, 0.25f);
        Tensor x = Tensor.From([-2f, 3, -1, 4], 1, 2, 1, 2).To(DType.BFloat16), y = layer[x];
        Assert.Equal([-0.5f, 3, -0.25f, 4], y.ToArray<float>());
        y.Sum().Backward();
        Assert.Equal([-2f, -1], layer.StateDict["weight"].Gradient!.ToArray<float>());
    }

    private static PRelu Layer(params float[] slopes)
    {
        var layer = new PRelu(slopes.Length);
        layer.Load(new Dictionary<string, Tensor> { ["weight"] = Tensor.From(slopes) });
        return layer;
    }
}
