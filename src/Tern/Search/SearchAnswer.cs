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
/// <param name="Neighbors">Nearest first, ties by position.</param>
/// <param name="Explanation">How it was found.</param>
public sealed record SearchAnswer(IReadOnlyList<Neighbor> Neighbors, Explanation Explanation);

/// <summary>What a search did.</summary>
public sealed record Explanation
{
    /// <summary>How it was done.</summary>
    public required SearchPlan Plan { get; init; }

    /// <summary>Whether hash tables were given up because a scan had become the cheaper way.</summary>
    public bool BailedOut { get; init; }

    /// <summary>Chunks that a code is cut into, a hash table each; 0 where no table was asked.</summary>
    public int Chunks { get; init; }

    /// <summary>The most bits by which a bucket that was read differs from the query's own.</summary>
    public int ChunkRadius { get; init; }

    /// <summary>Buckets looked up.</summary>
    public long Probes { get; init; }

    /// <summary>Codes in those buckets, compared with the query; a code counts once in each bucket it is met in.</summary>
    public long Candidates { get; init; }

    /// <summary>Codes in what was left for a scan.</summary>
    public long Scanned { get; init; }

    /// <summary>The planner's estimate of what the hash tables cost, microseconds.</summary>
    public double HashingCost { get; init; }

    /// <summary>The planner's estimate of what it would cost to scan the codes of these tables instead, microseconds.</summary>
    public double ScanCost { get; init; }
}
