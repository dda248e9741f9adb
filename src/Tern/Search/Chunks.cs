using System.Numerics;

namespace Tern.Search;

/// <summary>How the bits of a code are cut into chunks of nearly equal width, one hash table each.</summary>
/// <remarks>Multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012 (arXiv:1307.2982).</remarks>
internal sealed class Chunks
{
    /// <summary>The widest chunk: a table has 2^width buckets.</summary>
    public const int MaxWidth = 24;

    private readonly int[] starts; // [Count + 1]

    public Chunks(int bits, int count)
    {
        starts = new int[count + 1];
        for (int i = 0; i < count; i++)
            starts[i + 1] = starts[i] + bits / count + (i < bits % count ? 1 : 0);
    }

    public int Count => starts.Length - 1;

    /// <summary>
    /// As many as suit so many codes. The paper takes chunks of log2(codes) bits: a bucket then holds one code. Codes of one word lie in the buckets
    /// themselves and are read in a row, so fuller buckets (2^5.5 codes) cost less than more probes, and four tables are the most: 48 bytes a code.
    /// Buckets of longer codes hold row numbers; two in each keep the table of buckets no larger than they are.
    /// </summary>
    public static Chunks For(int bits, int codes)
    {
        double width = Math.Clamp(Math.Log2(Math.Max(codes, 1)) - (bits <= 64 ? 5.5 : 1), 8, MaxWidth);
        int least = (bits + MaxWidth - 1) / MaxWidth, most = bits <= 64 ? Math.Max(least, 4) : bits;
        return new Chunks(bits, Math.Clamp((int)Math.Round(bits / width), least, Math.Min(most, bits)));
    }

    /// <summary>Bits of a chunk.</summary>
    public int WidthOf(int chunk) => starts[chunk + 1] - starts[chunk];

    /// <summary>A chunk of a code [W], as a number of its width.</summary>
    public uint Of(ReadOnlySpan<ulong> code, int chunk)
    {
        int start = starts[chunk], width = starts[chunk + 1] - start, word = start >> 6, offset = start & 63;
        ulong value = code[word] >> offset;
        if (offset + width > 64)
            value |= code[word + 1] << (64 - offset);
        return (uint)value & ((1u << width) - 1);
    }

    /// <summary>
    /// Whether a code that differs from the query in these bits has been met before a bucket of <paramref name="chunk"/> at <paramref name="radius"/>,
    /// when for radius 0, 1, .. all chunks are asked in turn: it was if a chunk is nearer, or an earlier chunk as near. No list of codes met is needed.
    /// </summary>
    public bool MetBefore(ReadOnlySpan<ulong> difference, int chunk, int radius)
    {
        for (int other = 0; other < Count; other++)
        {
            int distance = BitOperations.PopCount(Of(difference, other));
            if (distance < radius || (distance == radius && other < chunk))
                return true;
        }
        return false;
    }
}
