using Tern.Codes;

namespace Tern.Search;

/// <summary>How a search was done.</summary>
public enum SearchPlan
{
    /// <summary>Every code was read.</summary>
    Scan,

    /// <summary>Only the buckets of hash tables that can hold an answer were read (multi-index hashing).</summary>
    Hashing,

    /// <summary>Hash tables first; then the codes that have none, or whose tables were given up because they cost too much, were read.</summary>
    HashingThenScan,
}

/// <summary>What was found, and how.</summary>
/// <param name="Neighbors">Nearest first, ties by position; re-ranked ones by cosine, ties by position.</param>
/// <param name="Explanation">How it was found.</param>
public sealed record SearchAnswer(IReadOnlyList<Neighbor> Neighbors, Explanation Explanation)
{
    /// <summary>[Neighbors] cosines of their descriptors and the query's; null where nothing was re-ranked.</summary>
    public IReadOnlyList<float>? Cosines { get; init; }
}
