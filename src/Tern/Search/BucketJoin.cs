using System.Numerics;
using Tern.Codes;

namespace Tern.Search;

/// <summary>
/// Compares the codes of near buckets. Two codes within radius r = q m + a differ in at most q bits in one of the first a + 1 of the m chunks, or in at most
/// q - 1 in one of the others; so it is enough to compare, chunk by chunk, buckets that differ in so few. A pair is taken in the first chunk where it meets.
/// </summary>
/// <remarks>The radii of chunks: Norouzi, Punjani and Fleet, CVPR 2012 (arXiv:1307.2982), proposition 1 and corollary.</remarks>
internal sealed class BucketJoin
{
    private const int BucketsAtATime = 1024; // what a thread takes
    private const int HitRoom = 256;

    private readonly MultiIndex index;
    private readonly int radius;
    private readonly RowFilter rows;
    private readonly int cap;
    private readonly uint[][] flips; // of each chunk: what may differ, ascending
    private readonly int[] radii;    // of each chunk; -1: it need not be asked
    private long comparisons, leftOut;

    public BucketJoin(MultiIndex index, int radius, RowFilter rows, int? cap)
    {
        (this.index, this.radius, this.rows, this.cap) = (index, radius, rows, cap ?? int.MaxValue);
        radii = Radii(index.Chunks, radius);
        flips = [.. radii.Select((most, chunk) => Flips(index.Chunks.WidthOf(chunk), most))];
    }

    public long Comparisons => comparisons;

    /// <summary>Comparisons that the cap forbade.</summary>
    public long LeftOut => leftOut;

    /// <summary>At most so many comparisons, as buckets meet in no more than each with itself, and so many times that buckets are opened or a code meets one.</summary>
    public static (double Comparisons, double Probes) Estimate(MultiIndex index, int radius, int? cap)
    {
        double comparisons = 0, probes = 0;
        int[] radii = Radii(index.Chunks, radius);
        for (int chunk = 0; chunk < radii.Length; chunk++)
        {
            double ways = 0;
            for (int flipped = 0; flipped <= radii[chunk]; flipped++)
                ways += MultiIndexSearch.Ways(index.Chunks.WidthOf(chunk), flipped);
            comparisons += ways / 2 * index[chunk].Comparisons(cap ?? int.MaxValue);
            probes += ways / 2 * (index[chunk].Buckets + (double)index.Equal.Count);
        }
        return (comparisons, probes);
    }

    /// <summary>Gives each pair within the radius to one of the sinks, one for each thread.</summary>
    public void Run(IReadOnlyList<IPairSink> sinks, CancellationToken cancellation)
    {
        (int Chunk, int First)[] work = [.. Enumerable.Range(0, radii.Length).Where(chunk => radii[chunk] >= 0).SelectMany(Ranges)];
        int next = -1;
        Parallel.For(0, sinks.Count, new ParallelOptions { MaxDegreeOfParallelism = sinks.Count, CancellationToken = cancellation }, worker =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < work.Length;)
            {
                cancellation.ThrowIfCancellationRequested();
                Compare(work[i].Chunk, work[i].First, sinks[worker]);
            }
        });
    }

    private IEnumerable<(int, int)> Ranges(int chunk)
    {
        for (int first = 0; first < index[chunk].Buckets; first += BucketsAtATime)
            yield return (chunk, first);
    }

    private void Compare(int chunk, int first, IPairSink sink)
    {
        ChunkTable table = index[chunk];
        BucketCodes one = new(index), other = new(index);
        long compared = 0, forbidden = 0;
        for (int bucket = first; bucket < Math.Min(first + BucketsAtATime, table.Buckets); bucket++)
        {
            one.Open(table, (uint)bucket);
            if (one.Count == 0)
                continue;
            foreach (uint flip in flips[chunk])
            {
                uint near = (uint)bucket ^ flip;
                if (near < bucket)
                    continue; // that one has met this one
                other.Open(table, near);
                for (int i = 0; i < one.Count && other.Count > 0; i++)
                {
                    int from = flip == 0 ? i + 1 : 0, end = (int)Math.Min((long)from + cap, other.Count);
                    compared += end - from;
                    forbidden += other.Count - end;
                    Compare(one, i, other, from, end, chunk, sink);
                }
            }
        }
        Interlocked.Add(ref comparisons, compared);
        Interlocked.Add(ref leftOut, forbidden);
    }

    private void Compare(BucketCodes one, int i, BucketCodes other, int from, int end, int chunk, IPairSink sink)
    {
        Span<Hit> hits = stackalloc Hit[HitRoom];
        ReadOnlySpan<ulong> code = one.Words.Slice(i * one.WordsPerCode, one.WordsPerCode);
        for (int at = from, read; at < end; at += read)
        {
            ReadOnlySpan<ulong> others = other.Words[(at * code.Length)..(end * code.Length)];
            read = HammingKernels.Below(code, others, radius + 1, default, 0, hits, out int found);
            foreach (Hit hit in hits[..found])
            {
                uint posting = one.Postings[i], near = other.Postings[at + hit.Place];
                if (!MetBefore(code, others.Slice(hit.Place * code.Length, code.Length), chunk)
                    && index.Equal.Passes(posting, rows) && index.Equal.Passes(near, rows))
                    sink.Add(posting, near, hit.Distance);
            }
        }
    }

    private bool MetBefore(ReadOnlySpan<ulong> one, ReadOnlySpan<ulong> other, int chunk)
    {
        for (int earlier = 0; earlier < chunk; earlier++)
            if (BitOperations.PopCount(index.Chunks.Of(one, earlier) ^ index.Chunks.Of(other, earlier)) <= radii[earlier])
                return true;
        return false;
    }

    private static int[] Radii(Chunks chunks, int radius)
    {
        int[] radii = new int[chunks.Count];
        for (int chunk = 0; chunk < radii.Length; chunk++)
            radii[chunk] = Math.Min(radius / radii.Length - (chunk <= radius % radii.Length ? 0 : 1), chunks.WidthOf(chunk));
        return radii;
    }

    private static uint[] Flips(int width, int most)
    {
        if (most < 0)
            return [];
        List<uint> flips = [];
        for (uint flip = 0; flip < 1u << width; flip++)
            if (BitOperations.PopCount(flip) <= most)
                flips.Add(flip);
        return [.. flips];
    }

    // The codes of a bucket in a row. Longer ones are gathered, once for all that they are compared with.
    private sealed class BucketCodes(MultiIndex index)
    {
        private ulong[] gathered = [];
        private ChunkTable? table;
        private int start;

        public int WordsPerCode => index.Codes.WordsPerCode;

        public int Count { get; private set; }

        public ReadOnlySpan<uint> Postings => table!.Postings.AsSpan(start, Count);

        public ReadOnlySpan<ulong> Words => table!.Words is { } words ? words.AsSpan(start, Count) : gathered.AsSpan(0, Count * WordsPerCode);

        public void Open(ChunkTable opened, uint bucket)
        {
            table = opened;
            (start, int end) = opened.Bucket(bucket);
            Count = end - start;
            if (opened.Words is not null)
                return;
            if (gathered.Length < Count * WordsPerCode)
                gathered = new ulong[2 * Count * WordsPerCode];
            for (int i = 0; i < Count; i++)
                index.Codes.WordsOf(index.Equal.FirstRow(opened.Postings[start + i])).CopyTo(gathered.AsSpan(i * WordsPerCode));
        }
    }
}
