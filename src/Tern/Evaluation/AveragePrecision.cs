using System.Runtime.Intrinsics;

namespace Tern.Evaluation;

/// <summary>A value that depends on the order of tied items: its mean over all orders, and the least and largest it can be.</summary>
/// <param name="Expected">Mean over all orders of the tied items, each equally likely.</param>
/// <param name="Worst">The least over all orders.</param>
/// <param name="Best">The largest over all orders.</param>
public readonly record struct TiedValue(double Expected, double Worst, double Best);

/// <summary>Average precision of one ranking: the mean, over the relevant items, of the precision at each one's rank.</summary>
/// <remarks>
/// Ties in closed form. A group of n tied items, r of them relevant, follows N items with R relevant ones. At its position j (1..n) stands
/// a relevant item with probability r / n, and then the j - 1 before it hold (j - 1)(r - 1) / (n - 1) others on average, so the group adds
/// sum over j of r/n * (R + 1 + (j - 1)(r - 1)/(n - 1)) / (N + j)
/// (McSherry and Najork 2008, "Computing information retrieval performance measures efficiently in the presence of tied scores").
/// A cut-off inside the group ends the sum there. Its m places hold c relevant ones with hypergeometric probability; with the
/// denominator <see cref="CutoffDenominator.Found"/>, which counts them, the mean is taken over c.
/// </remarks>
internal static class AveragePrecision
{
    /// <summary>Average precision where the relevant items stand at these ranks, ascending from 1.</summary>
    public static double FromRanks(ReadOnlySpan<int> ranks, int? cutoff = null, CutoffDenominator denominator = CutoffDenominator.Possible)
    {
        int depth = cutoff ?? int.MaxValue;
        int found = 0;
        double sum = 0;
        while (found < ranks.Length && ranks[found] <= depth)
            sum += (found + 1.0) / ranks[found++];
        int divisor = denominator == CutoffDenominator.Found ? found : Math.Min(depth, ranks.Length);
        return divisor == 0 ? 0 : sum / divisor;
    }

    /// <summary>Average precision of tie groups in rank order; the ranking must hold a relevant item.</summary>
    public static TiedValue OfGroups(QueryRanking ranking, int? cutoff = null, CutoffDenominator denominator = CutoffDenominator.Possible)
    {
        int depth = Math.Min(cutoff ?? int.MaxValue, ranking.Total);
        int divisor = Math.Min(cutoff ?? int.MaxValue, ranking.Relevant);
        Sums sums = default;
        int before = 0, relevantBefore = 0;
        foreach (TieGroup group in ranking.Groups)
        {
            int places = Math.Min(group.Total, depth - before);
            if (places == 0)
                continue;
            TieRun run = new(before, relevantBefore, group, places);
            if (places < group.Total && denominator == CutoffDenominator.Found)
                return run.MeanOverFound(sums.Expected, sums.Worst, sums.Best);
            sums = new Sums(sums.Expected + run.Expected(), sums.Worst + run.Worst(), sums.Best + run.Best());
            before += group.Total;
            relevantBefore += group.Relevant;
            if (before >= depth)
                break;
        }
        if (denominator == CutoffDenominator.Found)
            divisor = relevantBefore;
        // No average precision exceeds 1; sums of rounded terms can, in their last digit.
        return divisor == 0 ? default : new TiedValue(Math.Min(1, sums.Expected / divisor), Math.Min(1, sums.Worst / divisor), Math.Min(1, sums.Best / divisor));
    }

    private readonly record struct Sums(double Expected, double Worst, double Best);

