using Tern.Codes;

namespace Tern.Search;

/// <summary>Exact search in a list of codes that does not change, by hash tables where they pay and by a scan where they do not.</summary>
/// <remarks>
/// Every plan and thread count gives the same answer: order is (distance, position). May be used by several threads at a time.
/// </remarks>
public sealed class CodeSearch
{
    private readonly Segment segment;
    private readonly int count;

    private CodeSearch(Segment segment) => (this.segment, count) = (segment, segment.Codes.Count);

    private sealed record Segment(PackedCodes Codes, MultiIndex? Tables, ItemColumns Items) : ICodeSegment
    {
        public RowMarks? Removed => null;
    }

    /// <summary>Code length in bits.</summary>
    public int Bits => segment.Codes.Bits;

    /// <summary>How many codes there are.</summary>
    public int Count => count;

    /// <summary>Chunks that a code is cut into, a hash table each; 0 without tables.</summary>
    public int Chunks => segment.Tables?.Chunks.Count ?? 0;

    /// <summary>Bytes the hash tables take beside the codes; 0 without tables.</summary>
    public long TableBytes => segment.Tables?.Bytes ?? 0;

    /// <summary>Prepares a search.</summary>
    /// <param name="codes">The codes; nothing may be added to them as long as they are searched.</param>
    /// <param name="hashing">Whether to build hash tables; null: when there are enough codes for them to save anything.</param>
    /// <param name="items">What filters may ask about the codes.</param>
    /// <param name="threads">How many threads may build.</param>
    /// <exception cref="TernException">The items are more or fewer than the codes.</exception>
    public static CodeSearch Over(PackedCodes codes, bool? hashing = null, ItemColumns? items = null, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (items is not null && items.Rows != codes.Count)
            throw new TernException($"There are {codes.Count} codes and {items.Rows} items; give an item for each code.");
        MultiIndex? tables = hashing ?? Planner.WantsTables(codes) ? MultiIndex.Build(codes, threads: threads) : null;
        return new CodeSearch(new Segment(codes, tables, items ?? new ItemColumns(codes.Count)));
    }

    /// <summary>The codes nearest to the query.</summary>
    /// <exception cref="TernException">The lengths differ, the request makes no sense, or codes were added since.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public SearchAnswer Nearest(BinaryCode query, SearchRequest? request = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        request ??= new SearchRequest();
        request.Require();
        if (request.Rerank is not { } rerank)
            return PartSearch.Nearest(Parts(request), query, request, cancellation);

        if (rerank.Descriptors.Count != count)
            throw new TernException($"There are {count} codes and {rerank.Descriptors.Count} descriptors; give a descriptor for each code.");
        int top = request.Top ?? int.MaxValue;
        SearchAnswer near = PartSearch.Nearest(Parts(request), query, request with { Top = Math.Min(Math.Max(rerank.Among, top), count) }, cancellation);
        (Neighbor[] items, float[] cosines) = rerank.Order(near.Neighbors, top);
        return near with { Neighbors = items, Cosines = cosines };
    }

    /// <summary>The codes nearest to each of many queries. What a scan reads serves all of them.</summary>
    /// <exception cref="TernException">As for one; or they are to be re-ranked.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public SearchAnswer[] Nearest(PackedCodes queries, SearchRequest? request = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        request ??= new SearchRequest();
        request.Require();
        if (request.Rerank is not null)
            throw new TernException("Many queries at once cannot be re-ranked, a descriptor belongs to one; ask one by one.");
        return PartSearch.Nearest(Parts(request), queries, request, cancellation);
    }

    /// <summary>All pairs of codes within a radius of each other.</summary>
    /// <exception cref="TernException">The request makes no sense, or codes were added since.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public PairAnswer PairsWithin(int radius, JoinRequest? request = null, CancellationToken cancellation = default) =>
        SelfJoin.Pairs(Unchanged(), radius, request ?? new JoinRequest(), cancellation);

    /// <summary>Groups of near duplicates: codes that pairs within a radius connect, directly or through others.</summary>
    /// <exception cref="TernException">The request makes no sense, or codes were added since.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public GroupAnswer GroupsWithin(int radius, JoinRequest? request = null, CancellationToken cancellation = default) =>
        SelfJoin.Groups(Unchanged(), radius, request ?? new JoinRequest(), cancellation);

    private SearchPart[] Parts(SearchRequest request) => SearchPart.Of([Unchanged()], request.Filter);

    private Segment Unchanged() => segment.Codes.Count == count
        ? segment
        : throw new TernException($"There were {count} codes when this search was prepared and {segment.Codes.Count} now; prepare it again.");
}
