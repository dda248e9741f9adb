using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>How the hard members of a set are made to count more.</summary>
public enum SetWeighting
{
    /// <summary>HAP2S_E: exp(d / sigma) in the positive set, exp(-d / sigma) in the negative one.</summary>
    Exponential,

    /// <summary>HAP2S_P: (1 + d)^alpha in the positive set, (1 + d)^(-2 alpha) in the negative one.</summary>
    Polynomial,
}

/// <summary>Triplets of each picture with the set of its positives and the set of its negatives, hard ones weighing more.</summary>
/// <remarks>
/// HAP2S (Yu et al., ECCV 2018): D(a, S) = sum_j w_j d(a, j) / sum_j w_j, d the Euclidean distance, not squared, and for each anchor a
/// ln(1 + exp(D(a, S+) - D(a, S-))) (<c>soft</c>) or max(0, m + D(a, S+) - D(a, S-)). The weights are functions of d and the gradient goes through them,
/// as in the public code. Computed as a softmax over ln w, the same and without overflow. Departures: the mean over anchors; an anchor is not in its own S+,
/// and one without a positive or without a negative in the batch does not count.
/// </remarks>
/// <param name="Weighting">How w depends on d.</param>
/// <param name="Soft">ln(1 + e^x) in place of the hinge.</param>
/// <param name="Margin">m, in units of the embedding; of the hinge alone.</param>
/// <param name="Sigma">In units of the embedding; of <c>exponential</c> alone.</param>
/// <param name="Alpha">Of <c>polynomial</c> alone.</param>
public sealed record Hap2sLoss(SetWeighting Weighting = SetWeighting.Polynomial, bool Soft = true, double Margin = 0.1, double Sigma = 0.5, double Alpha = 10) : RankingLoss
{
    /// <summary>In place of ln 0, so that an empty set gives a number, which then does not count, and not 0 / 0.</summary>
    private const double LogOfNothing = -1e30;

    public override string Name => "hap2s";

    public override Ranking Rank(LossInput input)
    {
        BatchPairs pairs = BatchPairs.Of(input);
        Tensor distance = pairs.Distance;                                                              // [N, N]
        (Tensor drawn, Tensor pushed) = Weighting == SetWeighting.Exponential                          // ln w+, ln w-
            ? (distance / Sigma, distance / -Sigma)
            : ((distance + 1).Log() * Alpha, (distance + 1).Log() * (-2 * Alpha));
        Tensor positive = ToSet(distance, drawn, pairs.Positive), negative = ToSet(distance, pushed, pairs.Negative);   // [N, 1]
        return Ranking.OfViolations(positive - negative, pairs.Anchors, Soft ? null : Margin);
    }

    /// <summary>D(a, S), [N, 1].</summary>
    private static Tensor ToSet(Tensor distance, Tensor logWeight, Tensor set) =>
        (logWeight.MaskedFill(set.Not(), LogOfNothing).Softmax(1) * distance).Sum(1).Unsqueeze(1);

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Margin <= 0) yield return $"margin: must be above 0; got {Margin}";
        if (Sigma <= 0) yield return $"sigma: must be above 0; got {Sigma}";
        if (Alpha < 0) yield return $"alpha: must be at least 0; got {Alpha}";
    }
}
