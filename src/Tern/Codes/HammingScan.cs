namespace Tern.Codes;

/// <summary>One answer of a scan.</summary>
/// <param name="Position">Which code, counted from 0.</param>
/// <param name="Distance">Its Hamming distance from the query.</param>
public readonly record struct Neighbor(long Position, int Distance);

/// <summary>A run of codes that a scan reads: its first code has position First; a filter may pass over some.</summary>
internal readonly record struct ScanPart(PackedCodes Codes, long First, RowMarks? Removed, ulong[]? Allowed = null)
{
    public RowFilter Rows => new(Allowed, Removed);
}

/// <summary>A query on its way: its code, and what has been found so far.</summary>
internal class OpenQuery(ulong[] code, Selection found)
{
    private ulong[]? mask;

    public ulong[] Code => code;

    /// <summary>The code for <see cref="BitPlanes"/>; made when it is first asked for.</summary>
    public ulong[] Mask(int bits) => mask ??= BitPlanes.Mask(code, bits);

    public Selection Found { get; set; } = found;
}

/// <summary>A part and the numbers of the queries that want it read.</summary>
internal readonly record struct ScanJob(ScanPart Part, int[] Queries);

/// <summary>Exact nearest-neighbour search by reading every code. The answer's order is (distance, position), whatever the machine or
/// thread count.</summary>
/// <remarks>
/// A single query over many codes waits for memory. Several queries share what is read: a block stays in the second-level cache while all of them pass
/// over it, so that what they wait for is the arithmetic; many share what it costs to turn the block into <see cref="BitPlanes"/>, which need less of that.
/// </remarks>
public static class HammingScan
{
    private const int ChunkWords = 64 * 1024; // 512 KiB: what a thread takes at a time
    private const int BlockWords = 16 * 1024; // 128 KiB: stays in the cache while the queries pass over it
    private const int TurnedBlock = 2048;     // codes turned into bit planes at a time: 16 KiB of 64-bit codes, half of a first-level cache
    private const int HitRoom = 256;          // hits found before the limit is looked at again
    internal const int FilterStep = 2048;      // codes that a filter is counted over: where it refuses all they are left out, where it lets few pass those are fetched one by one
    private const int WordsPerFetch = 80;      // read in a row in the time that a code takes which is fetched by itself: a word 60 of the cache, 115 of memory; of longer codes an estimate

    /// <summary>The <paramref name="top"/> codes of the gallery nearest to the query; fewer if fewer lie within the radius.</summary>
    /// <param name="gallery">Codes to search.</param>
    /// <param name="query">A code of the same length.</param>
    /// <param name="top">How many, or null for all.</param>
    /// <param name="within">Largest distance (inclusive), or null for any.</param>
    /// <param name="threads">How many threads may work; the answer does not depend on it.</param>
    /// <exception cref="TernException">The lengths differ, or a number is negative.</exception>
    public static Neighbor[] Nearest(PackedCodes gallery, BinaryCode query, int? top = null, int? within = null, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        return Nearest([new ScanPart(gallery, 0, null)], query, top, within, threads);
    }

    internal static Neighbor[] Nearest(ScanPart[] parts, BinaryCode query, int? top, int? within, int threads)
    {
        ArgumentNullException.ThrowIfNull(query);
        Require(parts, query, top, within, threads);
        int keep = (int)Math.Min(top ?? int.MaxValue, parts.Sum(part => (long)part.Codes.Count));
        OpenQuery open = new(query.Words.ToArray(), new NearestSelection(query.Bits, keep, within ?? query.Bits, ascending: false));
        Run([.. parts.Select(part => new ScanJob(part, [0]))], [open], threads, CancellationToken.None);
        return open.Found.ToSorted();
    }

