using Tern.Codes;

namespace Tern.Search;

/// <summary>Search in a collection that consists of parts, with or without hash tables: the index's segments, or one list of codes.</summary>
internal static class PartSearch
{
    private const int QueriesAtATime = 256; // each thread keeps what it has found for each of them

    /// <summary>The answer to one query.</summary>
    /// <param name="parts">In the order of their positions, without overlap. What may be found is the parts' to say: the request's own filter is not read.</param>
    /// <param name="query">A code of the same length.</param>
    /// <param name="request">What to look for.</param>
    /// <param name="cancellation">Calls it off, after a chunk of a scan or all buckets of a table at one radius.</param>
    /// <exception cref="TernException">The lengths differ, or the request makes no sense.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public static SearchAnswer Nearest(IReadOnlyList<SearchPart> parts, BinaryCode query, SearchRequest request, CancellationToken cancellation = default)
    {
        PackedCodes queries = new(query.Bits, 1);
        queries.Add(query);
        return Nearest(parts, queries, request, cancellation)[0];
    }

    /// <summary>The answer to each query. Queries that leave something to scan share one pass over it.</summary>
    public static SearchAnswer[] Nearest(IReadOnlyList<SearchPart> parts, PackedCodes queries, SearchRequest request, CancellationToken cancellation = default)
    {
        request.Require();
        foreach (SearchPart part in parts)
            if (part.Codes.Bits != queries.Bits)
                throw new TernException(
                    $"The query has {queries.Bits} bits and the codes {part.Codes.Bits}; encode both with the same model.");

        SearchAnswer[] answers = new SearchAnswer[queries.Count];
        for (int first = 0; first < queries.Count; first += QueriesAtATime)
        {
            PlannedQuery[] some = new PlannedQuery[Math.Min(QueriesAtATime, queries.Count - first)];
            for (int q = 0; q < some.Length; q++)
                some[q] = new PlannedQuery(parts, queries.WordsOf(first + q).ToArray(), request, queries.Bits);
            AskTables(some, request, cancellation);
            HammingScan.Run(Jobs(parts, some), some, request.Threads, cancellation);
            for (int q = 0; q < some.Length; q++)
                answers[first + q] = some[q].Answer();
        }
        return answers;
    }

    // Of several queries each has a thread to itself.
    private static void AskTables(PlannedQuery[] queries, SearchRequest request, CancellationToken cancellation)
    {
        if (queries.Length == 1 || request.Threads == 1)
            foreach (PlannedQuery query in queries)
                query.AskTables(request, queries.Length, cancellation);
        else
            Parallel.For(0, queries.Length, new ParallelOptions { MaxDegreeOfParallelism = request.Threads, CancellationToken = cancellation }, q =>
                queries[q].AskTables(request, queries.Length, cancellation));
    }

    private static List<ScanJob> Jobs(IReadOnlyList<SearchPart> parts, PlannedQuery[] queries)
    {
        List<ScanJob> jobs = [];
        for (int p = 0; p < parts.Count; p++)
        {
            int[] asking = [.. Enumerable.Range(0, queries.Length).Where(q => queries[q].LeavesToScan(p))];
            if (asking.Length > 0)
                jobs.Add(new ScanJob(parts[p].Scan, asking));
        }
        return jobs;
    }
}
