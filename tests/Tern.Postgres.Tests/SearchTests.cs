using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using NpgsqlTypes;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Layouts;
using Tern.Postgres.Searching;
using Tern.Search;

namespace Tern.Postgres.Tests;

[Collection(ServerTests.Name)]
public class SearchTests(TwoServers servers)
{
    private const string Model = "a model";
    private static readonly SearchPlan?[] Plans = [null, SearchPlan.Scan, SearchPlan.Hashing];

    private sealed record Drawn(int Bits, int Chunks, int Count, int Centres, int Flips, int? Top, int? Within, int FilterDepth, bool OnePerLabel, int Shards, int Seed);

    private static Gen<Drawn> Collections() =>
        from bits in Gen.Frequency((3, Gen.Choose(1, 72)), (2, Gen.Choose(73, 260)), (1, Gen.Elements(512, 1000, 1024)))
        from chunks in Gen.Frequency((1, Gen.Constant(0)), (4, Gen.Choose((bits + 31) / 32, Math.Min(bits, (bits + 31) / 32 + 5))))
        from count in Gen.Choose(0, 250)
        from centres in Gen.Elements(1, 5, 50)
        from flips in Gen.Elements(0, 5, 50)
        from top in Gen.Elements<int?>(null, 0, 1, 10, 100, 5000)
        from within in Gen.Frequency((1, Gen.Constant<int?>(null)), (2, Gen.Choose(0, bits / 2 + 1).Select(radius => (int?)radius)))
        from filterDepth in Gen.Choose(-1, 3)
        from onePerLabel in Gen.Elements(false, false, true)
        from shards in Gen.Choose(1, 2)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Drawn(bits, chunks, count, centres, flips, top, within, filterDepth, onePerLabel, shards, seed);

