namespace Tern.Torch.Modules;

/// <summary>Convolution, [N, inputs, H, W] to [N, outputs, H', W'].</summary>
public sealed class Conv2d : Layer
{
    private readonly Tensor weight;
    private readonly Tensor? bias;
    private readonly int stride, padding, groups;

    /// <summary>Weights start as PyTorch's: uniform within 1 / sqrt(fan-in).</summary>
    public Conv2d(int inputs, int outputs, int kernel, int stride = 1, int padding = 0, int groups = 1, bool bias = true)
    {
        (this.stride, this.padding, this.groups) = (stride, padding, groups);
        double bound = 1 / Math.Sqrt((double)inputs / groups * kernel * kernel);
        weight = Parameter("weight", Tensor.Empty([outputs, inputs / groups, kernel, kernel]).Uniform_(-bound, bound));
        if (bias) this.bias = Parameter("bias", Tensor.Empty([outputs]).Uniform_(-bound, bound));
    }

    /// <summary>[outputs, inputs / groups, kernel, kernel].</summary>
    public Tensor Weight => weight;

    protected override Tensor Forward(Tensor input) => input.Convolve2d(weight, bias, stride, padding, groups: groups);
}
