using Tern.Search;

namespace Tern.Index;

/// <summary>What to search for. All limits apply.</summary>
public sealed record SearchOptions
{
    /// <summary>The most results; null for all within the radius.</summary>
    public int? Top { get; init; } = 10;

    /// <summary>Largest Hamming distance (inclusive); null for any.</summary>
    public int? Within { get; init; }

    /// <summary>Which items may be found; null for all. As many are found as asked for, if they exist.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>Only the nearest item of each label; items without a label all count.</summary>
    public bool OnePerLabel { get; init; }

    /// <summary>How to go about it; null lets the planner choose. The answer does not depend on it.</summary>
    public SearchPlan? Plan { get; init; }

    /// <summary>How many threads one search may use; the answer does not depend on it.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>One answer.</summary>
/// <param name="Key">The item's key.</param>
/// <param name="Label">Its label, if it was added with one.</param>
/// <param name="Distance">Hamming distance from the query.</param>
/// <param name="Id">Number of the addition, counted from 0 over the life of the index; equal distances are ordered by it.</param>
public sealed record SearchResult(string Key, string? Label, int Distance, long Id);
