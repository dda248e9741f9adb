namespace Tern.Search;

/// <summary>What a search did. The counters are the same on every machine for the same codes, tables and request.</summary>
public sealed record Explanation
{
    /// <summary>How it was done.</summary>
    public required SearchPlan Plan { get; init; }

    /// <summary>Codes in the collection, removed ones included.</summary>
    public long Codes { get; init; }

    /// <summary>Codes that the filter let through; all of them, removed ones too, where there was none.</summary>
    public long Passing { get; init; }

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

    /// <summary>The planner's estimate of what the hash tables cost, microseconds of one thread.</summary>
    public double HashingCost { get; init; }

    /// <summary>The planner's estimate of what a scan of everything costs, microseconds of as many threads as there are for each query.</summary>
    public double ScanCost { get; init; }

    /// <summary>On one line, for people.</summary>
    public override string ToString()
    {
        string tables = Probes == 0 ? "" : FormattableString.Invariant(
            $"; {Chunks} tables to radius {ChunkRadius}: {Probes} buckets, {Candidates} codes, about {HashingCost:0.#} us{(BailedOut ? ", given up" : "")}");
        return FormattableString.Invariant($"{Plan}: {Scanned} of {Codes} codes scanned, {Passing} pass; a scan costs about {ScanCost:0.#} us{tables}");
    }
}
