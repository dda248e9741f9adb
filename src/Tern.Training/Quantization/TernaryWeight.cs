using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Quantization;

/// <summary>Weights in {-Wn, 0, +Wp}, both scales learned: the parametrisation of a fully connected layer's weight.</summary>
/// <remarks>
/// Trained Ternary Quantization (Zhu, Han, Mao and Dally, ICLR 2017): D = t max|w|; w_t = +Wp where w &gt; D, -Wn where w &lt; -D, else 0 (eq. 5, 6);
/// dL/dw = Wp g, g, Wn g on the three parts (eq. 8); dL/dWp = sum of g over the first part. Departures: dL/dWn = -sum of g over the last part,
/// the chain rule (the paper's eq. 7 prints +; the authors' code differentiates as here); scales start at the mean |w| of their part, where the
/// authors start at 1, because we start from a trained layer; scales are clamped from below, since they can otherwise turn negative.
/// A scale's gradient is a sum over as many as all weights of the layer: plain SGD at the weights' rate throws it far off, so train with Adam.
/// </remarks>
public sealed class TernaryWeight : Layer
{
    private const double SmallestScale = 1e-4;
    private readonly Tensor positive, negative;

    /// <param name="weight">The trained weight to start from.</param>
    /// <param name="threshold">t in [0, 1), relative to the largest |w|.</param>
    public TernaryWeight(Tensor weight, double threshold)
    {
        Threshold = threshold;
        using var noGrad = new NoGrad();
        Tensor limit = Limit(weight);
        positive = Parameter("positive", MeanMagnitude(weight, weight.GreaterThan(limit)));
        negative = Parameter("negative", MeanMagnitude(weight, weight.LessThan(-limit)));
    }

    /// <summary>t.</summary>
    public double Threshold { get; }

    /// <summary>Wp and Wn.</summary>
    public (float Positive, float Negative) Scales => ((float)positive.ClampMin(SmallestScale).Item(), (float)negative.ClampMin(SmallestScale).Item());

    /// <summary>The signs of the parts, one of -1, 0, 1 for each weight.</summary>
    public sbyte[] Trits(Tensor weight)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor limit = Limit(weight);
        return (weight.GreaterThan(limit).To(DType.SByte) - weight.LessThan(-limit).To(DType.SByte)).ToArray<sbyte>();
    }

    /// <summary>[O, I] to [O, I]; a network's trace shows one call of <c>tern::ternary_weight</c>.</summary>
    protected override Tensor Forward(Tensor weight) => OperatorTrace.AsOne("tern::ternary_weight", () => Ternarize(weight), weight);

    private Tensor Ternarize(Tensor weight)
    {
        Tensor limit = Limit(weight);
        Tensor above = weight.GreaterThan(limit).To(weight.DType), below = weight.LessThan(-limit).To(weight.DType);
        Tensor up = positive.ClampMin(SmallestScale), down = negative.ClampMin(SmallestScale);
        Tensor ternary = above * up - below * down;

        // Adds nothing to the value and, to the gradient of the trained weight, g times Wp, 1 or Wn.
        Tensor factor = (above * up + below * down + (1 - above - below)).Detach();
        return ternary + factor * (weight - weight.Detach());
    }

    private Tensor Limit(Tensor weight) => weight.Detach().Abs().Max() * Threshold;

    /// <summary>The mean of |w| over the mask; 1 where the mask is empty.</summary>
    private static Tensor MeanMagnitude(Tensor weight, Tensor mask)
    {
        Tensor chosen = mask.To(weight.DType);
        double count = chosen.Sum().Item();
        double mean = count > 0 ? (weight.Detach().Abs() * chosen).Sum().Item() / count : 1;
        return Tensor.From([(float)mean]);
    }
}
