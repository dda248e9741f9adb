using Tern.Codes;

namespace Tern.Search;

/// <summary>One query on its way through the parts of a collection: first their hash tables, while they pay; then what is left for a scan.</summary>
internal sealed class PlannedQuery : OpenQuery
{
    private const int HitRoom = 128;

    private readonly IReadOnlyList<SearchPart> parts;
    private readonly bool[] leftToScan; // [parts]
    private bool bailedOut;
    private int chunks, radius;
    private long probes, candidates;
    private double hashingCost, scanCost;

    public PlannedQuery(IReadOnlyList<SearchPart> parts, ulong[] code, SearchRequest request, int bits)
        : base(code, request.NewSelection(bits, parts.Sum(part => (long)part.Passing)))
    {
        this.parts = parts;
        leftToScan = new bool[parts.Count];
    }

    /// <summary>Whether a part must be scanned for this query, once the tables have been asked.</summary>
    public bool LeavesToScan(int part) => leftToScan[part];

    /// <summary>Asks the tables of all parts that have some. The largest come first: what they find spares the others work.</summary>
    /// <param name="request">What to look for.</param>
    /// <param name="queries">How many queries would share a scan.</param>
    /// <param name="cancellation">Calls it off.</param>
    public void AskTables(SearchRequest request, int queries, CancellationToken cancellation)
    {
        foreach (int p in LargestFirst())
        {
            SearchPart part = parts[p];
            double scan = Planner.ScanCost(part.Codes, part.Allowed, request.Threads, queries);
            scanCost += scan;
            if (part.Passing > 0 && Found.Limit > 0)
                leftToScan[p] = part.Segment.Tables is not { } tables || request.Plan == SearchPlan.Scan
                    || !AskTables(part, tables, request.Plan == SearchPlan.Hashing ? double.PositiveInfinity : Planner.Budget(scan), cancellation);
        }
    }

    public SearchAnswer Answer() => new(Found.ToSorted(), new Explanation
    {
        Plan = chunks == 0 ? SearchPlan.Scan : leftToScan.Contains(true) ? SearchPlan.HashingThenScan : SearchPlan.Hashing,
        Codes = parts.Sum(part => (long)part.Codes.Count),
        Passing = parts.Sum(part => (long)part.Passing),
        BailedOut = bailedOut,
        Chunks = chunks,
        ChunkRadius = radius,
        Probes = probes,
        Candidates = candidates,
        Scanned = parts.Where((_, p) => leftToScan[p]).Sum(part => (long)part.Codes.Count),
        HashingCost = hashingCost / 1000,
        ScanCost = scanCost / 1000,
    });

    private IEnumerable<int> LargestFirst() =>
        parts.Count == 1 ? [0] : Enumerable.Range(0, parts.Count).OrderByDescending(p => parts[p].Codes.Count);

    private bool AskTables(SearchPart part, MultiIndex tables, double budget, CancellationToken cancellation)
    {
        Selection found = Found.Fresh(ascending: false);
        MultiIndexSearch search = new(tables, Code, part.Scan.Rows, part.First, found, budget, stackalloc Hit[HitRoom]);
        bool complete = search.Run(cancellation);

        bailedOut |= !complete;
        chunks = Math.Max(chunks, tables.Chunks.Count);
        radius = Math.Max(radius, search.Radius);
        probes += search.Probes;
        candidates += search.Candidates;
        hashingCost += search.Cost;
        if (!complete)
            return false; // what was found is found again by the scan
        if (Found.IsEmpty)
            Found = found;
        else
            Found.Take(found);
        return true;
    }
}
