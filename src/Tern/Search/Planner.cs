using Tern.Codes;

namespace Tern.Search;

/// <summary>
/// Decides between the hash tables of a part and a scan of it. Tables win by orders of magnitude where near codes exist and lose as much where none do, and nobody
/// knows before: so they are asked first, keep account of what they cost, and are given up at half the cost of the scan. At worst a search then takes about one
/// and a half scans, as far as the costs below are those of the machine.
/// </summary>
/// <remarks>
/// Costs are nanoseconds measured once (<c>bench/search.sh</c> on a core of AMD's Zen 4, a read of memory at 30 to 36 GB/s; each query a new one, so that its buckets lie in memory); those of joins on an
/// earlier machine, a Zen 5. Those of rows, of hits, of candidates longer than a word and of scans in the cache are estimates, high where in doubt. Only their ratios decide, and never
/// the answer.
/// </remarks>
internal static class Planner
{
    /// <summary>A bucket looked up.</summary>
    public const double ProbeCost = 150;

    /// <summary>A row of an equal code, offered or refused.</summary>
    public const double RowCost = 3;

    /// <summary>A code that is near enough: looked for among those of smaller radii, and offered.</summary>
    public const double HitCost = 15;

    private const double BudgetShare = 0.5;
    private const double WordCost = 0.27, CachedWordCost = 0.15; // scanned; codes up to CacheBytes are in the cache (0.12 to 0.22, by the machine)
    private const double SharedWordCost = 0.07;                  // by queries enough for bit planes
    private const long CacheBytes = 16L << 20;
    private const double WorthTables = 20_000;                   // a scan so short needs none
    private const double JoinWordCost = 0.12, JoinProbeCost = 15; // of joins, which go through blocks and buckets in their order
    private const double WorthJoinTables = 100_000_000;

    /// <summary>A code compared: of one word it lies in the bucket, a longer one is fetched from memory.</summary>
    public static double CandidateCost(int words) => words == 1 ? 6 : 60 + 8 * words;

    /// <summary>Whether a collection of so many codes is large enough for tables to save anything.</summary>
    public static bool WantsTables(PackedCodes codes) => ScanCost(codes, null, 1) > WorthTables;

    /// <summary>What tables may cost before a scan of this cost is the better way.</summary>
    public static double Budget(double scanCost) => BudgetShare * scanCost;

    /// <summary>What comparing every code with every other costs.</summary>
    public static double ScanJoinCost(PackedCodes codes) => 0.5 * codes.Count * codes.Count * codes.WordsPerCode * JoinWordCost;

    /// <summary>What comparing the codes of near buckets costs.</summary>
    public static double BucketJoinCost(double comparisons, double probes, int words) => probes * JoinProbeCost + comparisons * words * JoinWordCost;

    /// <summary>Whether building tables to find pairs with takes less than comparing everything.</summary>
    public static bool JoinWantsTables(PackedCodes codes) => ScanJoinCost(codes) > WorthJoinTables;

    /// <summary>What a scan costs a query. Where a filter lets few pass, those alone are read.</summary>
    /// <param name="codes">The codes to scan.</param>
    /// <param name="allowed">Rows that pass the filter; null: all.</param>
    /// <param name="threads">How many threads search.</param>
    /// <param name="queries">How many queries they search for. A query's tables have one thread, its scan has its share of them.</param>
    public static double ScanCost(PackedCodes codes, RowSet? allowed, int threads, int queries = 1)
    {
        double words = (double)codes.Count * codes.WordsPerCode;
        double threadsOfQuery = Math.Max((double)threads / queries, 1), speedUp = Math.Min(1 + 0.5 * (threadsOfQuery - 1), 4); // they share the memory
        bool turned = queries >= BitPlanes.WorthQueries && codes.Bits <= 2 * BitPlanes.MostLimit; // of longer codes, the nearest may lie farther than planes count
        double cost = words * (turned ? SharedWordCost : 8 * words <= CacheBytes ? CachedWordCost : WordCost);
        return cost * (allowed?.ShareOfScan(codes.WordsPerCode) ?? 1) / speedUp;
    }
}
