using Tern.Codes;

namespace Tern.Search;

/// <summary>What to look for among codes in memory. All limits apply; the answer does not depend on <see cref="Plan"/> or <see cref="Threads"/>.</summary>
public sealed record SearchRequest
{
    /// <summary>The most results; null for all within the radius.</summary>
    public int? Top { get; init; } = 10;

    /// <summary>Largest Hamming distance (inclusive); null for any.</summary>
    public int? Within { get; init; }

    /// <summary>What may be found; null for everything. As many are found as asked for, if they exist.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>The group of a position. Only the nearest of each group is found, and <see cref="Top"/> counts groups; null: everything counts.
    /// Several threads may ask it at a time.</summary>
    public Func<long, long>? GroupOf { get; init; }

    /// <summary>Puts the nearest into the order of their descriptors; null leaves them in the order of their codes. Not for many queries at once.</summary>
    public Reranking? Rerank { get; init; }

    /// <summary>How to go about it; null lets the planner choose. <see cref="SearchPlan.Hashing"/> does not give up, however long it takes.</summary>
    public SearchPlan? Plan { get; init; }

    /// <summary>How many threads may work.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What is wrong with it.</summary>
    public IEnumerable<string> Problems()
    {
        if (Top < 0)
            yield return $"top: must be 0 or more; got {Top}";
        if (Within < 0)
            yield return $"within: must be 0 or more; got {Within}";
        if (Threads < 1)
            yield return $"threads: must be at least 1; got {Threads}";
        if (Plan is not (null or SearchPlan.Scan or SearchPlan.Hashing))
            yield return $"plan: must be Scan, Hashing or null; got {Plan}";
        if (Rerank is { Among: < 1 })
            yield return $"rerank.among: must be at least 1; got {Rerank.Among}";
    }

    /// <exception cref="TernException">There are problems.</exception>
    internal void Require()
    {
        if (string.Join("; ", Problems()) is { Length: > 0 } problems)
            throw new TernException($"This cannot be searched for: {problems}.");
    }

    /// <summary>An empty selection for what is asked, of <paramref name="rows"/> rows at most.</summary>
    internal Selection NewSelection(int bits, long rows)
    {
        int top = (int)Math.Min(Top ?? int.MaxValue, rows);
        return GroupOf is null
            ? new NearestSelection(bits, top, Within ?? bits, ascending: false)
            : new DiverseSelection(bits, top, Within ?? bits, ascending: false, GroupOf);
    }
}
