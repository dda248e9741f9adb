using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Search;

public class CodeSearchTests
{
    private static readonly SearchPlan?[] Plans = [null, SearchPlan.Scan, SearchPlan.Hashing];

    private sealed record Drawn(int Bits, int Count, int Centres, int Flips, int? Top, int? Within, int Selectivity, int Groups, int Seed);

    private static Gen<Drawn> Searches() =>
        from bits in Gen.Frequency((3, Gen.Choose(1, 72)), (2, Gen.Choose(73, 260)), (1, Gen.Elements(512, 1000, 1024)))
        from count in Gen.Choose(0, bits > 260 ? 300 : 2000)
        from centres in Gen.Elements(1, 5, 100)
        from flips in Gen.Elements(0, 5, 50)
        from top in Gen.Elements<int?>(null, 0, 1, 10, 100, 5000)
        from within in Gen.Frequency((1, Gen.Constant<int?>(null)), (2, Gen.Choose(0, bits / 2 + 1).Select(radius => (int?)radius)))
        from selectivity in Gen.Elements(-1, 0, 1, 10, 50, 100)
        from groups in Gen.Elements(0, 0, 3, 50)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Drawn(bits, count, centres, flips, top, within, selectivity, groups, seed);

    [Fact]
    public void Every_plan_equals_sorting_everything() => Prop.ForAll(Searches().ToArbitrary(), drawn =>
    {
        Random random = new(drawn.Seed);
        PackedCodes codes = SearchedCodes.Clustered(random, drawn.Bits, drawn.Count, drawn.Centres, drawn.Flips / 100.0);
        BinaryCode query = codes.Count > 0 && random.Next(3) > 0
            ? SearchedCodes.Near(random, codes[random.Next(codes.Count)], 0.05) : RandomCodes.One(random, drawn.Bits);
        RowSet allowed = new(codes.Count);
        for (int row = 0; row < codes.Count; row++)
            if (random.Next(100) < drawn.Selectivity)
                allowed.Add(row);
        Func<long, long>? groupOf = drawn.Groups == 0 ? null : (position => position * 7919 % drawn.Groups);
        Func<long, bool> passes = drawn.Selectivity < 0 ? (_ => true) : (position => allowed.Contains((int)position));
        Neighbor[] expected = SearchedCodes.Sorted(codes, query, drawn.Top, drawn.Within, passes, groupOf);

        CodeSearch search = CodeSearch.Over(codes, hashing: true);
        SearchRequest request = new()
        {
            Top = drawn.Top,
            Within = drawn.Within,
            Filter = drawn.Selectivity < 0 ? null : ItemFilter.In(allowed),
            GroupOf = groupOf,
        };
        return Plans.All(plan => search.Nearest(query, request with { Plan = plan }).Neighbors.SequenceEqual(expected))
            && CodeSearch.Over(codes, hashing: false).Nearest(query, request).Neighbors.SequenceEqual(expected);
    }).QuickCheckThrowOnFailure();

