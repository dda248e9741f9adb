using Tern.Codes;

namespace Tern.Search;

/// <summary>
/// Decides between the hash tables of a part and a scan of it. Tables win by orders of magnitude where near codes exist and lose as much where none do, and nobody
/// knows before: so they are asked first, keep account of what they cost, and are given up at half the cost of the scan. At worst a search then takes one and a
/// half scans.
/// </summary>
/// <remarks>
/// Costs are nanoseconds measured once (AMD Zen 5, 2 cores: a read of memory at 41 GB/s, prototypes of the tables in C). Only their ratios decide, and never the answer.
/// </remarks>
internal static class Planner
{
    /// <summary>A bucket looked up.</summary>
    public const double ProbeCost = 15;

    /// <summary>A row of an equal code, offered or refused.</summary>
    public const double RowCost = 1;

    private const double BudgetShare = 0.5;
    private const double WordCost = 0.2, CachedWordCost = 0.12; // scanned; codes up to CacheBytes are in the cache
    private const double SharedWordCost = 0.09;                 // by SharingQueries queries or more at a time, which read a block of codes once
    private const int SharingQueries = 4;
    private const long CacheBytes = 16L << 20;
    private const double FilterCost = 0.5;                      // of a group of rows
    private const double WorthTables = 20_000;                  // a scan so short needs none
    private const double WorthJoinTables = 100_000_000;

    /// <summary>A code compared: of one word it lies in the bucket, a longer one is fetched.</summary>
    public static double CandidateCost(int words) => words == 1 ? 3 : 20;

    /// <summary>Whether a collection of so many codes is large enough for tables to save anything.</summary>
    public static bool WantsTables(PackedCodes codes) => ScanCost(codes, null, 1) > WorthTables;

    /// <summary>What tables may cost before a scan of this cost is the better way.</summary>
    public static double Budget(double scanCost) => BudgetShare * scanCost;

    /// <summary>What comparing every code with every other costs.</summary>
    public static double ScanJoinCost(PackedCodes codes) => 0.5 * codes.Count * codes.Count * codes.WordsPerCode * SharedWordCost;

    /// <summary>What comparing the codes of near buckets costs.</summary>
    public static double BucketJoinCost(double comparisons, double probes, int words) => probes * ProbeCost + comparisons * words * CachedWordCost;

    /// <summary>Whether building tables to find pairs with takes less than comparing everything.</summary>
    public static bool JoinWantsTables(PackedCodes codes) => ScanJoinCost(codes) > WorthJoinTables;

    /// <summary>What a scan costs a query. Of a group of 32 codes none is read when the filter refuses all.</summary>
    /// <param name="codes">The codes to scan.</param>
    /// <param name="allowed">Rows that pass the filter; null: all.</param>
    /// <param name="threads">How many threads search.</param>
    /// <param name="queries">How many queries they search for. A query's tables have one thread, its scan has its share of them.</param>
    public static double ScanCost(PackedCodes codes, RowSet? allowed, int threads, int queries = 1)
    {
        double words = (double)codes.Count * codes.WordsPerCode;
        double threadsOfQuery = Math.Max((double)threads / queries, 1), speedUp = Math.Min(1 + 0.5 * (threadsOfQuery - 1), 4); // they share the memory
        double cost = words * (queries >= SharingQueries ? SharedWordCost : 8 * words <= CacheBytes ? CachedWordCost : WordCost);
        if (allowed is not null)
        {
            double share = (double)allowed.Count / Math.Max(allowed.Rows, 1);
            cost = cost * (1 - Math.Pow(1 - share, HammingKernels.GroupLength)) + (double)codes.Count / HammingKernels.GroupLength * FilterCost;
        }
        return cost / speedUp;
    }
}
