namespace Tern.Torch.Modules;

/// <summary>y = x W' + b, [N, inputs] to [N, outputs].</summary>
public sealed class Linear : Layer
{
    private Layer? parametrization;

    /// <summary>Weights start as PyTorch's: uniform within 1 / sqrt(inputs).</summary>
    public Linear(int inputs, int outputs, bool bias = true)
    {
        double bound = 1 / Math.Sqrt(inputs);
        Weight = Parameter("weight", Tensor.Empty([outputs, inputs]).Uniform_(-bound, bound));
        if (bias) Bias = Parameter("bias", Tensor.Empty([outputs]).Uniform_(-bound, bound));
    }

    /// <summary>The trained weight, [outputs, inputs].</summary>
    public Tensor Weight { get; }

    /// <summary>[outputs], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>Computes from the trained weight the one that is used (a quantised one, say); null to use it as it is.</summary>
    public Layer? Parametrization
    {
        get => parametrization;
        set => parametrization = value is null ? null : Add("parametrization", value);
    }

    protected override Tensor Forward(Tensor input) => input.Linear(parametrization is null ? Weight : parametrization[Weight], Bias);
}
