using Tern.Codes;

namespace Tern.Search;

/// <summary>Compares every code with every other, in blocks that stay in the cache.</summary>
internal static class ScanJoin
{
    private const int BlockWords = 16 * 1024; // as in a scan
    private const int RowsAtATime = 128;      // codes that share a block, and what a thread takes at a time
    private const int HitRoom = 256;

    /// <summary>Gives each pair within the radius to one of the sinks, one for each thread. Returns the comparisons.</summary>
    public static long Run(PackedCodes codes, EqualCodes equal, int radius, RowFilter rows, IReadOnlyList<IPairSink> sinks, CancellationToken cancellation)
    {
        uint[] postings = [.. equal.Postings().Where(posting => equal.Passes(posting, rows))];
        PackedCodes different = new(codes.Bits, postings.Length);
        foreach (uint posting in postings)
            different.Add(codes.WordsOf(equal.FirstRow(posting)));

        int next = -RowsAtATime;
        Parallel.For(0, sinks.Count, new ParallelOptions { MaxDegreeOfParallelism = sinks.Count, CancellationToken = cancellation }, worker =>
        {
            for (int start; (start = Interlocked.Add(ref next, RowsAtATime)) < postings.Length;)
            {
                cancellation.ThrowIfCancellationRequested();
                Compare(different, postings, start, radius, sinks[worker]);
            }
        });
        return (long)postings.Length * (postings.Length - 1) / 2;
    }

    private static void Compare(PackedCodes codes, uint[] postings, int start, int radius, IPairSink sink)
    {
        Span<Hit> hits = stackalloc Hit[HitRoom];
        int end = Math.Min(start + RowsAtATime, codes.Count), length = BlockWords / codes.WordsPerCode;
        for (int block = start; block < codes.Count; block += length)
            for (int row = start; row < end; row++)
            {
                ReadOnlySpan<ulong> code = codes.WordsOf(row);
                int stop = Math.Min(block + length, codes.Count);
                for (int at = Math.Max(block, row + 1), read; at < stop; at += read)
                {
                    ReadOnlySpan<ulong> others = codes.Words[(at * code.Length)..(stop * code.Length)];
                    read = HammingKernels.Below(code, others, radius + 1, default, 0, hits, out int found);
                    foreach (Hit hit in hits[..found])
                        sink.Add(postings[row], postings[at + hit.Place], hit.Distance);
                }
            }
    }
}
