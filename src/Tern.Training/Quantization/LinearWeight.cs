using Tern.Torch;

namespace Tern.Training.Quantization;

/// <summary>Weights in whole steps of their row, -127 to 127 of them: eight bits each. A comparison for <see cref="TernaryWeight"/>.</summary>
/// <remarks>
/// Symmetric linear quantisation with a step per output row, s = max|w| / 127, w_q = s round(w / s), and a gradient that passes straight through
/// (Krishnamoorthi 2018, arXiv:1806.08342, sections 2.2 and 2.4). The step follows the weights as they train.
/// </remarks>
public sealed class LinearWeight : QuantizedWeight
{
    private const int Steps = 127, Zero = 128;
    private const double SmallestStep = 1e-20;                                // of a row of zeros, so that 0 / 0 is never asked

    /// <summary>Levels 1 to 255, 128 of them 0.</summary>
    public override QuantizedLevels Levels(Tensor weight)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor step = Step(weight);
        return new QuantizedLevels(8, ((weight / step).Round() + Zero).To(DType.Byte).ToArray<byte>(), Zero, step.ToArray<float>());
    }

    protected override Tensor Quantize(Tensor weight)
    {
        Tensor constant = weight.Detach(), step = Step(constant);             // [O, 1, ...]
        return StraightThrough((constant / step).Round() * step, weight);
    }

    private static Tensor Step(Tensor weight) =>
        (weight.Abs().MaxOver([.. Enumerable.Range(1, weight.Shape.Length - 1).Select(axis => (long)axis)]) / Steps).ClampMin(SmallestStep);
}
