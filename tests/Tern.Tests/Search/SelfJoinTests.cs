using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Search;

public class SelfJoinTests
{
    private static Gen<(int, int, int, double, int, int)> Collections() =>
        from bits in Gen.Frequency((3, Gen.Choose(1, 70)), (1, Gen.Elements(100, 128, 256)))
        from count in Gen.Choose(0, 300)
        from centres in Gen.Elements(1, 10, 100)
        from flip in Gen.Elements(0.0, 0.02, 0.1)
        from radius in Gen.Choose(0, bits / 8 + 2)
        from seed in Gen.Choose(0, int.MaxValue)
        select (bits, count, centres, flip, radius, seed);

    [Fact]
    public void Every_plan_finds_the_pairs_that_comparing_all_finds() => Prop.ForAll(Collections().ToArbitrary(), drawn =>
    {
        (int bits, int count, int centres, double flip, int radius, int seed) = drawn;
        PackedCodes codes = SearchedCodes.Clustered(new Random(seed), bits, count, centres, flip);
        NearPair[] expected = Pairs(codes, radius, _ => true);
        CodeSearch search = CodeSearch.Over(codes, hashing: false);
        return new SearchPlan?[] { null, SearchPlan.Scan, SearchPlan.Hashing }.All(plan => new[] { 1, 3 }.All(threads =>
        {
            PairAnswer answer = search.PairsWithin(radius, new JoinRequest { Plan = plan, Threads = threads });
            return answer.Pairs.SequenceEqual(expected) && answer.Explanation.LeftOut == 0;
        }));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Groups_are_what_pairs_connect() => Prop.ForAll(Collections().ToArbitrary(), drawn =>
    {
        (int bits, int count, int centres, double flip, int radius, int seed) = drawn;
        Random random = new(seed);
        PackedCodes codes = SearchedCodes.Clustered(random, bits, count, centres, flip);
        RowSet allowed = new(count);
        for (int row = 0; row < count; row++)
            if (random.Next(5) > 0)
                allowed.Add(row);
        string expected = Show(Groups(count, Pairs(codes, radius, allowed.Contains)));
        CodeSearch search = CodeSearch.Over(codes, hashing: true);
        return new SearchPlan?[] { null, SearchPlan.Scan, SearchPlan.Hashing }.All(plan => new[] { 1, 2 }.All(threads =>
            Show(search.GroupsWithin(radius, new JoinRequest { Plan = plan, Threads = threads, Filter = ItemFilter.In(allowed) }).Groups) == expected));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_hand_made_collection()
    {
        // 0 and 3 are copies; 1 is one bit from them, 2 one bit from 1; 4 is far from all.
        CodeSearch search = CodeSearch.Over(PackedCodes.FromWords([0b0000, 0b0001, 0b0011, 0b0000, 0b1111_0000], 8));
        PairAnswer pairs = search.PairsWithin(1);
        Assert.Equal([new NearPair(0, 1, 1), new NearPair(0, 3, 0), new NearPair(1, 2, 1), new NearPair(1, 3, 1)], pairs.Pairs);
        Assert.Equal((SearchPlan.Scan, 4L, 6L), (pairs.Explanation.Plan, pairs.Explanation.Codes, pairs.Explanation.Comparisons));
        Assert.Equal([[0L, 1, 2, 3]], search.GroupsWithin(1).Groups);
        Assert.Equal([[0L, 3]], search.GroupsWithin(0).Groups);
        Assert.Equal([new NearPair(0, 3, 0)], search.PairsWithin(0).Pairs);
    }

    [Fact]
    public void A_cap_bounds_the_work_in_a_crowd_and_says_what_it_left_out()
    {
        // 256 codes share their first chunk of 16 bits and differ in the second; 100 copies of one more.
        PackedCodes codes = new(32);
        for (ulong i = 0; i < 256; i++)
            codes.Add(BinaryCode.FromWords([i << 16], 32));
        for (int i = 0; i < 100; i++)
            codes.Add(BinaryCode.FromWords([0xFFFF_FFFF], 32));
        MemorySegment segment = new(codes, MultiIndex.Build(codes, chunks: 2));
        JoinRequest request = new() { Plan = SearchPlan.Hashing };
        PairAnswer all = SelfJoin.Pairs(segment, 1, request), few = SelfJoin.Pairs(segment, 1, request with { Cap = 10 });
        Assert.Equal(256 * 8 / 2 + 100 * 99 / 2, all.Pairs.Count); // each of 256 has eight neighbours
        Assert.Equal(0, all.Explanation.LeftOut);
        Assert.InRange(few.Explanation.LeftOut, 1, long.MaxValue);
        Assert.InRange(few.Explanation.Comparisons, 1, all.Explanation.Comparisons / 5);
        Assert.Subset(all.Pairs.ToHashSet(), few.Pairs.ToHashSet());
        Assert.Equal(90 * 10 + 10 * 9 / 2, few.Pairs.Count(pair => pair.One >= 256)); // of copies, each with the next ten
    }

    [Fact]
    public void Large_collections_are_joined_by_tables_and_distant_radii_by_a_scan()
    {
        Random random = new(7);
        PackedCodes codes = SearchedCodes.Clustered(random, 64, 60_000, 20_000, 0.03);
        CodeSearch search = CodeSearch.Over(codes, threads: 2);
        PairAnswer near = search.PairsWithin(2, new JoinRequest { Threads = 2 });
        Assert.Equal(SearchPlan.Hashing, near.Explanation.Plan);
        foreach (int row in new[] { 0, 12_345, 59_999 })
            Assert.Equal(
                HammingScan.Nearest(codes, codes[row], within: 2).Select(found => found.Position).Where(position => position != row).Order(),
                near.Pairs.Where(pair => pair.One == row || pair.Other == row).Select(pair => pair.One + pair.Other - row).Order());
        Assert.Equal(SearchPlan.Scan, CodeSearch.Over(RandomCodes.Many(random, 64, 2000), hashing: true).PairsWithin(20).Explanation.Plan);
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        CodeSearch search = CodeSearch.Over(new PackedCodes(8));
        string message = Assert.Throws<TernException>(() => search.PairsWithin(-1, new JoinRequest { Cap = 0, Threads = 0 })).Message;
        Assert.Contains("radius: must be 0 or more; got -1; cap: must be at least 1, or null for no cap; got 0; threads: must be at least 1; got 0", message);
        Assert.Throws<TernException>(() => search.GroupsWithin(1, new JoinRequest { Plan = SearchPlan.HashingThenScan }));
        Assert.Empty(search.PairsWithin(3).Pairs);
        Assert.Empty(search.GroupsWithin(3).Groups);
    }

    // The definition.
    private static NearPair[] Pairs(PackedCodes codes, int radius, Func<int, bool> passes)
    {
        List<NearPair> pairs = [];
        for (int one = 0; one < codes.Count; one++)
            for (int other = one + 1; other < codes.Count; other++)
                if (passes(one) && passes(other) && codes[one].Distance(codes[other]) is int distance && distance <= radius)
                    pairs.Add(new NearPair(one, other, distance));
        return [.. pairs];
    }

    // Each row takes the lowest row it is connected with, until nothing changes.
    private static IReadOnlyList<IReadOnlyList<long>> Groups(int count, NearPair[] pairs)
    {
        long[] lowest = [.. Enumerable.Range(0, count).Select(row => (long)row)];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (NearPair pair in pairs)
                if (lowest[pair.One] != lowest[pair.Other])
                {
                    lowest[pair.One] = lowest[pair.Other] = Math.Min(lowest[pair.One], lowest[pair.Other]);
                    changed = true;
                }
        }
        return [.. Enumerable.Range(0, count).GroupBy(row => lowest[row]).Where(group => group.Count() > 1)
            .Select(group => (IReadOnlyList<long>)[.. group.Select(row => (long)row)])];
    }

    private static string Show(IReadOnlyList<IReadOnlyList<long>> groups) => string.Join("; ", groups.Select(group => string.Join(",", group)));
}
