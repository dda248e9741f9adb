namespace Tern.Codes;

/// <summary>Many codes of one length, back to back in memory: ceil(Bits / 64) words each, padding bits zero.</summary>
/// <remarks>Not safe for appending while another thread reads.</remarks>
public sealed class PackedCodes
{
    private ulong[] words = []; // what can be appended to
    private Column<ulong> all;  // [Count, WordsPerCode]: the words of ours that count, or those of a mapped file

    /// <summary>An empty list of codes of <paramref name="bits"/> bits with room for <paramref name="capacity"/> of them.</summary>
    /// <exception cref="TernException"><paramref name="bits"/> is not in 1..1024.</exception>
    public PackedCodes(int bits, int capacity = 0)
    {
        BinaryCode.RequireBits(bits);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Bits = bits;
        words = new ulong[RequireFits((long)capacity * WordsPerCode)];
    }

    private PackedCodes(int bits, Column<ulong> all)
    {
        Bits = bits;
        this.all = all;
        Count = checked((int)(all.Length / WordsPerCode));
    }

    /// <summary>Code length in bits.</summary>
    public int Bits { get; }

    /// <summary>How many codes there are.</summary>
    public int Count { get; private set; }

    /// <summary>64-bit words one code takes.</summary>
    public int WordsPerCode => BinaryCode.WordCount(Bits);

    /// <summary>All codes: [Count, WordsPerCode].</summary>
    public ReadOnlySpan<ulong> Words => all.Span;

    /// <summary>The same, for writing to a file.</summary>
    internal Column<ulong> Column => all;

    /// <summary>A copy of code <paramref name="index"/>.</summary>
    public BinaryCode this[int index] => BinaryCode.FromWords(WordsOf(index), Bits);

    /// <summary>Codes from back-to-back packed bytes [count, ceil(bits / 8)], as a model's <c>code</c> output gives a batch.</summary>
    /// <exception cref="TernException">The length is not a whole number of codes, or a padding bit is set.</exception>
    public static PackedCodes FromBytes(ReadOnlySpan<byte> bytes, int bits)
    {
        BinaryCode.RequireBits(bits);
        int size = BinaryCode.ByteCount(bits);
        if (bytes.Length % size != 0)
            throw new TernException($"{bytes.Length} bytes are not a whole number of {bits}-bit codes of {size} bytes each.");
        PackedCodes codes = new(bits, bytes.Length / size);
        for (int at = 0; at < bytes.Length; at += size)
            codes.Add(BinaryCode.FromBytes(bytes.Slice(at, size), bits));
        return codes;
    }

    /// <summary>Codes of a batch of network outputs, row-major [count, bits]; a bit is set where the value is greater than 0.</summary>
    /// <exception cref="TernException">The length is not a whole number of rows, or a value is NaN.</exception>
    public static PackedCodes FromSigns(ReadOnlySpan<float> hashes, int bits)
    {
        BinaryCode.RequireBits(bits);
        if (hashes.Length % bits != 0)
            throw new TernException($"{hashes.Length} values are not a whole number of {bits}-bit hashes.");
        PackedCodes codes = new(bits, hashes.Length / bits);
        for (int at = 0; at < hashes.Length; at += bits)
            codes.Add(BinaryCode.FromSigns(hashes.Slice(at, bits)));
        return codes;
    }

    /// <summary>Codes from back-to-back words [count, ceil(bits / 64)], which are copied.</summary>
    /// <exception cref="TernException">The length is not a whole number of codes, or a padding bit is set.</exception>
    public static PackedCodes FromWords(ReadOnlySpan<ulong> words, int bits)
    {
        BinaryCode.RequireBits(bits);
        if (words.Length % BinaryCode.WordCount(bits) != 0)
            throw new TernException($"{words.Length} words are not a whole number of {bits}-bit codes of {BinaryCode.WordCount(bits)} words each.");
        return FromOwnedWords(words.ToArray(), bits);
    }

    /// <summary>Takes over words [count, WordsPerCode], of an array or of a mapped file.</summary>
    /// <exception cref="TernException">A padding bit is set.</exception>
    internal static PackedCodes FromOwnedWords(Column<ulong> words, int bits)
    {
        PackedCodes codes = new(bits, words);
        ReadOnlySpan<ulong> all = codes.Words;
        ulong padding = ~BinaryCode.LastWordMask(bits);
        for (int i = codes.WordsPerCode - 1; padding != 0 && i < all.Length; i += codes.WordsPerCode)
            if ((all[i] & padding) != 0)
                throw new TernException($"code {i / codes.WordsPerCode} has a bit set past its {bits} bits");
        return codes;
    }

    /// <summary>The codes there are now, without those that will be appended to this list.</summary>
    internal PackedCodes View() => new(Bits, all);

    /// <summary>Appends a code.</summary>
    /// <exception cref="TernException">Its length is another, or there is no room for more than 2^31 words.</exception>
    public void Add(BinaryCode code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (code.Bits != Bits)
            throw new TernException($"A {code.Bits}-bit code cannot join {Bits}-bit codes; encode all images with the same model.");
        Add(code.Words);
    }

    /// <summary>Appends a code of ours or of another list with the same length.</summary>
    internal void Add(ReadOnlySpan<ulong> code)
    {
        int used = Count * WordsPerCode;
        int needed = RequireFits((long)used + WordsPerCode);
        if (needed > words.Length)
        {
            ulong[] grown = new ulong[(int)Math.Min(Math.Max(2L * used, needed), Array.MaxLength)];
            all.Span.CopyTo(grown);
            words = grown;
        }
        code.CopyTo(words.AsSpan(used));
        all = new Column<ulong>(words, needed);
        Count++;
    }

    /// <summary>The words of code <paramref name="index"/>, not copied.</summary>
    internal ReadOnlySpan<ulong> WordsOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return all.Slice((long)index * WordsPerCode, WordsPerCode);
    }

    private static int RequireFits(long wordCount) => wordCount <= Array.MaxLength
        ? (int)wordCount
        : throw new TernException($"{wordCount} words of codes do not fit one list of {Array.MaxLength}; split the collection.");
}
