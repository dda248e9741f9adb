using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>A loss that ranks: it compares the embeddings of a batch two by two and wants pictures of a class nearer than others. Where a network ranks several descriptions, it is the mean over them.</summary>
public abstract record RankingLoss : Loss
{
    public sealed override bool NeedsPositives => true;

    public sealed override Tensor Compute(LossInput input) => Rank(input).Value;

    /// <summary>embedding [N, D] and labels, to the term. Pictures that have nobody to be compared with do not count.</summary>
    public abstract Ranking Rank(LossInput input);
}

/// <summary>A ranking term on a batch.</summary>
/// <param name="Value">A scalar; 0, with a gradient of 0, where nothing counts.</param>
/// <param name="Active">A scalar: the share of anchors (or pairs) that count and still cost something; 0 where nothing counts.</param>
public sealed record Ranking(Tensor Value, Tensor Active)
{
    /// <summary>The mean of <paramref name="cost"/> over what <paramref name="counts"/>, all three of one shape, two of them bool.</summary>
    internal static Ranking Mean(Tensor cost, Tensor active, Tensor counts)
    {
        Tensor number = counts.To(cost.DType).Sum().ClampMin(1);
        return new Ranking(cost.MaskedFill(counts.Not(), 0).Sum() / number, active.And(counts).To(cost.DType).Sum() / number);
    }

    /// <summary>
    /// The mean of max(0, v + margin), or without a margin of ln(1 + e^v), which every anchor goes on paying: there those with v &gt; 0 are called active.
    /// </summary>
    /// <param name="violation">v, [..., 1]: how much farther the positive is than the negative.</param>
    internal static Ranking OfViolations(Tensor violation, Tensor counts, double? margin)
    {
        Tensor cost = margin is { } m ? (violation + m).Relu() : violation.Softplus();
        return Mean(cost, (margin is null ? violation : cost).GreaterThan(0), counts);
    }
}
