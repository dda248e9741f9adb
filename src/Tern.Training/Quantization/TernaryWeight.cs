using Tern.Torch;

namespace Tern.Training.Quantization;

/// <summary>Weights in {-Wn, 0, +Wp}, both scales learned: two bits each.</summary>
/// <remarks>
/// Trained Ternary Quantization (Zhu, Han, Mao and Dally, ICLR 2017): D = t max|w|, or D such that a share r of the weights is 0 (section 4's two
/// heuristics); w_t = +Wp where w &gt; D, -Wn where w &lt; -D, else 0 (eq. 5, 6); dL/dw = Wp g, g, Wn g on the three parts (eq. 8); dL/dWp = sum of g
/// over the first part. Departures: dL/dWn = -sum of g over the last part, the chain rule (the paper's eq. 7 prints +; the authors' code differentiates
/// as here); scales start at the mean |w| of their part, where the authors start at 1, because we start from a trained layer (without training after it
/// this is the closed form of least error); scales are clamped from below, since they can otherwise turn negative.
/// A scale's gradient is a sum over as many as all weights of the layer: plain SGD at the weights' rate throws it far off, so train with Adam.
/// </remarks>
public sealed class TernaryWeight : QuantizedWeight
{
    private const double SmallestScale = 1e-4;
    private readonly TernaryLimit limit;
    private readonly Tensor positive, negative;

    /// <param name="weight">The trained weight to start from.</param>
    /// <param name="limit">Where |w| is too small to count.</param>
    public TernaryWeight(Tensor weight, TernaryLimit limit)
    {
        this.limit = limit;
        using var noGrad = new NoGrad();
        Tensor start = limit.Of(weight);
        positive = Parameter("positive", MeanMagnitude(weight, weight.GreaterThan(start)));
        negative = Parameter("negative", MeanMagnitude(weight, weight.LessThan(-start)));
    }

    /// <summary>Wp and Wn.</summary>
    public (float Positive, float Negative) Scales => ((float)positive.ClampMin(SmallestScale).Item(), (float)negative.ClampMin(SmallestScale).Item());

    /// <summary>The signs of the parts, one of -1, 0, 1 for each weight.</summary>
    public sbyte[] Trits(Tensor weight)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor least = limit.Of(weight);
        return (weight.GreaterThan(least).To(DType.SByte) - weight.LessThan(-least).To(DType.SByte)).ToArray<sbyte>();
    }

    /// <summary>Levels 0, 1, 2 for -Wn, 0, +Wp.</summary>
    public override QuantizedLevels Levels(Tensor weight) =>
        new(2, Array.ConvertAll(Trits(weight), trit => (byte)(trit + 1)), 1, [-Scales.Negative, 0, Scales.Positive]);

    protected override Tensor Quantize(Tensor weight)
    {
        Tensor least = limit.Of(weight);
        Tensor above = weight.GreaterThan(least).To(weight.DType), below = weight.LessThan(-least).To(weight.DType);
        Tensor up = Clamped(positive), down = Clamped(negative);
        Tensor factor = (above * up + below * down + (1 - above - below)).Detach();                        // Wp, Wn or 1
        return StraightThrough(above * up - below * down, weight, factor);
    }

    /// <summary>The value clamped, the gradient not: a scale that was pushed against the bound can come back.</summary>
    private static Tensor Clamped(Tensor scale) => scale + (scale.ClampMin(SmallestScale) - scale).Detach();

    /// <summary>The mean of |w| over the mask; 1 where the mask is empty.</summary>
    private static Tensor MeanMagnitude(Tensor weight, Tensor mask)
    {
        Tensor chosen = mask.To(weight.DType);
        double count = chosen.Sum().Item();
        double mean = count > 0 ? (weight.Detach().Abs() * chosen).Sum().Item() / count : 1;
        return Tensor.From([(float)mean]);
    }
}
