using System.Runtime.Intrinsics.X86;
using Tern.Codes;

namespace Tern.Search;

/// <summary>The hash table of one chunk: the different codes of a collection sorted by that chunk, so that a bucket is a run of neighbours.</summary>
internal sealed class ChunkTable
{
    private readonly int[] starts; // [2^width + 2]; bucket v is starts[v] .. starts[v + 1] - 1

    private ChunkTable(int[] starts, uint[] postings, ulong[]? words) => (this.starts, Postings, Words) = (starts, postings, words);

    /// <summary>[different codes] in the order of the buckets; see <see cref="EqualCodes"/>.</summary>
    public uint[] Postings { get; }

    /// <summary>[different codes] the codes themselves, beside the postings: a bucket is one read. Null for codes of more than a word.</summary>
    public ulong[]? Words { get; }

    /// <summary>Bytes in memory.</summary>
    public long Bytes => 4L * starts.Length + 4L * Postings.Length + 8L * (Words?.Length ?? 0);

    /// <summary>How many buckets there are.</summary>
    public int Buckets => starts.Length - 2;

    /// <summary>Where the postings of a bucket begin and end.</summary>
    public (int Start, int End) Bucket(uint value) => (starts[value], starts[value + 1]);

    /// <summary>Begins to fetch a bucket that is needed soon.</summary>
    public unsafe void Prefetch(uint bucket)
    {
        int start = starts[bucket];
        if (!Sse.IsSupported || start >= Postings.Length)
            return;
        if (Words is not null)
            fixed (ulong* word = &Words[start])
                Sse.Prefetch0(word);
        else
            fixed (uint* posting = &Postings[start])
                Sse.Prefetch0(posting);
    }

    /// <summary>Comparisons of each code with those of its bucket, at most <paramref name="cap"/> of them.</summary>
    public double Comparisons(int cap)
    {
        double all = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            double size = starts[bucket + 1] - starts[bucket];
            all += size * Math.Min(size, cap);
        }
        return all;
    }

    /// <summary>A counting sort.</summary>
    public static ChunkTable Build(PackedCodes codes, EqualCodes equal, uint[] postings, Chunks chunks, int chunk)
    {
        // Counted two places on and summed, starts[v + 1] is the next free place of bucket v; when all are placed, it is its end.
        int[] starts = new int[(1 << chunks.WidthOf(chunk)) + 2];
        foreach (uint posting in postings)
            starts[chunks.Of(codes.WordsOf(equal.FirstRow(posting)), chunk) + 2]++;
        for (int i = 2; i < starts.Length; i++)
            starts[i] += starts[i - 1];

        uint[] sorted = new uint[postings.Length];
        ulong[]? words = codes.WordsPerCode == 1 ? new ulong[postings.Length] : null;
        foreach (uint posting in postings)
        {
            ReadOnlySpan<ulong> code = codes.WordsOf(equal.FirstRow(posting));
            int at = starts[chunks.Of(code, chunk) + 1]++;
            sorted[at] = posting;
            if (words is not null)
                words[at] = code[0];
        }
        return new ChunkTable(starts, sorted, words);
    }
}
