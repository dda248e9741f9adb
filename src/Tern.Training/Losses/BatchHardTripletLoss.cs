using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>Triplets of each picture with its farthest positive and its nearest negative in the batch.</summary>
/// <remarks>
/// Hermans, Beyer and Leibe 2017 (arXiv 1703.07737), batch hard: max(0, m + max_p d(a, p) - min_n d(a, n)) for each anchor a, d the Euclidean distance, not
/// squared; <c>soft</c> is their ln(1 + exp(max_p d - min_n d)), which has no margin and never quite stops pulling. Margin 0.1 as CGD (Jun et al. 2019) on
/// embeddings of length 1. Departures: the mean over anchors; an anchor without a positive or without a negative in the batch does not count.
/// </remarks>
/// <param name="Margin">m, in units of the embedding; of the hinge alone.</param>
/// <param name="Soft">ln(1 + e^x) in place of the hinge.</param>
public sealed record BatchHardTripletLoss(double Margin = 0.1, bool Soft = false) : RankingLoss
{
    public override string Name => "batchHardTriplet";

    public override Ranking Rank(LossInput input)
    {
        BatchPairs pairs = BatchPairs.Of(input);                                                       // [N, N]
        Tensor farthest = pairs.Distance.MaskedFill(pairs.Positive.Not(), 0).MaxOver(1);                        // [N, 1]
        Tensor nearest = pairs.Distance.MaskedFill(pairs.Negative.Not(), double.PositiveInfinity).MinOver(1);   // [N, 1]
        return Ranking.OfViolations(farthest - nearest, pairs.Anchors, Soft ? null : Margin);
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Margin <= 0) yield return $"margin: must be above 0; got {Margin}";
    }
}
