namespace Tern.Torch.Modules;

/// <summary>A layer that multiplies by one weight and adds a bias: fully connected or convolution. Row o of the weight makes output o.</summary>
public abstract class WeightedLayer : Layer
{
    private Layer? parametrization;

    /// <summary>Both start as PyTorch's: uniform within 1 / sqrt(fan-in), fan-in being the elements of a row.</summary>
    /// <param name="shape">Of the weight, outputs first.</param>
    /// <param name="bias">Whether there is one.</param>
    protected WeightedLayer(long[] shape, bool bias)
    {
        double bound = 1 / Math.Sqrt(shape[1..].Aggregate(1.0, (product, size) => product * size));
        Weight = Parameter("weight", Tensor.Empty(shape).Uniform_(-bound, bound));
        if (bias) Bias = Parameter("bias", Tensor.Empty([shape[0]]).Uniform_(-bound, bound));
    }

    /// <summary>The trained weight, [outputs, ...].</summary>
    public Tensor Weight { get; }

    /// <summary>[outputs], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>Computes from the trained weight the one that is used (a quantised one, say); null to use it as it is.</summary>
    public Layer? Parametrization
    {
        get => parametrization;
        set => parametrization = value is null ? null : Add("parametrization", value);
    }

    /// <summary>The weight to compute with.</summary>
    public Tensor UsedWeight => parametrization is null ? Weight : parametrization[Weight];
}
