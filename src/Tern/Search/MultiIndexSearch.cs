using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Tern.Codes;

namespace Tern.Search;

/// <summary>One search in the hash tables: buckets ever farther from the query's own, until nothing that is missing could belong to the answer.</summary>
/// <remarks>
/// Norouzi, Punjani and Fleet, CVPR 2012 (arXiv:1307.2982), algorithm 1. For radius s = 0, 1, .. the m chunks are asked in turn for all buckets that differ from
/// the query's in exactly s bits. After chunk t = 0 .. m-1 at radius s every code up to distance s m + t has been met: one not met differs by at least s + 1
/// in the first t + 1 chunks and by s in the others, s m + t + 1 in all. Departure: it keeps account of its cost, and stops when that passes the budget.
/// </remarks>
/// <param name="index">The tables.</param>
/// <param name="query">[W] words.</param>
/// <param name="rows">Which rows may be found.</param>
/// <param name="firstPosition">The position of row 0.</param>
/// <param name="found">Takes what is found; must not count on ascending positions.</param>
/// <param name="budget">Nanoseconds by the planner's estimate.</param>
/// <param name="hits">Room for at least <see cref="HammingKernels.GroupLength"/>.</param>
internal ref struct MultiIndexSearch(
    MultiIndex index, ReadOnlySpan<ulong> query, RowFilter rows, long firstPosition, Selection found, double budget, Span<Hit> hits)
{
    private const int Ahead = 8; // codes whose fetching is begun before they are needed

    private readonly MultiIndex index = index;
    private readonly ReadOnlySpan<ulong> query = query;
    private readonly RowFilter rows = rows;
    private readonly long firstPosition = firstPosition;
    private readonly Selection found = found;
    private readonly double budget = budget;
    private readonly Span<Hit> hits = hits;
    private readonly double candidateCost = Planner.CandidateCost(query.Length);

    /// <summary>Buckets looked up.</summary>
    public long Probes { get; private set; }

    /// <summary>Codes in them.</summary>
    public long Candidates { get; private set; }

    /// <summary>The radius reached.</summary>
    public int Radius { get; private set; }

    /// <summary>What it has cost so far, nanoseconds by the planner's estimate.</summary>
    public double Cost { get; private set; }

    /// <summary>Offers all that can belong to the answer to the selection.</summary>
    /// <returns>Whether it came to the end within the budget. If not, the selection lacks some.</returns>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public bool Run(CancellationToken cancellation)
    {
        Chunks chunks = index.Chunks;
        for (int radius = 0; ; radius++)
            for (int chunk = 0; chunk < chunks.Count; chunk++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (radius <= chunks.WidthOf(chunk) && !Ask(chunk, radius))
                    return false;
                if (radius * chunks.Count + chunk + 1 >= found.Limit)
                    return true;
            }
    }

    // All buckets of a chunk at one radius; none when so many cannot fit the budget.
    private bool Ask(int chunk, int radius)
    {
        int width = index.Chunks.WidthOf(chunk);
        if (Cost + Ways(width, radius) * (Planner.ProbeCost + index.MeanBucket(chunk) * candidateCost) > budget)
            return false;

        Radius = radius;
        ChunkTable table = index[chunk];
        uint own = index.Chunks.Of(query, chunk);
        uint flips = (1u << radius) - 1, last = flips << (width - radius);
        while (flips != last)
        {
            uint next = Next(flips);
            table.Prefetch(own ^ next);
            if (!Read(table, own ^ flips, chunk, radius))
                return false;
            flips = next;
        }
        return Read(table, own ^ flips, chunk, radius);
    }

    private bool Read(ChunkTable table, uint bucket, int chunk, int radius)
    {
        (int start, int end) = table.Bucket(bucket);
        int length = end - start;
        Cost += Planner.ProbeCost + length * candidateCost;
        if (Cost > budget)
            return false;
        Probes++;
        Candidates += length;
        if (table.Words is not null)
            CompareWords(table.Words.AsSpan(start, length), table.Postings.AsSpan(start, length), chunk, radius);
        else
            CompareRows(table.Postings.AsSpan(start, length), chunk, radius);
        return Cost <= budget;
    }

    private void CompareWords(ReadOnlySpan<ulong> codes, ReadOnlySpan<uint> postings, int chunk, int radius)
    {
        for (int at = 0, read; at < codes.Length; at += read)
        {
            read = HammingKernels.Below(query, codes[at..], found.Limit, default, 0, hits, out int near);
            Cost += near * Planner.HitCost;
            foreach (Hit hit in hits[..near])
                if (hit.Distance < found.Limit && !index.Chunks.MetBefore([codes[at + hit.Place] ^ query[0]], chunk, radius))
                    Offer(postings[at + hit.Place], hit.Distance);
        }
    }

    private void CompareRows(ReadOnlySpan<uint> postings, int chunk, int radius)
    {
        Span<ulong> difference = stackalloc ulong[query.Length];
        for (int i = 0; i < postings.Length; i++)
        {
            if (i + Ahead < postings.Length)
                Prefetch(postings[i + Ahead]);
            ReadOnlySpan<ulong> code = index.Codes.WordsOf(index.Equal.FirstRow(postings[i]));
            int distance = 0;
            for (int w = 0; w < difference.Length; w++)
            {
                difference[w] = query[w] ^ code[w];
                distance += BitOperations.PopCount(difference[w]);
            }
            if (distance >= found.Limit)
                continue;
            Cost += Planner.HitCost;
            if (!index.Chunks.MetBefore(difference, chunk, radius))
                Offer(postings[i], distance);
        }
    }

    private readonly unsafe void Prefetch(uint posting)
    {
        if (!Sse.IsSupported)
            return;
        fixed (ulong* code = index.Codes.WordsOf(index.Equal.FirstRow(posting)))
            Sse.Prefetch0(code);
    }

    // Of rows with one code, no more than the answer could hold.
    private void Offer(uint posting, int distance)
    {
        Span<int> single = stackalloc int[1];
        int offered = 0;
        foreach (int row in index.Equal.RowsOf(posting, single))
        {
            Cost += Planner.RowCost;
            if (Cost > budget || distance >= found.Limit)
                return;
            if (!rows.Passes(row))
                continue;
            found.Offer(distance, firstPosition + row);
            if (++offered == found.RowsPerCode)
                return;
        }
    }

    // The next larger number with as many bits set (Gosper, HAKMEM item 175).
    private static uint Next(uint bits)
    {
        uint lowest = bits & (~bits + 1), ripple = bits + lowest;
        return ripple | (bits ^ ripple) >> (2 + BitOperations.TrailingZeroCount(lowest));
    }

    /// <summary>How many buckets differ from one of this width in so many bits.</summary>
    internal static double Ways(int width, int radius)
    {
        double ways = 1;
        for (int i = 1; i <= radius; i++)
            ways = ways * (width - radius + i) / i;
        return ways;
    }
}
