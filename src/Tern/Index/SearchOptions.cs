namespace Tern.Index;

/// <summary>What to search for. Both limits apply.</summary>
public sealed record SearchOptions
{
    /// <summary>The most results; null for all within the radius.</summary>
    public int? Top { get; init; } = 10;

    /// <summary>Largest Hamming distance (inclusive); null for any.</summary>
    public int? Within { get; init; }

    /// <summary>How many threads one search may use; the answer does not depend on it.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>One answer.</summary>
/// <param name="Key">The item's key.</param>
/// <param name="Label">Its label, if it was added with one.</param>
/// <param name="Distance">Hamming distance from the query.</param>
/// <param name="Id">Number of the addition, counted from 0 over the life of the index; equal distances are ordered by it.</param>
public sealed record SearchResult(string Key, string? Label, int Distance, long Id);
