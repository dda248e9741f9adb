namespace Tern.Codes;

/// <summary>One answer of a scan.</summary>
/// <param name="Position">Which code, counted from 0.</param>
/// <param name="Distance">Its Hamming distance from the query.</param>
public readonly record struct Neighbor(long Position, int Distance);

/// <summary>A run of codes that a scan reads: its first code has position First, codes with a bit set in Removed are skipped.</summary>
internal readonly record struct ScanPart(PackedCodes Codes, long First, ulong[]? Removed);

/// <summary>Exact nearest-neighbour search by reading every code. The answer's order is (distance, position), whatever the machine or
/// thread count.</summary>
public static class HammingScan
{
    private const int BlockLength = 1024;       // distances kept at a time: 2 KiB, stays in the first-level cache
    private const int ChunkLength = 64 * 1024;  // codes a thread takes at a time

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
        long total = parts.Sum(part => (long)part.Codes.Count);
        int keep = (int)Math.Min(top ?? int.MaxValue, total);
        NearestSelection Selection() => new(query.Bits, keep, within ?? query.Bits);

        (ScanPart Part, int Start)[] chunks = [.. parts.SelectMany(Chunks)];
        if (Math.Min(threads, chunks.Length) <= 1)
        {
            NearestSelection all = Selection();
            foreach ((ScanPart part, int start) in chunks)
                ScanChunk(part, start, query.Words, all);
            return all.ToSorted();
        }

        // Threads take the next chunk when they are done with one: a thread that the system delays holds nobody up, and each sees
        // ascending positions, as the selection needs.
        int next = -1;
        NearestSelection?[] found = new NearestSelection?[Math.Min(threads, chunks.Length)];
        Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = found.Length }, worker =>
        {
            NearestSelection mine = found[worker] = Selection();
            for (int i; (i = Interlocked.Increment(ref next)) < chunks.Length;)
                ScanChunk(chunks[i].Part, chunks[i].Start, query.Words, mine);
        });
        return [.. found.SelectMany(mine => mine!.ToSorted()).OrderBy(n => n.Distance).ThenBy(n => n.Position).Take(keep)];
    }

    private static IEnumerable<(ScanPart, int)> Chunks(ScanPart part)
    {
        for (long start = 0; start < part.Codes.Count; start += ChunkLength)
            yield return (part, (int)start);
    }

    private static void ScanChunk(ScanPart part, int start, ReadOnlySpan<ulong> query, NearestSelection nearest)
    {
        Span<ushort> buffer = stackalloc ushort[BlockLength];
        int end = (int)Math.Min((long)start + ChunkLength, part.Codes.Count);
        for (int block = start; block < end && nearest.Limit > 0; block += BlockLength)
        {
            Span<ushort> distances = buffer[..Math.Min(BlockLength, end - block)];
            HammingKernels.Distances(query, part.Codes.Words.Slice(block * query.Length, distances.Length * query.Length), distances);
            int at = 0;
            while (nearest.Limit > 0)
            {
                int hit = distances[at..].IndexOfAnyInRange((ushort)0, (ushort)(nearest.Limit - 1));
                if (hit < 0)
                    break;
                at += hit;
                if (!IsRemoved(part.Removed, block + at))
                    nearest.Offer(distances[at], part.First + block + at);
                at++;
            }
        }
    }

    private static bool IsRemoved(ulong[]? removed, int index) => removed is not null && (removed[index / 64] >> index % 64 & 1) != 0;

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
