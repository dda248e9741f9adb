namespace Tern.Evaluation;

/// <summary>
/// One query's relevant items by distance, and how many gallery items lie at and between those distances: all that a ranking is judged by. Items are counted
/// in any order, the relevant ones among them.
/// </summary>
internal sealed class RelevantItems
{
    private readonly ulong[] keys;      // distance, then position, of each relevant item; ascending
    private readonly int[] groupOf;     // which of the different distances a key has
    private readonly int[] relevantAt;  // by different distance: relevant items,
    private readonly int[] at;          // all items,
    private readonly int[] before;      // and items between it and the one before; at the end, those beyond all
    private readonly int[]? upTo;       // by key: items above the key before and not above this one; only where ranks are asked for

    /// <param name="keys">Key of each relevant item, in any order.</param>
    /// <param name="withRanks">Whether ranks with ties by position are asked for.</param>
    public RelevantItems(IEnumerable<ulong> keys, bool withRanks)
    {
        this.keys = [.. keys];
        Array.Sort(this.keys);
        groupOf = new int[this.keys.Length];
        for (int i = 1; i < this.keys.Length; i++)
            groupOf[i] = groupOf[i - 1] + (DistanceOf(this.keys[i]) == DistanceOf(this.keys[i - 1]) ? 0 : 1);
        int groups = this.keys.Length == 0 ? 0 : groupOf[^1] + 1;
        (relevantAt, at, before) = (new int[groups], new int[groups], new int[groups + 1]);
        foreach (int group in groupOf)
            relevantAt[group]++;
        upTo = withRanks ? new int[this.keys.Length + 1] : null;
    }

    /// <summary>Orders items by distance and, where that is equal, by position.</summary>
    public static ulong Key(float distance, int position) => (ulong)Ascending(distance) << 32 | (uint)position;

    /// <summary>Counts one item.</summary>
    public void Count(ulong key)
    {
        if (keys.Length == 0)
            return;
        int low = 0, high = keys.Length;                              // low becomes the number of keys below this one
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (keys[middle] < key)
                low = middle + 1;
            else
                high = middle;
        }
        uint distance = DistanceOf(key);
        if (low < keys.Length && DistanceOf(keys[low]) == distance)
            at[groupOf[low]]++;
        else if (low > 0 && DistanceOf(keys[low - 1]) == distance)
            at[groupOf[low - 1]]++;
        else
            before[low < keys.Length ? groupOf[low] : at.Length]++;
        if (upTo is not null)
            upTo[low]++;
    }

    /// <summary>The ranking, once every item is counted.</summary>
    public QueryRanking Ranking()
    {
        List<TieGroup> groups = [];
        for (int group = 0; group < at.Length; group++)
        {
            if (before[group] > 0)
                groups.Add(new TieGroup(before[group], 0));           // their order among themselves matters to no number
            groups.Add(new TieGroup(at[group], relevantAt[group]));
        }
        if (before[^1] > 0)
            groups.Add(new TieGroup(before[^1], 0));
        return new QueryRanking(groups.ToArray(), Ranks());
    }

    private int[] Ranks()
    {
        if (upTo is null)
            return [];
        int[] ranks = new int[keys.Length];
        int rank = 0;
        for (int i = 0; i < ranks.Length; i++)
            ranks[i] = rank += upTo[i];
        return ranks;
    }

    private static uint DistanceOf(ulong key) => (uint)(key >> 32);

    // Maps floats to integers of the same order; adding zero makes -0 equal to 0.
    private static uint Ascending(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
