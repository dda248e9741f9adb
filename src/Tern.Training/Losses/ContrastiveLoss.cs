using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>Pairs of a class come together, others go apart up to a margin.</summary>
/// <remarks>
/// Hadsell, Chopra and LeCun, CVPR 2006: 1/2 d^2 for a similar pair, 1/2 max(0, m - d)^2 for another, d the Euclidean distance; in DSH it is d^2 that stands in the hinge.
/// Departures: the mean over similar pairs plus the mean over the others, where the paper adds up all: in a batch of 32 classes x 4 pictures one pair in 42 is similar.
/// <paramref name="PositiveMargin"/> p, where it is not 0: 1/2 max(0, d - p)^2 for a similar pair, which may then stay that far apart.
/// </remarks>
/// <param name="Margin">m, in units of the embedding: at most 2 if it has length 1.</param>
/// <param name="PositiveMargin">p, in units of the embedding, below m.</param>
public sealed record ContrastiveLoss(double Margin = 1, double PositiveMargin = 0) : RankingLoss
{
    public override string Name => "contrastive";

    public override Ranking Rank(LossInput input)
    {
        BatchPairs pairs = BatchPairs.Of(input);
        Tensor apart = (pairs.Distance - PositiveMargin).Relu(), close = (Margin - pairs.Distance).Relu();     // [N, N]
        Ranking similar = Ranking.Mean(apart.Pow(2), apart.GreaterThan(0), pairs.Positive), others = Ranking.Mean(close.Pow(2), close.GreaterThan(0), pairs.Negative);
        return new Ranking((similar.Value + others.Value) / 2, (similar.Active + others.Active) / 2);
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Margin <= 0) yield return $"margin: must be above 0; got {Margin}";
        if (PositiveMargin < 0 || PositiveMargin >= Margin) yield return $"positiveMargin: must be at least 0 and below margin ({Margin}); got {PositiveMargin}";
    }
}
