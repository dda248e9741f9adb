using Tern.Codes;

namespace Tern.Search;

/// <summary>Exact search in a list of codes that does not change, by hash tables where they pay and by a scan where they do not.</summary>
/// <remarks>
/// Every plan and thread count gives the same answer: order is (distance, position). May be used by several threads at a time.
/// </remarks>
public sealed class CodeSearch
{
    private readonly PackedCodes codes;
    private readonly MultiIndex? tables;
    private readonly int count;

    private CodeSearch(PackedCodes codes, MultiIndex? tables) => (this.codes, this.tables, count) = (codes, tables, codes.Count);

    /// <summary>Code length in bits.</summary>
    public int Bits => codes.Bits;

    /// <summary>How many codes there are.</summary>
    public int Count => count;

    /// <summary>Chunks that a code is cut into, a hash table each; 0 without tables.</summary>
    public int Chunks => tables?.Chunks.Count ?? 0;

    /// <summary>Bytes the hash tables take beside the codes; 0 without tables.</summary>
    public long TableBytes => tables?.Bytes ?? 0;

    /// <summary>Prepares a search.</summary>
    /// <param name="codes">The codes; nothing may be added to them as long as they are searched.</param>
    /// <param name="hashing">Whether to build hash tables; null: when there are enough codes for them to save anything.</param>
    /// <param name="threads">How many threads may build.</param>
    public static CodeSearch Over(PackedCodes codes, bool? hashing = null, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return new CodeSearch(codes, hashing ?? Planner.WantsTables(codes) ? MultiIndex.Build(codes, threads: threads) : null);
    }

    /// <summary>The codes nearest to the query.</summary>
    /// <exception cref="TernException">The lengths differ, the request makes no sense, or codes were added since.</exception>
    public SearchAnswer Nearest(BinaryCode query, SearchRequest? request = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        request ??= new SearchRequest();
        return PartSearch.Nearest(Parts(request), query, request);
    }

    /// <summary>The codes nearest to each of many queries. What a scan reads serves all of them.</summary>
    /// <exception cref="TernException">As for one.</exception>
    public SearchAnswer[] Nearest(PackedCodes queries, SearchRequest? request = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        request ??= new SearchRequest();
        return PartSearch.Nearest(Parts(request), queries, request);
    }

    private SearchPart[] Parts(SearchRequest request)
    {
        if (codes.Count != count)
            throw new TernException($"There were {count} codes when this search was prepared and {codes.Count} now; prepare it again.");
        if (request.Allowed is { } allowed && allowed.Rows != count)
            throw new TernException($"The set of rows that may be found has {allowed.Rows} rows and the collection {count}; make it for this collection.");
        return [new SearchPart(codes, Allowed: request.Allowed, Tables: tables)];
    }
}