    /// <summary>What is done to all codes and to the query alike, bits turned over or put into another order, changes no distance, so no answer.</summary>
    [Fact]
    public void Bits_turned_over_or_in_another_order_change_nothing() => Prop.ForAll(Searches().ToArbitrary(), drawn =>
    {
        Random random = new(drawn.Seed);
        PackedCodes codes = SearchedCodes.Clustered(random, drawn.Bits, drawn.Count, drawn.Centres, drawn.Flips / 100.0), changed = new(drawn.Bits);
        BinaryCode query = codes.Count > 0 ? SearchedCodes.Near(random, codes[random.Next(codes.Count)], 0.05) : RandomCodes.One(random, drawn.Bits), mask = RandomCodes.One(random, drawn.Bits);
        int[] order = [.. Enumerable.Range(0, drawn.Bits)];
        random.Shuffle(order);
        BinaryCode Change(BinaryCode code)
        {
            ulong[] words = new ulong[code.Words.Length];
            for (int bit = 0; bit < order.Length; bit++)
                words[bit / 64] |= ((code.Words[order[bit] / 64] ^ mask.Words[order[bit] / 64]) >> order[bit] % 64 & 1) << bit % 64;
            return BinaryCode.FromWords(words, code.Bits);
        }
        for (int row = 0; row < codes.Count; row++)
            changed.Add(Change(codes[row]));
        SearchRequest request = new() { Top = drawn.Top, Within = drawn.Within };
        CodeSearch before = CodeSearch.Over(codes, hashing: true), after = CodeSearch.Over(changed, hashing: true);
        return Plans.All(plan => after.Nearest(Change(query), request with { Plan = plan }).Neighbors.SequenceEqual(before.Nearest(query, request with { Plan = plan }).Neighbors));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Many_queries_get_what_each_gets_alone()
    {
        Random random = new(2);
        foreach (int bits in new[] { 20, 64, 100, 256 })
        {
            PackedCodes codes = SearchedCodes.Clustered(random, bits, 3000, 30, 0.05), queries = SearchedCodes.Clustered(random, bits, 300, 30, 0.05);
            CodeSearch search = CodeSearch.Over(codes, hashing: true);
            foreach (SearchPlan? plan in Plans)
                foreach (int threads in new[] { 1, 3 })
                {
                    SearchAnswer[] answers = search.Nearest(queries, new SearchRequest { Plan = plan, Threads = threads });
                    Assert.Equal(queries.Count, answers.Length);
                    for (int q = 0; q < answers.Length; q += 7)
                        Assert.Equal(SearchedCodes.Sorted(codes, queries[q], 10, null), answers[q].Neighbors);
                }
        }
        Assert.Empty(CodeSearch.Over(new PackedCodes(9)).Nearest(new PackedCodes(9)));
    }

    [Fact]
    public void The_answer_is_the_same_for_every_thread_count_and_plan()
    {
        Random random = new(3);
        PackedCodes codes = RandomCodes.Many(random, 24, 300_000, different: 2000); // more than four chunks of a scan, heavy ties
        CodeSearch search = CodeSearch.Over(codes, hashing: true, threads: 2);
        for (int trial = 0; trial < 3; trial++)
        {
            BinaryCode query = RandomCodes.One(random, 24);
            Neighbor[] expected = HammingScan.Nearest(codes, query, 1000);
            foreach (SearchPlan? plan in Plans)
                foreach (int threads in new[] { 1, 2, 16 })
                    Assert.Equal(expected, search.Nearest(query, new SearchRequest { Top = 1000, Plan = plan, Threads = threads }).Neighbors);
        }
    }

    [Fact]
    public void A_hand_made_search_is_explained()
    {
        // 16 bits in two chunks of 8. Query 0: row 0 is equal, row 1 differs in bit 0, row 2 in bits 0 and 8, row 3 in all.
        PackedCodes codes = PackedCodes.FromWords([0x0000, 0x0001, 0x0101, 0xFFFF], 16);
        MemorySegment segment = new(codes, MultiIndex.Build(codes, chunks: 2));
        BinaryCode query = BinaryCode.FromWords([0], 16);
        SearchAnswer answer = PartSearch.Nearest(
            SearchPart.Of([segment], null), query, new SearchRequest { Top = null, Within = 2, Plan = SearchPlan.Hashing });
        Assert.Equal([new Neighbor(0, 0), new Neighbor(1, 1), new Neighbor(2, 2)], answer.Neighbors);
        // Radius 0: bucket 0 of chunk 0 holds row 0, of chunk 1 rows 0 and 1. Known up to distance 1. Radius 1, chunk 0: 8 buckets, of which that of bit 0 holds
        // rows 1 and 2; then distance 2 is known.
        Explanation how = answer.Explanation;
        Assert.Equal((SearchPlan.Hashing, 2, 1, 10L, 5L, 0L, false), (how.Plan, how.Chunks, how.ChunkRadius, how.Probes, how.Candidates, how.Scanned, how.BailedOut));
        Assert.Equal((4L, 4L), (how.Codes, how.Passing));
    }

    [Fact]
    public void Hash_tables_are_given_up_for_random_codes_and_kept_for_clustered_ones()
    {
        Random random = new(4);
        PackedCodes far = RandomCodes.Many(random, 64, 200_000), near = SearchedCodes.Clustered(random, 64, 200_000, 1000, 0.03);
        Explanation given = CodeSearch.Over(far, hashing: true).Nearest(RandomCodes.One(random, 64)).Explanation;
        Assert.Equal((SearchPlan.HashingThenScan, true, 200_000L), (given.Plan, given.BailedOut, given.Scanned));
        Assert.InRange(given.HashingCost, 0, given.ScanCost / 2 * 1.2);
        Explanation kept = CodeSearch.Over(near, hashing: true).Nearest(near[17]).Explanation;
        Assert.Equal((SearchPlan.Hashing, false, 0L), (kept.Plan, kept.BailedOut, kept.Scanned));
        Assert.InRange(kept.HashingCost, 0, kept.ScanCost / 2);
        Assert.InRange(kept.Candidates, 10, 100_000);
    }

    [Fact]
    public void Small_collections_have_no_tables_and_large_ones_have()
    {
        Assert.Equal(0, CodeSearch.Over(new PackedCodes(64)).Chunks);
        CodeSearch large = CodeSearch.Over(RandomCodes.Many(new Random(5), 16, 300_000, different: 100));
        Assert.InRange(large.Chunks, 1, 4);
        Assert.InRange(large.TableBytes, 1, 1_000_000 + 4 * 300_000 + 4 * 4 * 70_000); // copies are listed once, not in every table
    }

    [Fact]
    public void Thousands_of_copies_of_a_code_cost_a_search_no_more_than_one()
    {
        Random random = new(6);
        PackedCodes codes = SearchedCodes.Clustered(random, 64, 20_000, 200, 0.05), crowded = new(64);
        for (int i = 0; i < codes.Count; i++)
            crowded.Add(codes[i]);
        for (int i = 0; i < 50_000; i++)
            crowded.Add(codes[0]);
        SearchRequest request = new() { Plan = SearchPlan.Hashing, Within = 3, Top = 10 };
        Explanation alone = CodeSearch.Over(codes, hashing: true).Nearest(codes[0], request).Explanation;
        SearchAnswer among = CodeSearch.Over(crowded, hashing: true).Nearest(codes[0], request);
        Assert.Equal(SearchedCodes.Sorted(crowded, codes[0], 10, 3), among.Neighbors);
        Assert.InRange(among.Explanation.Candidates, 1, alone.Candidates);
    }

    [Fact]
    public void Parts_with_and_without_tables_removed_rows_and_filters_make_one_collection() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            Random random = new(seed);
            int bits = random.Next(1, 200);
            PackedCodes all = SearchedCodes.Clustered(random, bits, random.Next(1, 1500), 20, 0.05);
            string[] colours = [.. Enumerable.Range(0, all.Count).Select(_ => random.Next(3) == 0 ? "red" : "blue")];
            bool[] removed = new bool[all.Count];
            List<MemorySegment> segments = [];
            for (int start = 0, end; start < all.Count; start = end)
            {
                end = Math.Min(start + random.Next(1, 800), all.Count);
                PackedCodes codes = new(bits);
                ulong[] marks = new ulong[(end - start + 63) / 64];
                for (int row = start; row < end; row++)
                {
                    codes.Add(all[row]);
                    if (removed[row] = random.Next(10) == 0)
                        marks[(row - start) / 64] |= 1UL << (row - start) % 64;
                }
                MultiIndex? tables = random.Next(2) == 0 ? null : MultiIndex.Build(codes, Math.Min((bits + 11) / 12, bits));
                segments.Add(new MemorySegment(codes, tables, RowMarks.FromWords(marks, codes.Count), new ItemColumns(codes.Count).AddAttribute("colour", colours[start..end])));
            }
            BinaryCode query = SearchedCodes.Near(random, all[random.Next(all.Count)], 0.03);
            SearchPart[] parts = SearchPart.Of(segments, ItemFilter.Where("colour", "red"));
            Neighbor[] expected = SearchedCodes.Sorted(all, query, 20, null, position => !removed[position] && colours[position] == "red");
            return Plans.All(plan => new[] { 1, 2 }.All(threads =>
                PartSearch.Nearest(parts, query, new SearchRequest { Top = 20, Plan = plan, Threads = threads }).Neighbors.SequenceEqual(expected)));
        }).QuickCheckThrowOnFailure();

