using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>Deep Supervised Hashing: pictures that share a label come together, others go apart up to a margin, and each output goes to -1 or +1.</summary>
/// <remarks>
/// Liu, Wang, Shan and Chen, CVPR 2016, averaged over the pairs i &lt; j of the batch, s = 1 where they share a label, d^2 = ||h_i - h_j||^2:
/// s/2 d^2 + (1 - s)/2 max(m - d^2, 0) + alpha (|| |h_i| - 1 ||_1 + || |h_j| - 1 ||_1). The last part is 2 alpha times its mean over pictures, since each
/// picture is in N - 1 pairs. Where || |h| - 1 || has a corner, its derivative is the paper's delta(h): +1 for h &gt;= 1 and -1 &lt;= h &lt;= 0, else -1.
/// The authors' Caffe layer differentiates half of this and prints the pair part doubled against what it differentiates; a weight
/// of 0.5 repeats its steps. Departures: none from the paper.
/// </remarks>
/// <param name="Margin">m, a squared distance; none means the authors' 2K. Codes whose every bit differs are 4K apart.</param>
/// <param name="Alpha">Weight of the pull to -1 and +1; the authors' 0.01.</param>
public sealed record DshPairsLoss(double? Margin = null, double Alpha = 0.01) : Loss
{
    public override string Name => "dshPairs";

    public override bool TrainsCodeOf(ModelSpec model) => true;

    /// <summary>Hash layer [N, K] and labels, to a scalar; N is at least 2.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor h = input.Output.Hash;
        (long count, long bits) = (h.Shape[0], h.Shape[1]);
        Tensor squares = h.Pow(2).Sum(1);                                                              // [N]
        Tensor distance = squares.Unsqueeze(1) + squares.Unsqueeze(0) - 2 * h.MatrixMultiply(h.Transpose());   // [N, N], d^2 up to rounding
        Tensor similar = input.Similar();                                                              // [N, N]
        Tensor pairs = similar * distance.ClampMin(0) + (1 - similar) * ((Margin ?? 2 * bits) - distance).Relu();
        Tensor apart = pairs.UpperTriangle(1).Sum() / (count * (count - 1.0));                          // half of the mean over pairs
        return apart + 2 * Alpha / count * OffBits(h).Sum();
    }

    /// <summary>||h| - 1| with delta(h) as its derivative: what is added to the value is 0.</summary>
    private static Tensor OffBits(Tensor h)
    {
        Tensor rising = h.LessThan(1).Not().Where(h.GreaterThan(0), h.LessThan(-1).Not());             // h >= 1 or -1 <= h <= 0
        Tensor delta = 2 * rising.To(h.DType) - 1;
        return (h.Detach().Abs() - 1).Abs() + delta * (h - h.Detach());
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Margin <= 0) yield return $"margin: must be above 0, or null for twice the code length; got {Margin}";
        if (Alpha < 0) yield return $"alpha: must be at least 0; got {Alpha}";
    }
}