    [SkippableFact]
    public void PostgreSQL_finds_what_sorting_everything_finds_and_so_does_the_library()
    {
        servers.New();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(Collections().ToArbitrary(), drawn => Wait(() => HoldsAsync(drawn))));
    }

    private static bool Wait(Func<Task<bool>> work) => Task.Run(work).GetAwaiter().GetResult();

    private async Task<bool> HoldsAsync(Drawn drawn)
    {
        Random random = new(drawn.Seed);
        MadeItem[] made = MadeItem.Clustered(random, drawn.Bits, drawn.Count, drawn.Centres, drawn.Flips / 100.0);
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(drawn.Shards), drawn.Bits, Model, chunks: drawn.Chunks);
        await index.LoadAsync(made.Select(item => item.Item));
        HashSet<string> removed = [.. made.Where(_ => random.Next(10) == 0).Select(item => item.Key)];
        if (await index.RemoveAsync(removed) != removed.Count)
            return false;
        made = [.. made.Where(item => !removed.Contains(item.Key))];
        IReadOnlyList<PostgresItem> stored = await index.GetAsync([.. made.Select(item => item.Key)]);
        if (!stored.Select(item => (item.Key, item.Code, item.Label)).SequenceEqual(made.Select(item => (item.Key, item.Code, item.Label))))
            return false;
        (MadeItem Item, long Id)[] items = [.. made.Select((item, i) => (item, stored[i].Id!.Value))];

        for (int trial = 0; trial < 3; trial++)
        {
            BinaryCode query = made.Length > 0 && random.Next(3) > 0
                ? MadeItem.Near(random, made[random.Next(made.Length)].Code, 0.05) : MadeItem.RandomCode(random, drawn.Bits);
            MadeFilter filter = drawn.FilterDepth < 0 ? MadeFilter.None : MadeFilter.Draw(random, drawn.FilterDepth);
            SearchOptions options = new() { Top = drawn.Top, Within = drawn.Within, Filter = filter.Filter, OnePerLabel = drawn.OnePerLabel };
            SearchResult[] expected = MadeItem.Sorted(items, query, options, filter.Passes);
            foreach (SearchPlan? plan in Plans)
                if (!(await index.SearchAsync(query, options with { Plan = plan })).SequenceEqual(expected))
                    return false;
            SearchOptions further = options with { Skip = 2 };
            if (!(await index.SearchAsync(query, further)).SequenceEqual(MadeItem.Sorted(items, query, further, filter.Passes)))
                return false;
            if (drawn.Shards == 1 && !InMemory(made, query, options).SequenceEqual(expected.Select(result => (result.Key, result.Distance))))
                return false;
        }
        return true;
    }

    // The library's own search. On one shard, positions ascend with ids.
    private static IEnumerable<(string, int)> InMemory(MadeItem[] items, BinaryCode query, SearchOptions options)
    {
        PackedCodes codes = new(query.Bits);
        foreach (MadeItem item in items)
            codes.Add(item.Code);
        string?[] labels = [.. items.Select(item => item.Label)];
        ItemColumns columns = new ItemColumns(items.Length).AddKeys(row => items[row].Key).AddLabels(labels)
            .AddAttribute("colour", (string?[])[.. items.Select(item => item.Colour)]).AddAttribute("price", (double[])[.. items.Select(item => item.Price ?? double.NaN)]);
        SearchRequest request = new()
        {
            Top = options.Top,
            Within = options.Within,
            Filter = options.Filter,
            GroupOf = options.OnePerLabel ? (row => labels[row] is { } label ? Array.IndexOf(labels, label) : -1 - row) : null,
        };
        return CodeSearch.Over(codes, items: columns).Nearest(query, request).Neighbors.Select(near => (items[near.Position].Key, near.Distance));
    }

    [SkippableFact]
    public async Task A_hand_made_search_is_explained()
    {
        // 16 bits in two chunks of 8. Query 0: the first item is equal, the second differs in bit 0, the third in bits 0 and 8, the fourth in all.
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(), 16, Model, chunks: 2);
        await index.LoadAsync(new ulong[] { 0x0000, 0x0001, 0x0101, 0xFFFF }.Select(word => new PostgresItem($"{word:x}", BinaryCode.FromWords([word], 16))));
        BinaryCode query = BinaryCode.FromWords([0], 16);
        SearchOptions hashing = new() { Top = null, Within = 2, Plan = SearchPlan.Hashing };

        PostgresAnswer answer = await index.ExplainAsync(query, hashing);
        Assert.Equal([new SearchResult("0", null, 0, 0), new SearchResult("1", null, 1, 1), new SearchResult("101", null, 2, 2)], answer.Results);
        ShardAnswer how = Assert.Single(answer.Shards);
        Assert.Equal(("one", (SearchPlan?)SearchPlan.Hashing, 4L, 0L, 3), (how.Shard, how.Plan, how.Codes, how.Scanned, how.Found));
        // Chunk 0 within 1 of its own: 9 buckets with the first three; chunk 1 just its own with the first two.
        Assert.Equal([new SearchRound(Radius: 2, Probes: 10, Candidates: 5, Found: 3, GivenUp: false)], how.Rounds);
        Assert.True(answer.IsComplete);

        // The three near enough are looked up for their label, in vain.
        how = Assert.Single((await index.ExplainAsync(query, hashing with { Filter = ItemFilter.Labelled("hat") })).Shards);
        Assert.Equal([new SearchRound(Radius: 2, Probes: 10, Candidates: 5, Found: 0, GivenUp: false) { Fetched = 3 }], how.Rounds);
        Assert.EndsWith("; radius 2: 10 buckets, 5 codes, 3 looked up, 0 found", how.ToString());

        // Its own buckets know everything up to distance 1.
        how = Assert.Single((await index.ExplainAsync(query, hashing with { Top = 1, Within = null })).Shards);
        Assert.Equal([new SearchRound(Radius: 1, Probes: 2, Candidates: 3, Found: 1, GivenUp: false)], how.Rounds);
        // Two are not enough of three: the next round is 1 + 2.
        how = Assert.Single((await index.ExplainAsync(query, hashing with { Top = 3, Within = null })).Shards);
        Assert.Equal([1, 3], how.Rounds.Select(round => round.Radius));

        // So few are read at once.
        how = Assert.Single((await index.ExplainAsync(query, hashing with { Plan = null })).Shards);
        Assert.Equal(((SearchPlan?)SearchPlan.Scan, 4L, 0), (how.Plan, how.Scanned, how.Rounds.Count));
        Assert.Contains("one: Scan: 4 of about 4 codes scanned, 3 found", how.ToString());
    }

    [SkippableFact]
    public async Task Rounds_read_indexes_alone()
    {
        Random random = new(1);
        PostgresOptions options = servers.New();
        MadeItem[] made = MadeItem.Clustered(random, 64, 20_000, 500, 0.05);
        await using PostgresIndex index = await PostgresIndex.CreateAsync(options, 64, Model, chunks: 4);
        await index.LoadAsync(made.Select(item => item.Item));
        CodeQuery query = CodeQuery.From(made[7].Code, new SearchOptions { Filter = ItemFilter.Labelled("hat") }, new Identity(64, Model));
        Statement statement = new SearchSql(new Layout(options.Schema, 64, Model, 4, 0, 1), query).Round(7, 10_000);
        statement.Text = $"explain (costs off) {statement.Text}";
        string plan = await TextAsync(statement);
        for (int chunk = 0; chunk < 4; chunk++)
            Assert.Contains($"Index Only Scan using items_chunk_{chunk} on items", plan);
        Assert.Contains("Index Scan using items_pkey", plan);
        Assert.DoesNotContain("Seq Scan", plan);
    }

    [SkippableFact]
    public async Task Chunks_are_what_PostgreSQL_takes_them_for()
    {
        Random random = new(2);
        foreach ((int bits, int chunks) in new[] { (1, 1), (7, 2), (32, 1), (64, 3), (65, 3), (256, 8), (1024, 33) })
        {
            BinaryCode code = MadeItem.RandomCode(random, bits);
            Layout layout = new(servers.New().Schema, bits, Model, chunks, 0, 1);
            Statement statement = new();
            string all = string.Join(", ", Enumerable.Range(0, chunks).Select(layout.Chunk)), value = statement.Value(NpgsqlDbType.Bit, BitStrings.Of(code));
            statement.Text = $"select concat_ws(',', {all}) from (select {value} as code) as one";
            Assert.Equal(string.Join(',', Enumerable.Range(0, chunks).Select(chunk => layout.Chunks.Near(code, chunk, 0).Single())), await TextAsync(statement));
        }
    }

    [SkippableFact]
    public async Task A_crowd_of_copies_is_left_to_the_scan()
    {
        Random random = new(3);
        BinaryCode crowded = MadeItem.RandomCode(random, 64);
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(), 64, Model, chunks: 4);
        await index.LoadAsync(Enumerable.Range(0, 20_000).Select(i => new PostgresItem($"{i}", i % 4 == 0 ? MadeItem.RandomCode(random, 64) : crowded)));
        PostgresAnswer answer = await index.ExplainAsync(crowded);
        Assert.Equal(["1", "2", "3", "5", "6", "7", "9", "10", "11", "13"], answer.Results.Select(result => result.Key));
        ShardAnswer how = Assert.Single(answer.Shards);
        Assert.Equal(SearchPlan.HashingThenScan, how.Plan);
        SearchRound round = how.Rounds[^1];
        Assert.True(round.GivenUp);
        Assert.InRange(round.Candidates, 4, 4 * 2000); // of 60,000 copies in the buckets
    }

    [SkippableFact]
    public async Task What_is_not_asked_for_in_PostgreSQL_is_refused()
    {
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(), 8, Model);
        BinaryCode query = BinaryCode.FromWords([0], 8);
        Assert.Contains("9 bits and the collection 8", await RefusedAsync(BinaryCode.FromSigns(new float[9]), new SearchOptions()));
        Assert.Contains("top: must be 0 or more; got -1; within: must be 0 or more; got -2", await RefusedAsync(query, new SearchOptions { Top = -1, Within = -2 }));
        Assert.Contains("plan", await RefusedAsync(query, new SearchOptions { Plan = SearchPlan.HashingThenScan }));
        Assert.Contains("skip: must be 0 or more; got -1", await RefusedAsync(query, new SearchOptions { Skip = -1 }));
        Assert.Contains("keeps no descriptors", await RefusedAsync(query, new SearchOptions { RerankAmong = 10, Descriptor = new float[] { 1 } }));
        Assert.Contains("list in memory", await RefusedAsync(query, new SearchOptions { Filter = ItemFilter.In(new RowSet(3)) }));
        string foreign = (await Assert.ThrowsAsync<TernException>(() => index.SearchAsync(new ModelCode(query, "another model")))).Message;
        Assert.Contains($"made with model {Model}, this code comes from model another model", foreign);
        Assert.Empty(await index.SearchAsync(new ModelCode(query, Model)));

        async Task<string> RefusedAsync(BinaryCode code, SearchOptions options) => (await Assert.ThrowsAsync<TernException>(() => index.SearchAsync(code, options))).Message;
    }

    [SkippableFact]
    public async Task Attributes_of_every_kind_of_JSON_can_be_there()
    {
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(), 8, Model);
        string?[] attributes =
        [
            null, "{}", """{"a": "1"}""", """{"a": 1}""", """{"a": true}""", """{"a": null}""", """{"a": [1, "1"]}""", """{"a": {"a": 1}}""", """{"a": 1.5e300}""", """{"a": 0.1, "b": "ü\n"}""",
        ];
        await index.LoadAsync(attributes.Select((json, i) => new PostgresItem($"{i}", BinaryCode.FromWords([0], 8), null, json)));
        Assert.Equal(["2"], await KeysAsync(ItemFilter.Where("a", "1")));
        Assert.Equal(["4"], await KeysAsync(ItemFilter.Where("a", "true")));
        Assert.Equal(["3"], await KeysAsync(ItemFilter.Between("a", 1, 1)));
        Assert.Equal(["9"], await KeysAsync(ItemFilter.Between("a", 0.1, 0.1)));
        Assert.Equal(["3", "8", "9"], await KeysAsync(ItemFilter.Between("a", null, null)));
        Assert.Equal(["9"], await KeysAsync(ItemFilter.Where("b", "ü\n")));
        Assert.Empty(await KeysAsync(ItemFilter.Where("'; drop table items; --", "1")));
        Assert.Equal(9, (await KeysAsync(ItemFilter.Where("a", "1").Not())).Length);

        async Task<string[]> KeysAsync(ItemFilter filter) =>
            [.. (await index.SearchAsync(BinaryCode.FromWords([0], 8), new SearchOptions { Filter = filter, Top = null })).Select(result => result.Key)];
    }

    // All rows of a statement that gives a text.
    private async Task<string> TextAsync(Statement statement)
    {
        await using NpgsqlConnection connection = new(servers.One.Unpooled);
        await connection.OpenAsync();
        await using NpgsqlCommand command = statement.On(connection);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await row.ReadAsync())
            lines.Add(row.GetString(0));
        return string.Join('\n', lines);
    }
}
