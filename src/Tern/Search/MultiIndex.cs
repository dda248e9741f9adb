using Tern.Codes;

namespace Tern.Search;

/// <summary>The hash tables of a collection that does not change, one for each chunk of its codes.</summary>
/// <remarks>
/// Norouzi, Punjani and Fleet, CVPR 2012 (arXiv:1307.2982). Departures: buckets are runs of a sorted array in place of lists, equal codes are one posting,
/// and codes met twice are told by arithmetic (<see cref="Tern.Search.Chunks.MetBefore"/>) in place of a list of those met.
/// </remarks>
internal sealed class MultiIndex
{
    private readonly ChunkTable[] tables;

    private MultiIndex(PackedCodes codes, EqualCodes equal, Chunks chunks, ChunkTable[] tables) =>
        (Codes, Equal, Chunks, this.tables) = (codes, equal, chunks, tables);

    /// <summary>The codes the tables are of.</summary>
    public PackedCodes Codes { get; }

    /// <summary>The rows of each posting.</summary>
    public EqualCodes Equal { get; }

    /// <summary>How codes are cut.</summary>
    public Chunks Chunks { get; }

    /// <summary>Bytes in memory, the codes not counted.</summary>
    public long Bytes => tables.Sum(table => table.Bytes) + Equal.Bytes;

    /// <summary>The table of a chunk.</summary>
    public ChunkTable this[int chunk] => tables[chunk];

    /// <summary>Postings in a bucket of a chunk, on average.</summary>
    public double MeanBucket(int chunk) => Math.ScaleB(Equal.Count, -Chunks.WidthOf(chunk));

    /// <summary>Sorts the codes by each chunk.</summary>
    /// <param name="codes">The collection; must not change while the tables are used.</param>
    /// <param name="chunks">How many chunks, or null for what suits.</param>
    /// <param name="threads">How many threads may work.</param>
    public static MultiIndex Build(PackedCodes codes, int? chunks = null, int threads = 1)
    {
        Chunks cut = chunks is { } count ? new Chunks(codes.Bits, count) : Chunks.For(codes.Bits, codes.Count);
        EqualCodes equal = EqualCodes.Find(codes, threads);
        uint[] postings = equal.Postings();
        ChunkTable[] tables = new ChunkTable[cut.Count];
        Parallel.For(0, tables.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, chunk =>
            tables[chunk] = ChunkTable.Build(codes, equal, postings, cut, chunk));
        return new MultiIndex(codes, equal, cut, tables);
    }
}
