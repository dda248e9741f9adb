using Npgsql;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Writing;

namespace Tern.Postgres.Tests;

[Collection(ServerTests.Name)]
public class WritingTests(TwoServers servers)
{
    private const string Model = "a model";

    private static PostgresItem Item(string key, ulong word, string? label = null, string? attributes = null) => new(key, BinaryCode.FromWords([word], 8), label, attributes);

    [SkippableFact]
    public async Task Items_come_back_as_they_were_given()
    {
        foreach (int shards in new[] { 1, 2 })
        {
            await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(shards), 8, Model);
            Assert.Equal((8, Model, 0L), (index.Bits, index.ModelIdentity, await index.CountAsync()));
            await index.LoadAsync([Item("a", 1, "shoe"), Item("ü/2", 2, "", """{"price": 2}"""), Item("c", 255)]);
            Assert.Equal(3, await index.CountAsync());
            IReadOnlyList<PostgresItem> stored = await index.GetAsync(["c", "nothing", "ü/2", "a"]);
            Assert.Equal(["c", "ü/2", "a"], stored.Select(item => item.Key));
            Assert.Equal([255UL, 2UL, 1UL], stored.Select(item => item.Code.Words[0]));
            Assert.Equal([null, null, "shoe"], stored.Select(item => item.Label));
            Assert.Equal("""{"price": 2}""", stored[1].Attributes);
            Assert.All(stored, item => Assert.Equal(Model, item.Model));
            Assert.Equal(3, stored.Select(item => item.Id).Distinct().Count());
            Assert.Empty(await index.GetAsync([]));
        }
    }

    [SkippableFact]
    public async Task A_load_is_all_or_nothing()
    {
        foreach (int shards in new[] { 1, 2 })
        {
            await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(shards), 8, Model);
            await index.LoadAsync([Item("a", 1), Item("b", 2)]);
            PostgresItem[] more = [.. Enumerable.Range(0, 100).Select(i => Item($"{i}", 3))];
            string message = (await Assert.ThrowsAsync<TernException>(() => index.LoadAsync([.. more, Item("b", 4)]))).Message;
            Assert.Contains("Nothing was changed: shard \"", message);
            Assert.Contains("(key)=(b) already exists", message);
            Assert.Contains("twice", (await Assert.ThrowsAsync<TernException>(() => index.LoadAsync([.. more, Item("7", 4)]))).Message);
            await Assert.ThrowsAsync<TernException>(() => index.LoadAsync([.. more, new PostgresItem("c", BinaryCode.FromWords([1], 9))]));
            await Assert.ThrowsAsync<DivideByZeroException>(() => index.LoadAsync(Enumerable.Range(0, 100).Select(i => Item($"{1000 / (50 - i)}/{i}", 1))));
            using CancellationTokenSource stop = new();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.LoadAsync(Stopping(stop), stop.Token));
            Assert.Equal(2, await index.CountAsync());
            await index.LoadAsync(more);
            Assert.Equal(102, await index.CountAsync());
            Assert.Equal(102, (await index.SearchAsync(BinaryCode.FromWords([0], 8), new SearchOptions { Top = null })).Count);
        }

        static IEnumerable<PostgresItem> Stopping(CancellationTokenSource stop)
        {
            for (int i = 0; i < 1000; i++)
            {
                if (i == 500)
                    stop.Cancel();
                yield return Item($"stopped/{i}", 1);
            }
        }
    }

    [SkippableFact]
    public async Task An_upsert_replaces_and_gives_a_new_id()
    {
        foreach (int shards in new[] { 1, 2 })
        {
            await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(shards), 8, Model);
            await index.UpsertAsync([Item("a", 1, "old", """{"n": 1}"""), Item("b", 2)]);
            long before = (await index.GetAsync(["a"]))[0].Id!.Value;
            await index.UpsertAsync([Item("a", 7, "first"), Item("c", 3), Item("a", 4, "new")]);
            PostgresItem stored = (await index.GetAsync(["a"]))[0];
            Assert.Equal((4UL, "new", (string?)null), (stored.Code.Words[0], stored.Label, stored.Attributes));
            Assert.True(stored.Id > before);
            Assert.Equal(3, await index.CountAsync());
            IReadOnlyList<SearchResult> near = await index.SearchAsync(BinaryCode.FromWords([4], 8), new SearchOptions { Within = 0 });
            Assert.Equal("a", Assert.Single(near).Key);
            await index.UpsertAsync([]);
        }
    }

    [SkippableFact]
    public async Task Removed_items_are_found_no_more()
    {
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(shards: 2), 8, Model);
        await index.LoadAsync(Enumerable.Range(0, 50).Select(i => Item($"{i}", (ulong)i)));
        Assert.Equal(2, await index.RemoveAsync(["7", "8", "nothing"]));
        Assert.Equal(0, await index.RemoveAsync(["7"]));
        Assert.Equal(48, await index.CountAsync());
        Assert.DoesNotContain(await index.SearchAsync(BinaryCode.FromWords([7], 8), new SearchOptions { Top = null }), result => result.Key is "7" or "8");
        await index.VacuumAsync();
        Assert.Equal(48, (await index.ExplainAsync(BinaryCode.FromWords([7], 8))).Shards.Sum(shard => shard.Codes));
    }

    [SkippableFact]
    public async Task Twelve_thousand_items_fit_one_upsert()
    {
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(), 8, Model);
        await index.UpsertAsync(Enumerable.Range(0, 12_000).Select(i => Item($"{i}", (ulong)i & 255)));
        Assert.Equal(12_000, await index.CountAsync());
        IReadOnlyList<PostgresItem> stored = await index.GetAsync(["0", "4999", "5000", "11999"]);
        Assert.Equal([0L, 4999L, 5000L, 11999L], stored.Select(item => item.Id!.Value)); // in the order given
    }

    [SkippableFact]
    public async Task Items_that_cannot_be_held_are_refused()
    {
        await using PostgresIndex index = await PostgresIndex.CreateAsync(servers.New(), 8, Model);
        Assert.Contains("9 bits and the collection 8", await RefusedAsync(new PostgresItem("a", BinaryCode.FromWords([1], 9))));
        Assert.Contains($"made with model {Model}, the code of \"a\" comes from model other", await RefusedAsync(new PostgresItem("a", new ModelCode(BinaryCode.FromWords([1], 8), "other"))));
        Assert.Contains("1 to 2048 bytes of UTF-8; got 0", await RefusedAsync(Item("", 1)));
        Assert.Contains("1 to 2048 bytes of UTF-8; got 2050", await RefusedAsync(Item(new string('ü', 1025), 1)));
        Assert.Contains("zero character", await RefusedAsync(Item("a\0b", 1)));
        Assert.Contains("surrogate", await RefusedAsync(Item("a\uD800", 1)));
        Assert.Contains("label", await RefusedAsync(Item("a", 1, "\uDC00")));
        Assert.Contains("not JSON", await RefusedAsync(Item("a", 1, null, "{")));
        Assert.Contains("must be a JSON object; got Array", await RefusedAsync(Item("a", 1, null, "[]")));
        Assert.Contains("attribute n of \"a\" must fit a double; got 1e999", await RefusedAsync(Item("a", 1, null, """{"n": 1e999}""")));
        Assert.Contains("have \"n\" twice", await RefusedAsync(Item("a", 1, null, """{"n": 1, "n": 2}""")));
        Assert.Equal(0, await index.CountAsync());
        await index.UpsertAsync([new PostgresItem(new string('ü', 1024), new ModelCode(BinaryCode.FromWords([1], 8), Model))]);
        Assert.Equal(1, await index.CountAsync());

        async Task<string> RefusedAsync(PostgresItem item)
        {
            string loaded = (await Assert.ThrowsAsync<TernException>(() => index.LoadAsync([item]))).Message;
            Assert.Equal(loaded, (await Assert.ThrowsAsync<TernException>(() => index.UpsertAsync([item]))).Message);
            return loaded;
        }
    }

    [SkippableFact]
    public async Task The_calls_of_a_vector_store_are_durable_when_they_end()
    {
        PostgresOptions options = servers.New(shards: 2);
        await using PostgresIndex index = await PostgresIndex.CreateAsync(options, 8, Model), other = await PostgresIndex.OpenAsync(options);
        ICodeCollection collection = index;
        BinaryCode code = BinaryCode.FromWords([1], 8), far = BinaryCode.FromWords([7], 8), query = BinaryCode.FromWords([0], 8);
        await collection.UpsertAsync(new CodeRecord("a", code));
        await collection.UpsertAsync([new CodeRecord("b", BinaryCode.FromWords([3], 8)), new CodeRecord("a", far) { Label = "new", Attributes = """{"n": 1}""" }]);
        Assert.Equal(2, await other.CountAsync());
        Assert.Equal(new CodeRecord("a", far) { Label = "new", Attributes = """{"n": 1}""", ModelIdentity = Model }, await collection.GetAsync("a"));
        Assert.Equal(["b", "a"], (await collection.SearchAsync(query)).Select(found => found.Key));
        Assert.Equal(["a"], (await collection.SearchAsync(query, new SearchOptions { Skip = 1 })).Select(found => found.Key));
        Assert.Equal(["b", "a"], (await collection.SearchAsync(new ModelCode(query, Model))).Select(found => found.Key));
        Assert.Contains("model x", (await Assert.ThrowsAsync<TernException>(() => collection.SearchAsync(new ModelCode(query, "x")))).Message);
        await collection.DeleteAsync("a");
        await collection.DeleteAsync(["b", "nobody"]);
        Assert.Null(await collection.GetAsync("a"));
        Assert.Equal(0, await index.CountAsync());
        Assert.Contains("keeps no descriptors", (await Assert.ThrowsAsync<TernException>(() =>
            collection.UpsertAsync([new CodeRecord("c", code), new CodeRecord("d", code) { Descriptor = new float[] { 1 } }]))).Message);
        Assert.Contains("comes from model x", (await Assert.ThrowsAsync<TernException>(() =>
            collection.UpsertAsync([new CodeRecord("c", code), new CodeRecord("d", code) { ModelIdentity = "x" }]))).Message);
        Assert.Equal(0, await index.CountAsync());
    }

    [SkippableFact]
    public async Task Loads_and_upserts_of_several_programs_at_a_time_all_arrive()
    {
        PostgresOptions options = servers.New(shards: 2);
        await using PostgresIndex one = await PostgresIndex.CreateAsync(options, 8, Model), other = await PostgresIndex.OpenAsync(options);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => (part % 2 == 0 ? one : other).LoadAsync(Enumerable.Range(0, 500).Select(i => Item($"{part}/{i}", (ulong)i & 255)))));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? one : other).UpsertAsync([Item($"single/{i}", 1)])));
        Assert.Equal(2040, await one.CountAsync());
        Assert.Equal(2040, (await other.SearchAsync(BinaryCode.FromWords([0], 8), new SearchOptions { Top = null })).Count);
        await using NpgsqlConnection connection = new(servers.One.Unpooled);
        await connection.OpenAsync();
        await using NpgsqlCommand indexes = new($"select count(*) from pg_indexes where schemaname = '{options.Schema}' and indexname like 'items_chunk_%'", connection);
        Assert.Equal(1L, await indexes.ExecuteScalarAsync()); // dropped and made again, not lost
    }

    [Fact]
    public void Keys_are_spread_over_shards_by_their_SHA_256()
    {
        // python3: int.from_bytes(hashlib.sha256("shoe/1.jpg".encode()).digest()[:4], "little")
        foreach ((string key, uint hash) in new[] { ("shoe/1.jpg", 625_685_929u), ("ü", 3_396_629_600u), ("", 1_120_186_595u) })
            foreach (int shards in new[] { 1, 2, 3, 7 })
                Assert.Equal((int)(hash % shards), KeyShards.Of(key, shards));
    }
}
