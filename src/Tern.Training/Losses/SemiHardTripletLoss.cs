using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>Triplets of every pair of a class with a negative that is just farther than the positive.</summary>
/// <remarks>
/// FaceNet (Schroff, Kalenichenko and Philbin, CVPR 2015): max(0, m + d^2(a, p) - d^2(a, n)) on embeddings of length 1, for every anchor and positive of the batch.
/// n is the hardest of the semi-hard negatives: the nearest of those with d^2(a, n) &gt; d^2(a, p); if it is farther than the margin, the pair costs nothing. Negatives nearer
/// than the positive are passed over, because FaceNet found that the hardest ones lead to collapse early on. Where all are nearer, n is the farthest
/// negative, the one closest to being semi-hard. Departures: that choice, where FaceNet does not say which; the mean over pairs; a pair whose anchor has no
/// negative in the batch does not count; embeddings are scaled to length 1 here, which changes nothing in a network that does so itself.
/// </remarks>
/// <param name="Margin">m, a squared distance between points of the unit sphere, which are at most 4 apart.</param>
public sealed record SemiHardTripletLoss(double Margin = 0.2) : RankingLoss
{
    public override string Name => "semiHardTriplet";

    public override Ranking Rank(LossInput input)
    {
        BatchPairs pairs = BatchPairs.OnSphere(input);
        Tensor squared = pairs.Distance.Pow(2);                                                        // [N, N]
        Tensor places = pairs.Positive.Flatten(0).NonZero().Flatten(0);                                // [P] in [0, N N)
        Tensor anchors = pairs.Positive.NonZero().Narrow(1, 0, 1).Flatten(0);                          // [P] in [0, N), in the same order
        Tensor positive = squared.Flatten(0).IndexSelect(0, places).Unsqueeze(1);                      // [P, 1]
        Tensor others = squared.IndexSelect(0, anchors), negative = pairs.Negative.IndexSelect(0, anchors);   // [P, N]
        Tensor semiHard = negative.And(others.GreaterThan(positive));                                  // [P, N]

        Tensor nearest = others.MaskedFill(semiHard.Not(), double.PositiveInfinity).MinOver(1);        // [P, 1]
        Tensor farthest = others.MaskedFill(negative.Not(), 0).MaxOver(1);                             // [P, 1]
        return Ranking.OfViolations(positive - nearest.Where(semiHard.AnyOver(1), farthest), negative.AnyOver(1), Margin);
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Margin is <= 0 or >= 4) yield return $"margin: must lie between 0 and 4, the largest squared distance; got {Margin}";
    }
}
