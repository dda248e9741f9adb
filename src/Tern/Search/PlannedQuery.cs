using Tern.Codes;

namespace Tern.Search;

/// <summary>A run of codes to search.</summary>
/// <param name="Codes">The codes.</param>
/// <param name="First">The position of the first of them.</param>
/// <param name="Removed">Rows that are not to be found: bit row % 64 of word row / 64; null: none.</param>
/// <param name="Allowed">Rows that may be found; null: all.</param>
/// <param name="Tables">Hash tables of the codes, if they have any.</param>
internal sealed record SearchPart(PackedCodes Codes, long First = 0, ulong[]? Removed = null, RowSet? Allowed = null, MultiIndex? Tables = null)
{
    public ScanPart Scan => new(Codes, First, Removed, Allowed?.Words);

    /// <summary>No more rows than this can be found.</summary>
    public int Passing => Allowed?.Count ?? Codes.Count;
}

/// <summary>One query on its way through the parts of a collection: first their hash tables, while they pay; then what is left for a scan.</summary>
internal sealed class PlannedQuery : OpenQuery
{
    private readonly bool[] leftToScan; // [parts]
    private readonly IReadOnlyList<SearchPart> parts;
    private bool bailedOut, hashed;
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
    public void AskTables(SearchRequest request)
    {
        foreach (int p in Enumerable.Range(0, parts.Count).OrderByDescending(p => parts[p].Tables is null ? 0 : parts[p].Codes.Count))
        {
            SearchPart part = parts[p];
            if (part.Passing > 0 && Found.Limit > 0)
                leftToScan[p] = part.Tables is null || request.Plan == SearchPlan.Scan || !AskTables(part, part.Tables, request);
        }
    }

    public SearchAnswer Answer() => new(Found.ToSorted(), new Explanation
    {
        Plan = !leftToScan.Contains(true) ? (hashed ? SearchPlan.Hashing : SearchPlan.Scan) : hashed ? SearchPlan.HashingThenScan : SearchPlan.Scan,
        BailedOut = bailedOut,
        Chunks = chunks,
        ChunkRadius = radius,
        Probes = probes,
        Candidates = candidates,
        Scanned = parts.Where((_, p) => leftToScan[p]).Sum(part => (long)part.Codes.Count),
        HashingCost = hashingCost / 1000,
        ScanCost = scanCost / 1000,
    });

    private bool AskTables(SearchPart part, MultiIndex tables, SearchRequest request)
    {
        double scan = Planner.ScanCost(part.Codes, part.Allowed, request.Threads);
        double budget = request.Plan == SearchPlan.Hashing ? double.PositiveInfinity : Planner.Budget(part.Codes, part.Allowed, request.Threads);
        Selection found = Found.Fresh(ascending: false);
        MultiIndexSearch search = new(tables, Code, part.Scan.Rows, part.First, found, budget);
        bool complete = search.Run();

        hashed |= search.Probes > 0;
        bailedOut |= !complete;
        chunks = Math.Max(chunks, tables.Chunks.Count);
        radius = Math.Max(radius, search.Radius);
        probes += search.Probes;
        candidates += search.Candidates;
        hashingCost += search.Cost;
        scanCost += scan;
        if (!complete)
            return false; // what was found is found again by the scan
        if (Found.IsEmpty)
            Found = found;
        else
            Found.Take(found);
        return true;
    }
}
