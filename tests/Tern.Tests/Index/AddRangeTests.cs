using Tern.Codes;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Index;

public class AddRangeTests
{
    private static readonly SearchOptions All = new() { Top = null };

    /// <summary>The truth is what adding one by one makes of the same items, with keys that come twice in a range, in two of them, and in the log.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(100)]
    public void A_range_is_as_good_as_its_items_one_by_one(int bits)
    {
        using TemporaryFolder folder = new();
        Random random = new(bits);
        using HammingIndex many = HammingIndex.Create(folder.New("many"), bits, "m"), single = HammingIndex.Create(folder.New("single"), bits, "m");
        foreach (int count in new[] { 3000, 1, 0, 2000, 20_000 }) // some go into the log and some into a segment
        {
            long[] keys = [.. Enumerable.Range(0, count).Select(_ => random.NextInt64(-2000, 2000) * 1_000_000_007)];
            string?[] labels = [.. keys.Select(_ => random.Next(3) switch { 0 => null, 1 => "a", _ => "b|c" })];
            PackedCodes codes = RandomCodes.Many(random, bits, count);
            many.AddRange(keys, codes, count % 2 == 0 ? labels : []);
            for (int i = 0; i < count; i++)
                single.Add(keys[i], codes[i], count % 2 == 0 ? labels[i] : null);
            many.Commit();
            single.Commit();
            Assert.Equal(single.Items(), many.Items());
            BinaryCode query = RandomCodes.One(random, bits);
            Assert.Equal(single.Search(query, All), many.Search(query, All));
        }
        Assert.Empty(HammingIndex.Verify(folder.New("many")));
    }

    /// <summary>Ranges that wait together, with keys in common, and one removed in between.</summary>
    [Fact]
    public void Ranges_that_wait_together_replace_one_another()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 16, "m");
        PackedCodes codes = RandomCodes.Many(new Random(2), 16, 100);
        index.AddRange([.. Enumerable.Range(0, 100).Select(key => (long)key)], codes);
        Assert.True(index.Remove("7"));
        Assert.False(index.Remove("7"));
        for (int range = 0; range < 30; range++)
            index.AddRange([.. Enumerable.Range(50 + range * 10, 100).Select(key => (long)key)], codes, [.. Enumerable.Repeat($"{range}", 100)]);
        index.Commit();
        Assert.Equal(439, index.Count);
        Assert.Null(index.Get("7"));
        Assert.Null(index.Get("49")!.Label);
        Assert.Equal("0", index.Get("59")!.Label);
        Assert.Equal("29", index.Get("340")!.Label);
        Assert.Equal(codes[0], index.Get("340")!.Code);
        Assert.Empty(HammingIndex.Verify(folder.New()));
    }

    /// <summary>The table of the keys that wait is made anew when it is full, not for every range: with that, this would take hours.</summary>
    [Fact]
    public void Many_small_ranges_take_no_longer_than_few_large_ones()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 16, "m");
        PackedCodes one = RandomCodes.Many(new Random(2), 16, 1);
        for (int key = 0; key < 300_000; key++)
            index.AddRange([key], one);
        index.Commit();
        Assert.Equal(300_000, index.Count);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused_and_leaves_nothing_waiting()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 16, "model-a");
        PackedCodes two = RandomCodes.Many(new Random(1), 16, 2);
        Assert.Contains("12 bits and the index 16", Assert.Throws<TernException>(() => index.AddRange([1, 2], new PackedCodes(12))).Message);
        Assert.Contains("2 codes, 1 keys", Assert.Throws<TernException>(() => index.AddRange([1], two)).Message);
        Assert.Contains("3 labels", Assert.Throws<TernException>(() => index.AddRange([1, 2], two, ["a", "b", "c"])).Message);
        Assert.Contains("1 to 4096 bytes", Assert.Throws<TernException>(() => index.AddRange([1, 2], two, ["a", ""])).Message);
        index.Commit();
        Assert.Equal(0, index.Count);

        using HammingIndex described = HammingIndex.Create(folder.New("described"), 16, "m", new DescriptorShape(4, DescriptorPrecision.Float32));
        Assert.Contains("one by one", Assert.Throws<TernException>(() => described.AddRange([1, 2], two)).Message);
        using HammingIndex reader = HammingIndex.Open(folder.New());
        Assert.Contains("Writable", Assert.Throws<TernException>(() => reader.AddRange([1, 2], two)).Message);
    }
}
