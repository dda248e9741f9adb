namespace Tern.Torch.Modules;

/// <summary>Convolution, [N, inputs, H, W] to [N, outputs, H', W']; the weight is [outputs, inputs / groups, kernel.Down, kernel.Across]. A stride left out is 1.</summary>
public sealed class Conv2d(int inputs, int outputs, Pair kernel, Pair? stride = null, Pair padding = default, int groups = 1, bool bias = true)
    : WeightedLayer([outputs, inputs / groups, kernel.Down, kernel.Across], bias)
{
    protected override Tensor Forward(Tensor input) => Convolve(input, UsedWeight, Bias);

    /// <summary>The same with another weight and bias.</summary>
    internal Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) => input.Convolve2d(weight, bias, stride, padding, groups: groups);
}
