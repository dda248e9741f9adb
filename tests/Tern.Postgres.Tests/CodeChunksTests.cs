using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Tests;

public class CodeChunksTests
{
    [Fact]
    public void Radii_of_chunks_by_hand()
    {
        CodeChunks chunks = new(64, 4);
        Assert.Equal([0, -1, -1, -1], chunks.Radii(0));
        Assert.Equal([0, 0, 0, 0], chunks.Radii(3));
        Assert.Equal([1, 0, 0, 0], chunks.Radii(4));
        Assert.Equal([1, 1, 1, 1], chunks.Radii(7));
        Assert.Equal(17 + 1 + 1 + 1, Enumerable.Range(0, 4).Sum(chunk => chunks.Buckets(chunk, chunks.Radii(4)[chunk])));
        Assert.Equal(0, chunks.Buckets(1, -1));
        Assert.Equal(65536, chunks.Buckets(0, 16));
        Assert.Equal([2, 1], new CodeChunks(3, 2).Radii(100)); // no farther than all bits
    }

    [Fact]
    public void Chunks_suit_the_number_of_items()
    {
        Assert.Equal(4, CodeChunks.For(64, 5_000_000));
        Assert.Equal(3, CodeChunks.For(64, 50_000_000));
        Assert.Equal(8, CodeChunks.For(256, 5_000_000));
        Assert.Equal(1, CodeChunks.For(5, 1000));
        Assert.Equal(0, CodeChunks.For(257, 1000));
    }

    [Fact]
    public void A_code_within_the_radius_is_in_a_bucket_that_is_asked_for() => Prop.ForAll(Codes().ToArbitrary(), drawn =>
    {
        (int bits, int count, int radius, int seed) = drawn;
        Random random = new(seed);
        CodeChunks chunks = new(bits, count);
        BinaryCode query = MadeItem.RandomCode(random, bits), code = query;
        while (code.Distance(query) < radius && random.Next(20) > 0)
            code = WithFlipped(code, random.Next(bits));
        int[] radii = chunks.Radii(radius);
        return code.Distance(query) > radius
            || Enumerable.Range(0, count).Any(chunk => BitOperations.PopCount(chunks.Of(code, chunk) ^ chunks.Of(query, chunk)) <= radii[chunk]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Buckets_near_a_code_are_all_that_differ_in_so_few_bits() => Prop.ForAll(Codes().ToArbitrary(), drawn =>
    {
        (int bits, int count, int radius, int seed) = drawn;
        CodeChunks chunks = new(bits, count);
        BinaryCode code = MadeItem.RandomCode(new Random(seed), bits);
        int chunk = seed % count, within = Math.Min(radius % 4, chunks.WidthOf(chunk));
        int[] near = chunks.Near(code, chunk, within);
        ulong limit = 1UL << chunks.WidthOf(chunk);
        return near.Length == (long)chunks.Buckets(chunk, within) && near.Distinct().Count() == near.Length
            && near.All(bucket => (uint)bucket < limit && BitOperations.PopCount((uint)bucket ^ chunks.Of(code, chunk)) <= within);
    }).QuickCheckThrowOnFailure();

    private static Gen<(int, int, int, int)> Codes() =>
        from bits in Gen.Choose(1, 200)
        from count in Gen.Choose((bits + 31) / 32, Math.Min(bits, 12))
        from radius in Gen.Choose(0, bits)
        from seed in Gen.Choose(0, int.MaxValue)
        select (bits, count, radius, seed);

    private static BinaryCode WithFlipped(BinaryCode code, int bit)
    {
        ulong[] words = code.Words.ToArray();
        words[bit / 64] ^= 1UL << bit % 64;
        return BinaryCode.FromWords(words, code.Bits);
    }
}
