using Tern.Codes;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Search;

/// <summary>Codes as a hashing network gives them, and the definition of a search.</summary>
internal static class SearchedCodes
{
    /// <summary>Codes around few centres, some of them equal.</summary>
    /// <param name="flip">The chance of each bit to differ from its centre.</param>
    public static PackedCodes Clustered(Random random, int bits, int count, int centres, double flip)
    {
        BinaryCode[] pool = [.. Enumerable.Range(0, centres).Select(_ => RandomCodes.One(random, bits))];
        PackedCodes codes = new(bits);
        for (int i = 0; i < count; i++)
            codes.Add(Near(random, i > 0 && random.Next(5) == 0 ? codes[random.Next(i)] : pool[random.Next(centres)], random.Next(5) == 0 ? 0 : flip));
        return codes;
    }

    /// <summary>A code with some bits changed.</summary>
    public static BinaryCode Near(Random random, BinaryCode code, double flip)
    {
        ulong[] words = code.Words.ToArray();
        for (int bit = 0; bit < code.Bits; bit++)
            if (random.NextDouble() < flip)
                words[bit / 64] ^= 1UL << bit % 64;
        return BinaryCode.FromWords(words, code.Bits);
    }

    /// <summary>The definition: sort everything that passes by (distance, position); of each group the first.</summary>
    public static Neighbor[] Sorted(
        PackedCodes gallery, BinaryCode query, int? top, int? within, Func<long, bool>? passes = null, Func<long, long>? groupOf = null) =>
        [.. HammingScanTests.Sorted(gallery, query, null, within)
            .Where(near => passes?.Invoke(near.Position) ?? true)
            .DistinctBy(near => groupOf?.Invoke(near.Position) ?? near.Position)
            .Take(top ?? int.MaxValue)];
}

/// <summary>A segment for tests.</summary>
internal sealed record MemorySegment(PackedCodes Codes, MultiIndex? Tables, RowMarks? Removed, ItemColumns Items) : ICodeSegment
{
    public MemorySegment(PackedCodes codes, MultiIndex? tables = null, RowMarks? removed = null) : this(codes, tables, removed, new ItemColumns(codes.Count))
    {
    }
}
