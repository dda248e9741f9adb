using System.Numerics;
using Tern.Codes;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Search;

public class MultiIndexTests
{
    [Fact]
    public void Chunks_cover_every_bit_once()
    {
        Random random = new(1);
        foreach (int bits in new[] { 1, 7, 48, 64, 65, 100, 128, 256, 1000, 1024 })
            foreach (int codes in new[] { 0, 1, 1000, 1_000_000, 50_000_000 })
            {
                Chunks chunks = Chunks.For(bits, codes);
                Assert.Equal(bits, Enumerable.Range(0, chunks.Count).Sum(chunk => chunks.WidthOf(chunk)));
                Assert.All(Enumerable.Range(0, chunks.Count), chunk => Assert.InRange(chunks.WidthOf(chunk), 1, Chunks.MaxWidth));
                BinaryCode code = RandomCodes.One(random, bits);
                int at = 0;
                for (int chunk = 0; chunk < chunks.Count; chunk++)
                    for (int bit = 0; bit < chunks.WidthOf(chunk); bit++, at++)
                        Assert.Equal(code[at], (chunks.Of(code.Words, chunk) >> bit & 1) != 0);
            }
    }

    /// <summary>The measured optima: four tables for ten million codes of 64 bits, three for fifty.</summary>
    [Theory]
    [InlineData(64, 1_000_000, 4)]
    [InlineData(64, 10_000_000, 4)]
    [InlineData(64, 50_000_000, 3)]
    [InlineData(256, 2_000_000, 13)]
    public void The_number_of_chunks_suits_the_collection(int bits, int codes, int chunks) => Assert.Equal(chunks, Chunks.For(bits, codes).Count);

    [Fact]
    public void What_was_met_before_is_what_a_list_of_those_met_says()
    {
        Random random = new(2);
        Chunks chunks = new(20, 3);
        for (int trial = 0; trial < 200; trial++)
        {
            ulong difference = (ulong)random.Next(1 << 20) & (ulong)random.Next(1 << 20);
            bool met = false;
            for (int radius = 0; radius <= 7; radius++)
                for (int chunk = 0; chunk < 3; chunk++)
                    if (BitOperations.PopCount(chunks.Of([difference], chunk)) == radius)
                    {
                        Assert.Equal(met, chunks.MetBefore([difference], chunk, radius));
                        met = true;
                    }
            Assert.True(met);
        }
    }

    [Fact]
    public void Buckets_hold_each_different_code_once_where_it_belongs()
    {
        Random random = new(3);
        foreach (int bits in new[] { 5, 40, 64, 90, 200 })
            foreach (int threads in new[] { 1, 4 })
            {
                PackedCodes codes = SearchedCodes.Clustered(random, bits, 3000, 50, 0.04);
                MultiIndex index = MultiIndex.Build(codes, threads: threads);
                for (int chunk = 0; chunk < index.Chunks.Count; chunk++)
                {
                    List<int> rows = [];
                    for (uint bucket = 0; bucket < index[chunk].Buckets; bucket++)
                    {
                        (int start, int end) = index[chunk].Bucket(bucket);
                        for (int i = start; i < end; i++)
                            foreach (int row in index.Equal.RowsOf(index[chunk].Postings[i], new int[1]).ToArray())
                            {
                                Assert.Equal(bucket, index.Chunks.Of(codes[row].Words, chunk));
                                if (index[chunk].Words is { } words)
                                    Assert.Equal(codes[row].Words[0], words[i]);
                                rows.Add(row);
                            }
                    }
                    Assert.Equal(Enumerable.Range(0, codes.Count), rows.Order());
                }
            }
    }

    [Fact]
    public void Equal_codes_are_one_posting()
    {
        PackedCodes codes = PackedCodes.FromWords([7, 1, 7, 2, 1, 7], 8);
        EqualCodes equal = EqualCodes.Find(codes, threads: 2);
        Assert.Equal(3, equal.Count);
        Assert.Equal([[0, 2, 5], [1, 4], [3]], equal.Postings().Select(posting => equal.RowsOf(posting, new int[1]).ToArray()));
        Assert.Equal([0, 1, 3], equal.Postings().Select(equal.FirstRow));
        RowFilter onlyRow4 = new([1 << 4], null);
        Assert.Equal([false, true, false], equal.Postings().Select(posting => equal.Passes(posting, onlyRow4)));
        Assert.Equal([[], [4], []], equal.Postings().Select(posting => equal.PassingRows(posting, onlyRow4)));
    }

    [Fact]
    public void Equal_codes_are_those_a_dictionary_finds()
    {
        Random random = new(4);
        foreach (int bits in new[] { 3, 64, 130 })
        {
            PackedCodes codes = RandomCodes.Many(random, bits, 9000, different: 3000); // several parts to sort
            EqualCodes equal = EqualCodes.Find(codes, threads: 3);
            int[][] expected = [.. Enumerable.Range(0, codes.Count).GroupBy(row => codes[row]).Select(group => group.ToArray())];
            Assert.Equal(expected, equal.Postings().Select(posting => equal.RowsOf(posting, new int[1]).ToArray()));
        }
    }
}
