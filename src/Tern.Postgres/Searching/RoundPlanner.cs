using Tern.Postgres.Layouts;
using Tern.Search;

namespace Tern.Postgres.Searching;

/// <summary>
/// Decides between the indexes of chunks and a scan. Indexes win by orders of magnitude where near codes exist and lose as much where none do, and nobody knows before:
/// so they are asked first, in rounds of growing radius, keep account of what they cost, and are given up at half the cost of the scan.
/// </summary>
/// <remarks>
/// Costs are microseconds measured once (PostgreSQL 15, 5 million 64-bit codes in memory, AMD Zen 5). Only their ratios decide, and never the answer.
/// </remarks>
/// <param name="chunks">How codes are cut.</param>
/// <param name="query">What is asked for.</param>
/// <param name="rows">About how many items there are.</param>
internal sealed class RoundPlanner(CodeChunks chunks, CodeQuery query, long rows)
{
    private const double RoundCost = 300;     // to the server and back, and a plan made
    private const double ProbeCost = 5;       // a bucket found
    private const double CandidateCost = 0.3; // a code in it compared
    private const double FetchCost = 5;       // an item near enough, looked up among 2 million for the filter or its label
    private const double RowCost = 0.1;       // scanned
    private const double BudgetShare = 0.5;
    private const double MostProbes = 1 << 16; // the longest list of buckets that is sent, whatever the plan

    private double spent;
    private double again; // what the last round fetched, the next one fetches too

    /// <summary>The radius of this round.</summary>
    public int Radius { get; private set; } = -1;

    /// <summary>Buckets it asks for.</summary>
    public long Probes { get; private set; }

    /// <summary>The most codes that it may read for each chunk; null: no limit.</summary>
    public long? Most { get; private set; }

    /// <summary>Goes on to the next round.</summary>
    /// <returns>Whether there is one. If not, a scan is the better way, or the only one.</returns>
    public bool Next()
    {
        if (chunks.Count == 0 || query.Plan == SearchPlan.Scan || Radius == query.Within)
            return false;

        // All chunks at the same radius find the most for their cost: m - 1, 2 m - 1, .. for m of them. Where everything within a distance is wanted there is only that.
        Radius = query.Top is null ? query.Within : Math.Min(Radius + chunks.Count, query.Within);
        int[] radii = chunks.Radii(Radius);
        double probes = 0, candidates = 0;
        for (int chunk = 0; chunk < radii.Length; chunk++)
        {
            double buckets = chunks.Buckets(chunk, radii[chunk]);
            probes += buckets;
            candidates += buckets * Math.ScaleB(rows, -chunks.WidthOf(chunk));
        }
        if (probes > MostProbes)
            return false;
        Probes = (long)probes;
        if (query.Plan == SearchPlan.Hashing)
            return true;

        double scan = rows * RowCost;
        spent += RoundCost + probes * ProbeCost;
        double left = (Radius == query.Within ? scan : BudgetShare * scan) - spent - again; // the last round is sure to end the search
        Most = (long)Math.Max(left / CandidateCost / radii.Count(radius => radius >= 0), 0);
        return candidates * CandidateCost <= left;
    }

    /// <summary>Takes account of what the round cost.</summary>
    /// <param name="candidates">Codes that it read.</param>
    /// <param name="fetched">Items that it looked up, those included that the filter refused.</param>
    public void Add(long candidates, long fetched)
    {
        again = fetched * FetchCost;
        spent += candidates * CandidateCost + again;
    }
}
