namespace Tern.Evaluation;

/// <summary>
/// Measures how well distances tell pairs of the same from pairs of different things, as the faces of LFW are judged (Huang et al. 2007, View 2);
/// <c>docs/metrics.md</c> says what each number means.
/// </summary>
/// <remarks>A pair is called the same where its distance is at most a threshold: pairs at one distance are called alike, whatever their order.</remarks>
public static class Verification
{
    /// <summary>Judges distances by the pairs they belong to. The accuracy on a fold has its threshold from all the other folds, or is that of
    /// <paramref name="threshold"/>; with one fold and no threshold there is none.</summary>
    /// <param name="pairs">What is known of each pair.</param>
    /// <param name="distances">How far apart it is, as <see cref="PairDistances"/> gives it.</param>
    /// <param name="bits">Length of the codes, for the record; null for float embeddings.</param>
    /// <param name="threshold">Chosen elsewhere; null lets each fold be judged by the others.</param>
    /// <exception cref="TernException">There are not as many distances as pairs, one is not a number, or all pairs are of one kind.</exception>
    public static VerificationScores Evaluate(
        IReadOnlyList<VerificationPair> pairs, IReadOnlyList<double> distances, int? bits = null, double? threshold = null)
    {
        Require(pairs, distances);
        return new VerificationScores
        {
            Pairs = pairs.Count, Bits = bits, Folds = [.. Folds(pairs, distances, threshold)], Roc = RocCurve.Of(PairLevel.Of(pairs, distances, _ => true)),
        };
    }

    /// <summary>The distance up to which these pairs are best called the same: halfway between two neighbouring distances, the smallest of equally good
    /// ones.</summary>
    /// <param name="pairs">What is known of each pair.</param>
    /// <param name="distances">How far apart it is.</param>
    /// <exception cref="TernException">There are not as many distances as pairs, one is not a number, or all pairs are of one kind.</exception>
    public static double Threshold(IReadOnlyList<VerificationPair> pairs, IReadOnlyList<double> distances)
    {
        Require(pairs, distances);
        return PairLevel.BestThreshold(PairLevel.Of(pairs, distances, _ => true));
    }

    private static IEnumerable<FoldScore> Folds(IReadOnlyList<VerificationPair> pairs, IReadOnlyList<double> distances, double? given)
    {
        ILookup<int, int> folds = Enumerable.Range(0, pairs.Count).ToLookup(i => pairs[i].Fold);
        if (folds.Count < 2 && given is null)
            yield break;
        foreach (IGrouping<int, int> fold in folds.OrderBy(fold => fold.Key))
        {
            double threshold = given ?? PairLevel.BestThreshold(PairLevel.Of(pairs, distances, other => other != fold.Key));
            int count = fold.Count(), right = fold.Count(i => (distances[i] <= threshold) == pairs[i].Same);
            yield return new FoldScore(fold.Key, count, threshold, (double)right / count);
        }
    }

    private static void Require(IReadOnlyList<VerificationPair> pairs, IReadOnlyList<double> distances)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(distances);
        if (pairs.Count != distances.Count)
            throw new TernException($"{pairs.Count} pairs and {distances.Count} distances; each pair needs one.");
        for (int i = 0; i < distances.Count; i++)
            if (!double.IsFinite(distances[i]))
                throw new TernException($"The distance of pair {i + 1} is {distances[i]}; the network that made it has diverged.");
        int same = pairs.Count(pair => pair.Same);
        if (same == 0 || same == pairs.Count)
            throw new TernException($"{same} of {pairs.Count} pairs are the same; rates need same pairs and different ones.");
    }
}
