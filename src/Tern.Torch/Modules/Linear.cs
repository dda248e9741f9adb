namespace Tern.Torch.Modules;

/// <summary>y = x W' + b, [N, inputs] to [N, outputs].</summary>
public sealed class Linear : Layer
{
    /// <summary>Weights start as PyTorch's: uniform within 1 / sqrt(inputs).</summary>
    public Linear(int inputs, int outputs, bool bias = true)
    {
        double bound = 1 / Math.Sqrt(inputs);
        Weight = Parameter("weight", Tensor.Empty([outputs, inputs]).Uniform_(-bound, bound));
        if (bias) Bias = Parameter("bias", Tensor.Empty([outputs]).Uniform_(-bound, bound));
    }

    /// <summary>[outputs, inputs].</summary>
    public Tensor Weight { get; }

    /// <summary>[outputs], or null.</summary>
    public Tensor? Bias { get; }

    protected override Tensor Forward(Tensor input) => input.Linear(Weight, Bias);
}
