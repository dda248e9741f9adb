/// <summary>Codes to measure with, the same on every machine: around 10,000 random centres, each bit flipped by chance, or all random.</summary>
/// <remarks>Real hash codes have correlated and unbalanced bits: what is measured on these is not measured on those.</remarks>
internal sealed class MadeCodes
{
    private const int CentreCount = 10_000;
    private const double FlipChance = 0.06;

    private readonly int bits, words;
    private readonly bool clustered;
    private readonly ulong[] centres;
    private ulong state = 88172645463325252;

    public MadeCodes(string kind, int bits)
    {
        clustered = kind switch { "clustered" => true, "random" => false, _ => throw new ArgumentException($"kind is clustered or random; got {kind}") };
        (this.bits, words) = (bits, (bits + 63) / 64);
        centres = new ulong[CentreCount * words];
        for (int i = 0; i < centres.Length; i += words)
            Draw(centres.AsSpan(i, words));
    }

    /// <summary>Writes <paramref name="count"/> codes as little-endian 64-bit words.</summary>
    public void Write(string path, int count)
    {
        using var stream = new BufferedStream(File.Create(path), 1 << 20);
        ulong[] code = new ulong[words];
        for (int i = 0; i < count; i++)
        {
            if (clustered)
            {
                centres.AsSpan((int)(Next() % CentreCount) * words, words).CopyTo(code);
                Flip(code);
            }
            else
            {
                Draw(code);
            }
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(code.AsSpan()));
        }
    }

    private void Draw(Span<ulong> code)
    {
        for (int w = 0; w < words; w++)
            code[w] = Next();
        if (bits % 64 != 0)
            code[^1] &= (1UL << bits % 64) - 1;
    }

    // From one flipped bit to the next, geometrically distributed.
    private void Flip(ulong[] code)
    {
        for (int bit = Gap() - 1; bit < bits; bit += Gap())
            code[bit / 64] ^= 1UL << bit % 64;
    }

    private int Gap() => (int)(Math.Log(1 - (Next() >> 11) * (1.0 / (1UL << 53))) / Math.Log(1 - FlipChance)) + 1;

    // xorshift64
    private ulong Next()
    {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    }
}
