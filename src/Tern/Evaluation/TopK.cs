namespace Tern.Evaluation;

/// <summary>Recall@K and Precision@K of one ranking.</summary>
internal static class TopK
{
    /// <summary>Whether a relevant item is among the first k: with ties, the probability of it over random orders.</summary>
    public static double Hit(QueryRanking ranking, int k, Ties ties)
    {
        if (ties == Ties.Legacy)
            return Found(ranking.LegacyRanks, k) > 0 ? 1 : 0;
        int before = 0;
        foreach (TieGroup group in ranking.Groups)
        {
            if (before + group.Total > k)
                return 1 - NoneChance(group, k - before);
            if (group.Relevant > 0)
                return 1;
            before += group.Total;
        }
        return 0;
    }

    /// <summary>The share of relevant items among the first k places (a gallery of fewer than k leaves places empty).</summary>
    public static double Precision(QueryRanking ranking, int k, Ties ties)
    {
        if (ties == Ties.Legacy)
            return (double)Found(ranking.LegacyRanks, k) / k;
        int before = 0;
        double found = 0;
        foreach (TieGroup group in ranking.Groups)
        {
            int places = Math.Min(group.Total, k - before);
            if (places > 0)
                found += (double)group.Relevant * places / group.Total;
            before += places;
        }
        return found / k;
    }

    private static int Found(ReadOnlySpan<int> ranks, int k)
    {
        int found = 0;
        while (found < ranks.Length && ranks[found] <= k)
            found++;
        return found;
    }

    // C(n - r, m) / C(n, m): all m places of a shuffled group go to irrelevant items.
    private static double NoneChance(TieGroup group, int places)
    {
        double chance = 1;
        for (int i = 0; i < group.Relevant && chance > 0; i++)
            chance *= Math.Max(0, (double)(group.Total - places - i) / (group.Total - i));
        return chance;
    }
}
