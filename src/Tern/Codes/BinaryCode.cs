using System.Buffers.Binary;
using System.Numerics;

namespace Tern.Codes;

/// <summary>A compact binary code of 1 to 1024 bits: what a hashing network makes of one image.</summary>
/// <remarks>Bit i is bit (i % 8) of byte i / 8, and bit (i % 64) of 64-bit word i / 64; padding bits are zero.</remarks>
public sealed class BinaryCode : IEquatable<BinaryCode>
{
    /// <summary>The longest code, in bits.</summary>
    public const int MaxBits = 1024;

    private readonly ulong[] words;

    private BinaryCode(ulong[] words, int bits)
    {
        this.words = words;
        Bits = bits;
    }

    /// <summary>Code length in bits.</summary>
    public int Bits { get; }

    /// <summary>The code as ceil(Bits / 64) words, padding bits zero.</summary>
    public ReadOnlySpan<ulong> Words => words;

    /// <summary>Bit <paramref name="index"/>, 0 to Bits - 1.</summary>
    public bool this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Bits);
            return (words[index / 64] >> index % 64 & 1) != 0;
        }
    }

    /// <summary>The code of one network output: bit i is set where hash[i] is greater than 0.</summary>
    /// <exception cref="TernException">The hash is empty, longer than 1024, or holds a NaN.</exception>
    public static BinaryCode FromSigns(ReadOnlySpan<float> hash)
    {
        RequireBits(hash.Length);
        ulong[] words = new ulong[WordCount(hash.Length)];
        for (int i = 0; i < hash.Length; i++)
        {
            if (float.IsNaN(hash[i]))
                throw new TernException($"Value {i} of the hash is not a number; the model that made it is broken or its input was.");
            if (hash[i] > 0)
                words[i / 64] |= 1UL << i % 64;
        }
        return new BinaryCode(words, hash.Length);
    }

    /// <summary>The code held by ceil(bits / 8) packed bytes, as a model's <c>code</c> output gives it.</summary>
    /// <exception cref="TernException">The length does not fit <paramref name="bits"/>, or a padding bit is set.</exception>
    public static BinaryCode FromBytes(ReadOnlySpan<byte> bytes, int bits)
    {
        RequireBits(bits);
        if (bytes.Length != ByteCount(bits))
            throw new TernException($"A {bits}-bit code takes {ByteCount(bits)} bytes; got {bytes.Length}.");
        Span<byte> padded = stackalloc byte[MaxBits / 8];
        padded.Clear();
        bytes.CopyTo(padded);
        ulong[] words = new ulong[WordCount(bits)];
        for (int i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(padded[(8 * i)..]);
        return FromWords(words, bits);
    }

    /// <summary>The code held by ceil(bits / 64) words.</summary>
    /// <exception cref="TernException">The length does not fit <paramref name="bits"/>, or a padding bit is set.</exception>
    public static BinaryCode FromWords(ReadOnlySpan<ulong> words, int bits)
    {
        RequireBits(bits);
        if (words.Length != WordCount(bits))
            throw new TernException($"A {bits}-bit code takes {WordCount(bits)} words; got {words.Length}.");
        if ((words[^1] & ~LastWordMask(bits)) != 0)
            throw new TernException($"A bit past the end of a {bits}-bit code is set; was it made by a longer code's model?");
        return new BinaryCode(words.ToArray(), bits);
    }

    /// <summary>The code written by <see cref="ToString"/>: two hexadecimal digits a byte, byte 0 first.</summary>
    /// <exception cref="TernException">The text is not hexadecimal or does not fit <paramref name="bits"/>.</exception>
    public static BinaryCode Parse(string text, int bits)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return FromBytes(Convert.FromHexString(text), bits);
        }
        catch (FormatException cause)
        {
            throw new TernException($"\"{text}\" is not a code: expected {2 * ByteCount(bits)} hexadecimal digits.", cause);
        }
    }

    /// <summary>The code as ceil(Bits / 8) bytes.</summary>
    public byte[] ToBytes()
    {
        Span<byte> bytes = stackalloc byte[MaxBits / 8];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(8 * i)..], words[i]);
        return bytes[..ByteCount(Bits)].ToArray();
    }

    /// <summary>The Hamming distance: how many bits differ, 0 to Bits.</summary>
    /// <exception cref="TernException">The codes have different lengths.</exception>
    public int Distance(BinaryCode other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Bits != Bits)
            throw new TernException($"Codes of {Bits} and {other.Bits} bits cannot be compared; encode both with the same model.");
        int distance = 0;
        for (int i = 0; i < words.Length; i++)
            distance += BitOperations.PopCount(words[i] ^ other.words[i]);
        return distance;
    }

    /// <summary>Lower-case hexadecimal, two digits a byte, byte 0 first.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    /// <summary>Same length and same bits.</summary>
    public bool Equals(BinaryCode? other) => other is not null && Bits == other.Bits && Words.SequenceEqual(other.Words);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BinaryCode);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Bits);
        foreach (ulong word in words)
            hash.Add(word);
        return hash.ToHashCode();
    }

    internal static int WordCount(int bits) => (bits + 63) / 64;

    internal static int ByteCount(int bits) => (bits + 7) / 8;

    internal static ulong LastWordMask(int bits) => bits % 64 == 0 ? ulong.MaxValue : (1UL << bits % 64) - 1;

    internal static void RequireBits(int bits)
    {
        if (bits is < 1 or > MaxBits)
            throw new TernException($"A code has 1 to {MaxBits} bits; got {bits}.");
    }
}
