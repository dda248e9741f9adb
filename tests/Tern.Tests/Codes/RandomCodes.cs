using Tern.Codes;

namespace Tern.Tests.Codes;

/// <summary>Codes for tests.</summary>
internal static class RandomCodes
{
    public static BinaryCode One(Random random, int bits)
    {
        float[] hash = new float[bits];
        for (int i = 0; i < bits; i++)
            hash[i] = random.NextSingle() - 0.5f;
        return BinaryCode.FromSigns(hash);
    }

    /// <summary>Codes drawn from a small number of different ones, so that distances tie heavily.</summary>
    public static PackedCodes Many(Random random, int bits, int count, int different = int.MaxValue)
    {
        BinaryCode[] pool = [.. Enumerable.Range(0, Math.Min(count, different)).Select(_ => One(random, bits))];
        PackedCodes codes = new(bits);
        for (int i = 0; i < count; i++)
            codes.Add(pool[different < count ? random.Next(pool.Length) : i]);
        return codes;
    }
}
