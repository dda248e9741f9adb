using Npgsql;
using Tern.Codes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Tests;

[Collection(ServerTests.Name)]
public class LayoutTests(TwoServers servers)
{
    private const string Model = "a model";
    private static readonly Migration Second = new(2, layout => $"alter table {layout.Items} add column seen int not null default {layout.Bits}");
    private static readonly Migration Broken = new(3, layout => $"alter table {layout.Items} add column more int; select 1 / 0");

    [SkippableFact]
    public async Task A_collection_knows_its_model_and_is_made_once()
    {
        PostgresOptions options = servers.New(shards: 2);
        Assert.Contains($"The schema {options.Schema} holds no collection", (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.OpenAsync(options))).Message);
        await (await PostgresIndex.CreateAsync(options, 48, Model)).DisposeAsync();
        await using PostgresIndex index = await PostgresIndex.OpenAsync(options);
        Assert.Equal((48, Model), (index.Bits, index.ModelIdentity));
        index.RequireModel(Model);
        Assert.Contains("made with model a model, this code comes from model another", Assert.Throws<TernException>(() => index.RequireModel("another")).Message);
        string message = (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.CreateAsync(options, 48, Model))).Message;
        Assert.Contains("Nothing was changed: shard \"one\"", message);
        Assert.Contains("holds a collection already", message);
    }

    [SkippableFact]
    public async Task A_collection_is_made_on_all_shards_or_on_none()
    {
        PostgresOptions both = servers.New(shards: 2), other = both with { Shards = [both.Shards[1]] };
        await (await PostgresIndex.CreateAsync(other, 8, Model)).DisposeAsync();
        string message = (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.CreateAsync(both, 8, Model))).Message;
        Assert.Contains("shard \"other\"", message);
        Assert.DoesNotContain("shard \"one\"", message);
        Assert.Equal(0L, await ScalarAsync(servers.One, $"select count(*) from pg_namespace where nspname = '{both.Schema}'"));
    }

    [SkippableFact]
    public async Task Shards_must_belong_together_and_come_in_order()
    {
        PostgresOptions options = servers.New(shards: 2);
        await (await PostgresIndex.CreateAsync(options, 8, Model)).DisposeAsync();
        Assert.Contains("made as shard 2 of 2 and is given as shard 1 of 2", await RefusedAsync(options with { Shards = [options.Shards[1], options.Shards[0]] }));
        Assert.Contains("made as shard 1 of 2 and is given as shard 1 of 1", await RefusedAsync(options with { Shards = [options.Shards[0]] }));
        await ScalarAsync(servers.Other, $"update {Layout.CollectionOf(options.Schema)} set model = 'another'");
        string message = await RefusedAsync(options);
        Assert.Contains("shard \"other\": It holds codes of 8 bits of model another, and other shards of 8 bits of model a model", message);

        static async Task<string> RefusedAsync(PostgresOptions options) => (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.OpenAsync(options))).Message;
    }

    [SkippableFact]
    public async Task Older_tables_are_brought_up_to_date_when_that_is_asked_for()
    {
        PostgresOptions options = servers.New(shards: 2), migrating = options with { Migrate = true };
        IReadOnlyList<Migration> newer = [.. Migration.All, Second];
        await using (PostgresIndex index = await PostgresIndex.CreateAsync(options, 8, Model))
            await index.LoadAsync(Enumerable.Range(0, 20).Select(i => new PostgresItem($"{i}", BinaryCode.FromWords([(ulong)i], 8))));

        string message = (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.OpenAsync(options, newer, default))).Message;
        Assert.Contains("has layout version 1, and this program needs 2; open it once with PostgresOptions.Migrate", message);
        for (int again = 0; again < 2; again++) // a step is taken once: the column cannot be added twice
        {
            await using PostgresIndex index = await PostgresIndex.OpenAsync(migrating, newer, default);
            Assert.Equal(20, await index.CountAsync());
            Assert.Equal("7", (await index.SearchAsync(BinaryCode.FromWords([7], 8)))[0].Key);
        }
        Assert.Equal(8, await ScalarAsync(servers.Other, $"select min(seen) from {Layout.ItemsOf(options.Schema)}"));

        message = (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.OpenAsync(migrating))).Message;
        Assert.Contains("has layout version 2, and this program knows up to 1; update Tern", message);
    }

    [SkippableFact]
    public async Task A_step_that_fails_leaves_the_tables_as_they_were()
    {
        PostgresOptions options = servers.New();
        await (await PostgresIndex.CreateAsync(options, new Identity(8, Model), 1000, null, [.. Migration.All, Second], default)).DisposeAsync();
        string message = (await Assert.ThrowsAsync<TernException>(
            () => PostgresIndex.OpenAsync(options with { Migrate = true }, [.. Migration.All, Second, Broken], default))).Message;
        Assert.Contains("stay at layout version 2, version 3 could not be reached: division by zero (22012)", message);
        Assert.Equal(2, await ScalarAsync(servers.One, $"select version from {Layout.CollectionOf(options.Schema)}"));
        Assert.Equal(0L, await ScalarAsync(servers.One, $"select count(*) from information_schema.columns where table_schema = '{options.Schema}' and column_name = 'more'"));
        await (await PostgresIndex.OpenAsync(options, [.. Migration.All, Second], default)).DisposeAsync();
    }

    [Fact]
    public async Task Impossible_options_are_refused_before_anything_is_reached()
    {
        PostgresOptions options = new() { Shards = [new PostgresShard("one", "Host=127.0.0.1;Port=1;Password=secret;Timeout=2")] };
        Assert.Contains("shards: must be at least one; got none", await RefusedAsync(options with { Shards = [] }));
        Assert.Contains("names must differ; got \"one\" 2 times", await RefusedAsync(options with { Shards = [options.Shards[0], options.Shards[0]] }));
        Assert.Contains("each must have a name", await RefusedAsync(options with { Shards = [new PostgresShard(" ", "Host=a")] }));
        Assert.Contains("schema: must be", await RefusedAsync(options with { Schema = "a\"; drop table b" }));
        Assert.Contains("connection string of shard \"one\" cannot be used", await RefusedAsync(options with { Shards = [new PostgresShard("one", "Nonsense=1")] }));
        Assert.Contains("1 to 1024 bits", await RefusedAsync(options, bits: 0));
        Assert.Contains("chunks: must be 0, or 2 to 64 for codes of 64 bits", await RefusedAsync(options, bits: 64, chunks: 1));

        string away = (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.OpenAsync(options))).Message;
        Assert.Contains("No shard of the collection can be reached: shard \"one\": ", away);
        Assert.DoesNotContain("secret", away);

        static async Task<string> RefusedAsync(PostgresOptions options, int bits = 8, int? chunks = null) =>
            (await Assert.ThrowsAsync<TernException>(() => PostgresIndex.CreateAsync(options, bits, Model, chunks: chunks))).Message;
    }

    private static async Task<object?> ScalarAsync(PostgresCluster server, string statement)
    {
        await using NpgsqlConnection connection = new(server.Unpooled);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(statement, connection);
        return await command.ExecuteScalarAsync();
    }
}
