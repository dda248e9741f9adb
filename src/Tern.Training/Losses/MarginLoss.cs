using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>Pairs of a class come within a border, others stay beyond it; the border is learned, the negatives are drawn at all distances alike.</summary>
/// <remarks>
/// Wu, Manmatha, Smola and Krahenbuhl, ICCV 2017: max(0, alpha + d - beta) for a positive pair, max(0, alpha + beta - d) for a negative one, on embeddings of length 1,
/// added up and divided by the number of pairs that cost something, as the public code does. Every ordered pair of a class is taken, and with each a negative
/// of its anchor by <see cref="DistanceWeightedSampling"/>. Departures: one beta for all classes, where the paper adds one for each, which a picture of several
/// labels would not have; it moves by plain gradient descent, without the authors' momentum, and begins anew when a network is trained on, as by quantisation;
/// embeddings are scaled to length 1 here, which changes nothing in a network that does so itself.
/// </remarks>
/// <param name="Margin">alpha, half the width of the border.</param>
/// <param name="Beta">The border's distance at first, in (0, 2).</param>
/// <param name="BetaRate">Its learning rate, apart from the network's but under its schedule; the authors' 0.1. With 0 it stays.</param>
public sealed record MarginLoss(double Margin = 0.2, double Beta = 1.2, double BetaRate = 0.1) : RankingLoss
{
    public override string Name => "marginPairs";

    public override LearnedNumber? Learns => BetaRate > 0 ? new LearnedNumber("beta", Beta, BetaRate) : null;

    public override Ranking Rank(LossInput input)
    {
        BatchPairs pairs = BatchPairs.OnSphere(input);
        (long[] positives, long[] negatives) = DistanceWeightedSampling.Draw(pairs, (int)input.Output.Embedding.Shape[1], input.Randomness);   // P each, in [0, N N)
        Tensor distance = pairs.Distance.Flatten(0);                                                   // [N N]
        Tensor near = distance.IndexSelect(0, Tensor.From(positives).To(distance.Device)), far = distance.IndexSelect(0, Tensor.From(negatives).To(distance.Device));
        Tensor beta = input.Learned ?? Tensor.From([Beta]).To(distance.DType).To(distance.Device);     // [1]

        Tensor cost = Tensor.Concatenate([(near - beta + Margin).Relu(), (beta - far + Margin).Relu()]);   // [2P]
        Tensor active = cost.GreaterThan(0).To(cost.DType).Sum();
        return new Ranking(cost.Sum() / active.ClampMin(1), active / Math.Max(1, 2 * positives.Length));
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Margin <= 0) yield return $"margin: must be above 0; got {Margin}";
        if (Beta is <= 0 or >= 2) yield return $"beta: must lie between 0 and 2, the largest distance; got {Beta}";
        if (BetaRate < 0) yield return $"betaRate: must be at least 0; got {BetaRate}";
    }
}
