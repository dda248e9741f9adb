using Tern.Torch;

namespace Tern.Training.Quantization;

/// <summary>Weights in {-a, +a}, a the mean |w| of the layer: one bit each. A comparison for <see cref="TernaryWeight"/>.</summary>
/// <remarks>
/// a = mean |w| has the least squared error (XNOR-Net, Rastegari, Ordonez, Redmon and Farhadi, ECCV 2016, eq. 6); one a for the whole layer and a
/// gradient that passes straight through, dL/dw = g, are DoReFa-Net's (Zhou et al. 2016, eq. 5 and 6). Only weights are binary, not what they multiply.
/// A weight of exactly 0 counts as positive.
/// </remarks>
public sealed class BinaryWeight : QuantizedWeight
{
    /// <summary>Levels 0 and 1 for -a and +a.</summary>
    public override QuantizedLevels Levels(Tensor weight)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        float scale = (float)weight.Abs().Mean().Item();
        return new QuantizedLevels(1, Negative(weight).Not().To(DType.Byte).ToArray<byte>(), null, [-scale, scale]);
    }

    protected override Tensor Quantize(Tensor weight)
    {
        Tensor constant = weight.Detach();
        return StraightThrough((1 - Negative(constant).To(weight.DType) * 2) * constant.Abs().Mean(), weight);
    }

    private static Tensor Negative(Tensor weight) => weight.LessThan(0);
}