    /// <summary>Offers each query the codes of its parts. Parts come in the order of their positions.</summary>
    /// <exception cref="OperationCanceledException">It was called off; each thread ends with the chunk that it reads.</exception>
    internal static void Run(IReadOnlyList<ScanJob> jobs, OpenQuery[] queries, int threads, CancellationToken cancellation)
    {
        (ScanJob Job, int Start)[] chunks = [.. jobs.SelectMany(Chunks)];
        Selection?[][] found = new Selection?[Math.Min(threads, chunks.Length)][];
        int next = -1;

        // Threads take the next chunk when they are done with one: a thread that the system delays holds nobody up, and each sees
        // ascending positions.
        void Work(int worker)
        {
            Selection?[] mine = found[worker] = new Selection?[queries.Length];
            Span<Hit> hits = stackalloc Hit[HitRoom + BitPlanes.GroupLength];
            BitPlanes? planes = null;
            for (int i; (i = Interlocked.Increment(ref next)) < chunks.Length;)
            {
                cancellation.ThrowIfCancellationRequested();
                (ScanJob job, int start) = chunks[i];
                if (job.Queries.Length >= BitPlanes.WorthQueries)
                    ScanTurned(job, start, queries, mine, hits, planes ??= new BitPlanes(job.Part.Codes.Bits, TurnedBlock));
                else
                    ScanChunk(job, start, queries, mine, hits[..HitRoom]);
            }
        }

        if (found.Length == 1)
            Work(0);
        else if (found.Length > 1)
            Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = found.Length, CancellationToken = cancellation }, Work);

        foreach (Selection?[] worker in found)
            for (int q = 0; q < queries.Length; q++)
                if (worker[q] is { } more)
                {
                    if (found.Length == 1 && queries[q].Found.IsEmpty)
                        queries[q].Found = more;
                    else
                        queries[q].Found.Take(more);
                }
    }

    private static IEnumerable<(ScanJob, int)> Chunks(ScanJob job)
    {
        int length = CodesIn(ChunkWords, job.Part.Codes);
        for (long start = 0; start < job.Part.Codes.Count; start += length)
            yield return (job, (int)start);
    }

    private static void ScanChunk(ScanJob job, int start, OpenQuery[] queries, Selection?[] found, Span<Hit> hits)
    {
        PackedCodes codes = job.Part.Codes;
        int left = Math.Min(CodesIn(ChunkWords, codes), codes.Count - start), length;
        for (int block = start; left > 0; block += length, left -= length)
        {
            length = Math.Min(CodesIn(BlockWords, codes), left);
            foreach (int q in job.Queries)
                ScanBlock(job.Part, block, length, queries[q].Code, found[q] ??= queries[q].Found.Fresh(ascending: true), hits);
        }
    }

    private static void ScanTurned(ScanJob job, int start, OpenQuery[] queries, Selection?[] found, Span<Hit> hits, BitPlanes planes)
    {
        PackedCodes codes = job.Part.Codes;
        int words = codes.WordsPerCode, end = start + Math.Min(CodesIn(ChunkWords, codes), codes.Count - start);
        for (int block = start; block < end; block += TurnedBlock)
        {
            int length = Math.Min(TurnedBlock, end - block);
            if (ShareRead(job.Part.Rows.CountAllowed(block, block + length), length, words) < 1)
            {
                foreach (int q in job.Queries)
                    ScanBlock(job.Part, block, length, queries[q].Code, found[q] ??= queries[q].Found.Fresh(ascending: true), hits[..HitRoom]);
                continue;
            }
            ReadOnlySpan<ulong> content = codes.Words.Slice(block * words, length * words);
            int turned = -1; // not yet: perhaps every query looks too far for that
            foreach (int q in job.Queries)
            {
                Selection mine = found[q] ??= queries[q].Found.Fresh(ascending: true);
                int at = 0;
                while (mine.Limit is > 0 and <= BitPlanes.MostLimit && at < (turned < 0 ? turned = planes.Turn(content) : turned))
                {
                    at = planes.Below(queries[q].Mask(codes.Bits), queries[q].Code, content, mine.Limit, job.Part.Rows, block, at, hits, out int count);
                    foreach (Hit hit in hits[..count])
                        if (hit.Distance < mine.Limit)
                            mine.Offer(hit.Distance, job.Part.First + block + hit.Place);
                }
                ScanBlock(job.Part, block + at, length - at, queries[q].Code, mine, hits[..HitRoom]);
            }
        }
    }

    private static void ScanBlock(ScanPart part, int start, int length, ulong[] query, Selection found, Span<Hit> hits)
    {
        RowFilter rows = part.Rows;
        int end = start + length, read;
        for (int at = start; at < end && found.Limit > 0; at += read)
        {
            int stop = rows.Allowed is null ? end : Math.Min(at + FilterStep, end);
            int count;
            double share = ShareRead(rows.CountAllowed(at, stop), stop - at, query.Length);
            if (share == 0)
            {
                read = stop - at;
                continue;
            }
            ReadOnlySpan<ulong> codes = part.Codes.Words[(at * query.Length)..(stop * query.Length)];
            read = share < 1
                ? HammingKernels.BelowOfFew(query, codes, found.Limit, rows, at, hits, out count)
                : HammingKernels.Below(query, codes, found.Limit, rows, at, hits, out count);
            foreach (Hit hit in hits[..count])
                if (hit.Distance < found.Limit)
                    found.Offer(hit.Distance, part.First + at + hit.Place);
        }
    }

    /// <summary>What a step of a scan costs where a filter lets so many of its codes pass, against reading them all: 0 to 1.</summary>
    internal static double ShareRead(int passing, int of, int words) => Math.Min((double)passing * WordsPerFetch / ((long)of * words), 1);

    // A whole number of 64-row words of a filter.
    private static int CodesIn(int words, PackedCodes codes) => words / codes.WordsPerCode / 64 * 64;

    private static void Require(ScanPart[] parts, BinaryCode query, int? top, int? within, int threads)
    {
        foreach (ScanPart part in parts)
            if (part.Codes.Bits != query.Bits)
                throw new TernException(
                    $"The query has {query.Bits} bits and the codes {part.Codes.Bits}; encode both with the same model.");
        if (top < 0)
            throw new TernException($"top must be 0 or more; got {top}.");
        if (within < 0)
            throw new TernException($"within must be 0 or more; got {within}.");
        if (threads < 1)
            throw new TernException($"threads must be at least 1; got {threads}.");
    }
}
