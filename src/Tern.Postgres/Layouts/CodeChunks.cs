using System.Numerics;
using Tern.Codes;

namespace Tern.Postgres.Layouts;

/// <summary>How the bits of a code are cut into chunks of nearly equal width, an index each.</summary>
/// <remarks>Multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012 (arXiv:1307.2982).</remarks>
internal sealed class CodeChunks
{
    /// <summary>The widest chunk: PostgreSQL makes a number of 32 bits of it.</summary>
    public const int MaxWidth = 32;

    private const int MostBits = 256; // of a code that gets chunks without being asked for: indexes hold the code too, and a longer one needs many of both

    private readonly int[] starts; // [Count + 1]

    public CodeChunks(int bits, int count)
    {
        starts = new int[count + 1];
        for (int i = 0; i < count; i++)
            starts[i + 1] = starts[i] + bits / count + (i < bits % count ? 1 : 0);
    }

    /// <summary>How many there are; 0: codes are only scanned.</summary>
    public int Count => starts.Length - 1;

    /// <summary>
    /// As many as suit so many items: chunks of log2(items) - 6 bits, so that a bucket holds some 64 of them, which costs as much to read as to find. At most
    /// eight, or as many as the widest chunk asks for: each costs an index entry an item.
    /// </summary>
    public static int For(int bits, long items)
    {
        if (bits > MostBits)
            return 0;
        double width = Math.Clamp(Math.Log2(Math.Max(items, 1)) - 6, 8, MaxWidth);
        int least = (bits + MaxWidth - 1) / MaxWidth;
        return Math.Clamp((int)Math.Round(bits / width), least, Math.Min(8, bits));
    }

    /// <summary>The first bit of a chunk.</summary>
    public int StartOf(int chunk) => starts[chunk];

    /// <summary>Bits of a chunk.</summary>
    public int WidthOf(int chunk) => starts[chunk + 1] - starts[chunk];

    /// <summary>A chunk of a code as PostgreSQL reads it: the first bit is the most significant.</summary>
    public uint Of(BinaryCode code, int chunk)
    {
        uint value = 0;
        for (int bit = starts[chunk]; bit < starts[chunk + 1]; bit++)
            value = value << 1 | (code[bit] ? 1u : 0);
        return value;
    }

    /// <summary>
    /// By how many bits a bucket of each chunk may differ from the query's own; -1: the chunk need not be asked. Two codes within radius r = q m + a differ in at most q
    /// bits in one of the first a + 1 of the m chunks, or in at most q - 1 in one of the others (proposition 1 and corollary).
    /// </summary>
    public int[] Radii(int radius)
    {
        int[] radii = new int[Count];
        for (int chunk = 0; chunk < radii.Length; chunk++)
            radii[chunk] = Math.Min(radius / Count - (chunk <= radius % Count ? 0 : 1), WidthOf(chunk));
        return radii;
    }

    /// <summary>How many buckets of a chunk differ in at most so many bits from one; 0 for -1.</summary>
    public double Buckets(int chunk, int radius)
    {
        double ways = 1, all = 0;
        for (int flipped = 0; flipped <= radius; flipped++)
        {
            all += ways;
            ways = ways * (WidthOf(chunk) - flipped) / (flipped + 1);
        }
        return all;
    }

    /// <summary>Those buckets, as numbers of PostgreSQL's integer type.</summary>
    public int[] Near(BinaryCode code, int chunk, int radius)
    {
        List<int> near = [];
        uint own = Of(code, chunk);
        ulong end = 1UL << WidthOf(chunk);
        for (int flipped = 0; flipped <= radius; flipped++)
            for (ulong flips = (1UL << flipped) - 1; flips < end; flips = flipped == 0 ? end : Next(flips))
                near.Add(unchecked((int)(own ^ (uint)flips)));
        return [.. near];
    }

    // The next larger number with as many bits set (Gosper, HAKMEM item 175).
    private static ulong Next(ulong bits)
    {
        ulong lowest = bits & (~bits + 1), ripple = bits + lowest;
        return ripple | (bits ^ ripple) >> (2 + BitOperations.TrailingZeroCount(lowest));
    }
}
