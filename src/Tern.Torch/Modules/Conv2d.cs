namespace Tern.Torch.Modules;

/// <summary>Convolution, [N, inputs, H, W] to [N, outputs, H', W']; the weight is [outputs, inputs / groups, kernel, kernel].</summary>
public sealed class Conv2d(int inputs, int outputs, int kernel, int stride = 1, int padding = 0, int groups = 1, bool bias = true)
    : WeightedLayer([outputs, inputs / groups, kernel, kernel], bias)
{
    protected override Tensor Forward(Tensor input) => input.Convolve2d(UsedWeight, Bias, stride, padding, groups: groups);
}