    /// <summary>Each query of a batch has one thread for its tables and in effect one for the scan, so that the number of threads decides nothing.</summary>
    [Fact]
    public void Batches_give_tables_up_whatever_the_number_of_threads()
    {
        Random random = new(7);
        PackedCodes codes = SearchedCodes.Clustered(random, 64, 200_000, 1000, 0.01), queries = new(64);
        for (int i = 0; i < 32; i++)
            queries.Add(i % 2 == 0 ? codes[random.Next(codes.Count)] : RandomCodes.One(random, 64));
        CodeSearch search = CodeSearch.Over(codes, hashing: true);
        Explanation[] one = How(threads: 1);
        Assert.Equal(one, How(threads: 16));
        Assert.All(one.Index(), how => Assert.Equal(how.Index % 2 != 0, how.Item.BailedOut)); // near ones stay in the tables
        Assert.All(one, how => Assert.InRange(how.HashingCost, 0, how.ScanCost / 2 * 1.2));

        Explanation[] How(int threads) => [.. search.Nearest(queries, new SearchRequest { Threads = threads }).Select(answer => answer.Explanation)];
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        PackedCodes codes = PackedCodes.FromWords([1, 2], 8);
        CodeSearch search = CodeSearch.Over(codes, items: new ItemColumns(2));
        BinaryCode query = BinaryCode.FromWords([3], 8);
        Assert.Contains("9 bits", Assert.Throws<TernException>(() => search.Nearest(BinaryCode.FromSigns(new float[9]))).Message);
        string message = Assert.Throws<TernException>(() => search.Nearest(query, new SearchRequest { Top = -1, Within = -2, Threads = 0 })).Message;
        Assert.Contains("top: must be 0 or more; got -1; within: must be 0 or more; got -2; threads: must be at least 1; got 0", message);
        Assert.Contains("plan", Assert.Throws<TernException>(() => search.Nearest(query, new SearchRequest { Plan = SearchPlan.HashingThenScan })).Message);
        Assert.Contains("3 rows and the collection 2",
            Assert.Throws<TernException>(() => search.Nearest(query, new SearchRequest { Filter = ItemFilter.In(new RowSet(3)) })).Message);
        Assert.Contains("2 codes and 3 items", Assert.Throws<TernException>(() => CodeSearch.Over(codes, items: new ItemColumns(3))).Message);
        codes.Add(query);
        Assert.Contains("2 codes when", Assert.Throws<TernException>(() => search.Nearest(query)).Message);
    }
}
