using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Layouts;
using Tern.Search;

namespace Tern.Postgres.Searching;

/// <summary>What each shard is asked for.</summary>
/// <param name="Code">The query's code.</param>
/// <param name="Top">The most results, with those that are passed over; null for all within the distance.</param>
/// <param name="Within">The largest distance, at most the code's length.</param>
/// <param name="Filter">What may be found; null for everything.</param>
/// <param name="OnePerLabel">Only the nearest item of each label.</param>
/// <param name="Plan">How to go about it; null lets the planner choose.</param>
internal sealed record CodeQuery(BinaryCode Code, int? Top, int Within, ItemFilter? Filter, bool OnePerLabel, SearchPlan? Plan)
{
    /// <summary>Passes over so many of the nearest first.</summary>
    public int Skip { get; init; }

    /// <exception cref="TernException">The code has another length, the options make no sense, or the filter asks for what PostgreSQL does not have.</exception>
    public static CodeQuery From(BinaryCode code, SearchOptions options, Identity identity)
    {
        if (code.Bits != identity.Bits)
            throw new TernException($"The query has {code.Bits} bits and the collection {identity.Bits}; use the model the collection was made with ({identity.Model}).");
        SearchRequest request = new() { Top = options.Top, Within = options.Within, Plan = options.Plan, Threads = options.Threads };
        if (string.Join("; ", request.Problems()) is { Length: > 0 } problems)
            throw new TernException($"This cannot be searched for: {problems}.");
        options.Require(kept: null); // there are no descriptors to re-rank by
        if (options.Filter is { } filter)
            FilterSql.Condition(filter, new Statement());
        return new CodeQuery(code, options.Candidates, Math.Min(options.Within ?? code.Bits, code.Bits), options.Filter, options.OnePerLabel, options.Plan) { Skip = options.Skip };
    }

    /// <summary>The answer of all shards from those of each: each has sent as many as are asked for, if it has them.</summary>
    public IReadOnlyList<SearchResult> Merge(IEnumerable<SearchResult> found)
    {
        found = found.OrderBy(result => result.Distance).ThenBy(result => result.Id);
        if (OnePerLabel)
            found = found.DistinctBy(result => (result.Label, result.Label is null ? result.Id : 0));
        return [.. found.Take(Top ?? int.MaxValue).Skip(Skip)];
    }
}