    /// <summary>The first <paramref name="Places"/> places of a tie group that follows Before items, RelevantBefore of them
    /// relevant.</summary>
    private readonly record struct TieRun(int Before, int RelevantBefore, TieGroup Group, int Places)
    {
        public double Expected()
        {
            if (Group.Relevant == 0)
                return 0;
            (double reciprocals, double weighted) = PlaceSums(Before, Places);
            double share = (double)Group.Relevant / Group.Total;
            double others = Group.Total == 1 ? 0 : (Group.Relevant - 1.0) / (Group.Total - 1.0);
            return share * ((RelevantBefore + 1) * reciprocals + others * weighted);
        }

        // Relevant items first.
        public double Best() => Run(Before, RelevantBefore, Math.Min(Group.Relevant, Places));

        // Relevant items last, those past the cut-off not at all.
        public double Worst() => Run(Before + Math.Min(Group.Total - Group.Relevant, Places), RelevantBefore, LeastFound);

        private int LeastFound => Math.Max(0, Places - (Group.Total - Group.Relevant));

        // The denominator is RelevantBefore + c, and c is a matter of chance.
        public TiedValue MeanOverFound(double expected, double worst, double best)
        {
            (double reciprocals, double weighted) = PlaceSums(Before, Places);
            int most = Math.Min(Group.Relevant, Places);
            double[] chances = Hypergeometric(Group.Total, Group.Relevant, Places, LeastFound, most);
            double mean = 0, least = double.PositiveInfinity, largest = 0, first = 0, lastReciprocals = 0;
            for (int found = 0; found <= most; found++)
            {
                if (found > 0)
                {
                    first += (double)(RelevantBefore + found) / (Before + found);
                    lastReciprocals += 1.0 / (Before + Places - found + 1);
                }
                if (found < LeastFound)
                    continue;
                double share = (double)found / Places;
                double others = Places == 1 ? 0 : (found - 1.0) / (Places - 1.0);
                double inside = share * ((RelevantBefore + 1) * reciprocals + others * weighted);
                // ranks Before + Places - found + 1 ..
                double last = found + (RelevantBefore - (Before + Places - found)) * lastReciprocals;
                double divisor = Math.Max(1, RelevantBefore + found);
                mean += chances[found - LeastFound] * (expected + inside) / divisor;
                largest = Math.Max(largest, (best + first) / divisor);
                least = Math.Min(least, (worst + last) / divisor);
            }
            return new TiedValue(mean, least, largest);
        }
    }

    // Sum of the precisions of count relevant items in a row after `before` items, `relevant` of them relevant.
    private static double Run(int before, int relevant, int count)
    {
        (double reciprocals, double weighted) = PlaceSums(before, count);
        return (relevant + 1) * reciprocals + weighted;
    }

    // Over places j = 1..count: the sums of 1 / (before + j) and of (j - 1) / (before + j). Always eight lanes, so that the rounding,
    // and with it the last digit, is the same on every machine.
    private static (double Reciprocals, double Weighted) PlaceSums(int before, int count)
    {
        Vector512<double> steps = Vector512.Create(0.0, 1, 2, 3, 4, 5, 6, 7);
        Vector512<double> reciprocals = default, weighted = default;
        int j = 0;
        for (; j + 8 <= count; j += 8)
        {
            Vector512<double> index = steps + Vector512.Create((double)j);
            Vector512<double> reciprocal = Vector512<double>.One / (index + Vector512.Create(before + 1.0));
            reciprocals += reciprocal;
            weighted += index * reciprocal;
        }
        double sum = Sum(reciprocals), weightedSum = Sum(weighted);
        for (; j < count; j++)
        {
            sum += 1.0 / (before + 1.0 + j);
            weightedSum += j / (before + 1.0 + j);
        }
        return (sum, weightedSum);
    }

    private static double Sum(Vector512<double> v) =>
        ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));

    // P(c relevant among the first `places` of a shuffled group), c = least..most: ratios outwards from the likeliest, then normalised.
    private static double[] Hypergeometric(int total, int relevant, int places, int least, int most)
    {
        double[] chance = new double[most - least + 1];
        int mode = Math.Clamp((int)((relevant + 1.0) * (places + 1.0) / (total + 2.0)), least, most);
        // P(c + 1) / P(c)
        double Ratio(int c) => (relevant - c) * (double)(places - c) / ((c + 1.0) * (total - relevant - places + c + 1.0));
        chance[mode - least] = 1;
        for (int c = mode; c < most; c++)
            chance[c + 1 - least] = chance[c - least] * Ratio(c);
        for (int c = mode; c > least; c--)
            chance[c - 1 - least] = chance[c - least] / Ratio(c - 1);
        double sum = chance.Sum();
        for (int i = 0; i < chance.Length; i++)
            chance[i] /= sum;
        return chance;
    }
}
