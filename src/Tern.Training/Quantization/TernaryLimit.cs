using Tern.Torch;

namespace Tern.Training.Quantization;

/// <summary>The D of trained ternary quantisation: weights with |w| up to it become 0. One of the two is given; both follow the weights as they train.</summary>
/// <param name="Threshold">t in [0, 1): D = t max|w|.</param>
/// <param name="ZeroRatio">r in [0, 1): D is the |w| that a share r of the weights does not exceed, but below the largest.</param>
public readonly record struct TernaryLimit(double? Threshold, double? ZeroRatio = null)
{
    /// <summary>D, without a gradient, a scalar.</summary>
    public Tensor Of(Tensor weight)
    {
        Tensor magnitude = weight.Detach().Abs();
        if (ZeroRatio is not { } ratio) return magnitude.Max() * Threshold!.Value;
        long zeros = Math.Min((long)Math.Round(ratio * magnitude.Elements), magnitude.Elements - 1);
        if (zeros == 0) return magnitude.Max() * 0;
        Tensor limit = magnitude.KthSmallest(zeros), largest = magnitude.Max();
        Tensor below = (magnitude * magnitude.LessThan(largest).To(magnitude.DType)).Max();                // the largest stay, however many are as large
        return limit.Where(limit.LessThan(largest), below);
    }
}
