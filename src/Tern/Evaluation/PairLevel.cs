namespace Tern.Evaluation;

/// <summary>All pairs at one distance: a threshold lies before or behind them, never between.</summary>
/// <param name="Distance">The distance.</param>
/// <param name="Same">How many of them are the same.</param>
/// <param name="Different">How many are different.</param>
internal readonly record struct PairLevel(double Distance, int Same, int Different)
{
    /// <summary>The pairs of the accepted folds by distance, ascending.</summary>
    public static List<PairLevel> Of(IReadOnlyList<VerificationPair> pairs, IReadOnlyList<double> distances, Func<int, bool> accepts)
    {
        int[] order = [.. Enumerable.Range(0, pairs.Count).Where(i => accepts(pairs[i].Fold)).OrderBy(i => distances[i])];
        List<PairLevel> levels = [];
        foreach (int i in order)
        {
            PairLevel one = new(distances[i], pairs[i].Same ? 1 : 0, pairs[i].Same ? 0 : 1);
            if (levels.Count > 0 && levels[^1].Distance == one.Distance)
                levels[^1] = new PairLevel(one.Distance, levels[^1].Same + one.Same, levels[^1].Different + one.Different);
            else
                levels.Add(one);
        }
        return levels;
    }

    /// <summary>
    /// The threshold that is right on most of the pairs when all up to it are called the same: halfway to the next distance, and of equally good ones the
    /// smallest. Just below all distances where nothing should be called the same, the largest one where everything should.
    /// </summary>
    public static double BestThreshold(IReadOnlyList<PairLevel> levels)
    {
        int right = levels.Sum(level => level.Different), most = right, last = -1;
        for (int i = 0; i < levels.Count; i++)
        {
            right += levels[i].Same - levels[i].Different;
            if (right > most)
                (most, last) = (right, i);
        }
        if (last < 0)
            return Math.BitDecrement(levels[0].Distance);
        if (last == levels.Count - 1)
            return levels[last].Distance;
        double low = levels[last].Distance, high = levels[last + 1].Distance, middle = low + (high - low) / 2;
        return middle < high ? middle : low; // neighbouring doubles have nothing between them
    }
}
