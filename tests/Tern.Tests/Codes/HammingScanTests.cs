using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;

namespace Tern.Tests.Codes;

public class HammingScanTests
{
    /// <summary>The definition: sort everything by (distance, position).</summary>
    internal static Neighbor[] Sorted(PackedCodes gallery, BinaryCode query, int? top, int? within) =>
        [.. Enumerable.Range(0, gallery.Count)
            .Select(i => new Neighbor(i, gallery[i].Distance(query)))
            .Where(n => n.Distance <= (within ?? int.MaxValue))
            .OrderBy(n => n.Distance).ThenBy(n => n.Position)
            .Take(top ?? int.MaxValue)];

    [Fact]
    public void Any_search_equals_sorting_everything() => Prop.ForAll(Searches().ToArbitrary(), drawn =>
    {
        (int bits, int count, int different, int top, int within, int seed) = drawn;
        Random random = new(seed);
        PackedCodes gallery = RandomCodes.Many(random, bits, count, different);
        BinaryCode query = RandomCodes.One(random, bits);
        int? atMost = top < 0 ? null : top, radius = within < 0 ? null : within;
        return HammingScan.Nearest(gallery, query, atMost, radius).SequenceEqual(Sorted(gallery, query, atMost, radius));
    }).QuickCheckThrowOnFailure();

    private static Gen<(int, int, int, int, int, int)> Searches() =>
        from bits in Gen.Frequency((3, Gen.Choose(1, 130)), (1, Gen.Elements(256, 512, 1000, 1024)))
        from count in Gen.Choose(0, 3000)
        from different in Gen.Elements(1, 3, 50, int.MaxValue)
        from top in Gen.Elements(-1, 0, 1, 10, 100, 5000)
        from within in Gen.Frequency((1, Gen.Constant(-1)), (2, Gen.Choose(0, bits + 1)))
        from seed in Gen.Choose(0, int.MaxValue)
        select (bits, count, different, top, within, seed);

    [Fact]
    public void Items_that_come_ever_nearer_do_not_overflow_the_selection()
    {
        // Distance 64, 64, .. 63, 63, .. 0: every item enters when it comes.
        PackedCodes gallery = new(64);
        for (int ones = 64; ones >= 0; ones--)
            for (int i = 0; i < 200; i++)
                gallery.Add(BinaryCode.FromWords([ones == 64 ? ulong.MaxValue : (1UL << ones) - 1], 64));
        BinaryCode query = BinaryCode.FromWords([0], 64);
        Assert.Equal(Sorted(gallery, query, 150, null), HammingScan.Nearest(gallery, query, 150));
    }

    [Fact]
    public void The_answer_is_the_same_for_every_thread_count()
    {
        Random random = new(4);
        PackedCodes gallery = RandomCodes.Many(random, 16, 300_000, different: 500); // five chunks, heavy ties
        for (int trial = 0; trial < 5; trial++)
        {
            BinaryCode query = RandomCodes.One(random, 16);
            Neighbor[] one = HammingScan.Nearest(gallery, query, 1000);
            foreach (int threads in new[] { 2, 3, 16 })
                Assert.Equal(one, HammingScan.Nearest(gallery, query, 1000, threads: threads));
            Assert.Equal(1000, one.Length);
        }
    }

    [Fact]
    public void Removed_codes_are_passed_over()
    {
        Random random = new(5);
        PackedCodes gallery = RandomCodes.Many(random, 32, 1000, different: 20);
        ulong[] removed = new ulong[16];
        for (int i = 0; i < 1000; i += 3)
            removed[i / 64] |= 1UL << i % 64;
        BinaryCode query = gallery[0];
        Neighbor[] expected = [.. Sorted(gallery, query, null, null).Where(n => n.Position % 3 != 0).Take(50)];
        Assert.Equal(expected, HammingScan.Nearest([new ScanPart(gallery, 0, RowMarks.FromWords(removed, 1000))], query, 50, null, 1));
    }

    [Fact]
    public void A_filter_that_allows_few_or_many_is_kept_to()
    {
        Random random = new(7);
        PackedCodes gallery = RandomCodes.Many(random, 48, 200_000, different: 5000);
        BinaryCode query = RandomCodes.One(random, 48);
        Neighbor[] sorted = Sorted(gallery, query, null, null);
        foreach (int oneIn in new[] { 2, 100, 30_000, 500_000 })
        {
            ulong[] allowed = new ulong[200_000 / 64];
            for (int row = 0; row < gallery.Count; row++)
                if (random.Next(oneIn) == 0)
                    allowed[row / 64] |= 1UL << row % 64;
            Neighbor[] expected = [.. sorted.Where(near => (allowed[near.Position / 64] >> (int)(near.Position % 64) & 1) != 0).Take(30)];
            foreach (int threads in new[] { 1, 3 })
                Assert.Equal(expected, HammingScan.Nearest([new ScanPart(gallery, 0, null, allowed)], query, 30, null, threads));
        }
    }

    [Fact]
    public void Xor_of_all_codes_with_a_constant_changes_nothing()
    {
        Random random = new(6);
        PackedCodes gallery = RandomCodes.Many(random, 96, 500, different: 40), turned = new(96);
        BinaryCode query = gallery[7], constant = RandomCodes.One(random, 96);
        BinaryCode Turn(BinaryCode code) =>
            BinaryCode.FromWords([code.Words[0] ^ constant.Words[0], code.Words[1] ^ constant.Words[1]], 96);
        for (int i = 0; i < gallery.Count; i++)
            turned.Add(Turn(gallery[i]));
        Assert.Equal(HammingScan.Nearest(gallery, query, 100), HammingScan.Nearest(turned, Turn(query), 100));
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        PackedCodes gallery = new(8);
        BinaryCode query = BinaryCode.FromBytes([0], 8);
        Assert.Contains("9 bits",
            Assert.Throws<TernException>(() => HammingScan.Nearest(gallery, BinaryCode.FromSigns(new float[9]))).Message);
        Assert.Throws<TernException>(() => HammingScan.Nearest(gallery, query, -1));
        Assert.Throws<TernException>(() => HammingScan.Nearest(gallery, query, within: -1));
        Assert.Throws<TernException>(() => HammingScan.Nearest(gallery, query, threads: 0));
    }
}
