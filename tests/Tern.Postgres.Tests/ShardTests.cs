using System.Diagnostics;
using Npgsql;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Layouts;
using Tern.Postgres.Writing;

namespace Tern.Postgres.Tests;

[Collection(ServerTests.Name)]
public class ShardTests(TwoServers servers)
{
    private const string Model = "a model";
    private static readonly SearchOptions Everything = new() { Top = null };
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // reached only by what never happens

    [SkippableFact]
    public async Task Two_shards_answer_as_one()
    {
        Random random = new(1);
        MadeItem[] made = MadeItem.Clustered(random, 64, 3000, 20, 0.05);
        await using PostgresIndex one = await PostgresIndex.CreateAsync(servers.New(), 64, Model), two = await PostgresIndex.CreateAsync(servers.New(shards: 2), 64, Model);
        await one.LoadAsync(made.Select(item => item.Item));
        await two.LoadAsync(made.Select(item => item.Item));
        for (int trial = 0; trial < 20; trial++)
        {
            BinaryCode query = MadeItem.Near(random, made[random.Next(made.Length)].Code, 0.05);
            SearchOptions within = Everything with { Within = 9 }; // ids differ, and with them the order of equal distances
            Assert.Equal(Pairs(await one.SearchAsync(query, within)), Pairs(await two.SearchAsync(query, within)));
            Assert.Equal((await one.SearchAsync(query)).Select(result => result.Distance), (await two.SearchAsync(query)).Select(result => result.Distance));
        }
        PostgresAnswer answer = await two.ExplainAsync(made[0].Code, Everything);
        Assert.Equal(["one", "other"], answer.Shards.Select(shard => shard.Shard));
        Assert.All(answer.Shards, shard => Assert.InRange(shard.Found, 1400, 1600));

        static (string, int)[] Pairs(IReadOnlyList<SearchResult> results) => [.. results.Select(result => (result.Key, result.Distance)).Order()];
    }

    [SkippableFact]
    public async Task A_shard_killed_in_the_middle_of_a_search_is_named_and_the_other_answers()
    {
        PostgresOptions options = servers.New(shards: 2);
        await using PostgresIndex index = await PostgresIndex.CreateAsync(options, 8, Model);
        BinaryCode query = BinaryCode.FromWords([0], 8);
        string[] keys = [.. Enumerable.Range(0, 200).Select(i => $"{i}")], ofOne = [.. keys.Where(key => KeyShards.Of(key, 2) == 0)], ofOther = [.. keys.Except(ofOne)];
        await index.LoadAsync(keys.Select(key => new PostgresItem(key, query)));
        try
        {
            await using NpgsqlConnection holder = await HoldAsync(servers.Other, options);
            Task<PostgresAnswer> searching = index.ExplainAsync(query, Everything);
            await UntilWaitingAsync(servers.Other, 1);
            servers.Other.Kill();

            PostgresAnswer answer = await searching;
            Assert.False(answer.IsComplete);
            Assert.Null(answer.Shards[0].Error);
            Assert.Equal("other", answer.Shards[1].Shard);
            Assert.NotNull(answer.Shards[1].Error);
            Assert.Contains("other: no answer: ", answer.ToString());
            Assert.Equal(ofOne, answer.Results.Select(result => result.Key));

            Assert.Contains("not complete: shard \"other\": ", (await Assert.ThrowsAsync<TernException>(() => index.SearchAsync(query))).Message);
            Assert.Contains("shard \"other\": ", (await Assert.ThrowsAsync<TernException>(() => index.CountAsync())).Message);
            await index.UpsertAsync([new PostgresItem(ofOne[0], query, "still")]);
            Assert.Contains("Nothing was changed: shard \"other\": ",
                (await Assert.ThrowsAsync<TernException>(() => index.UpsertAsync([new PostgresItem(ofOne[1], query, "no"), new PostgresItem(ofOther[0], query, "no")]))).Message);

            await using PostgresIndex late = await PostgresIndex.OpenAsync(options); // one shard is enough to be opened
            Assert.NotNull((await late.ExplainAsync(query)).Shards[1].Error);
            servers.Other.Start();
            Assert.True((await late.ExplainAsync(query)).IsComplete);
        }
        finally
        {
            if (!servers.Other.IsRunning)
                servers.Other.Start();
        }
        Assert.True((await index.ExplainAsync(query)).IsComplete);
        IReadOnlyList<SearchResult> all = await index.SearchAsync(query, Everything);
        Assert.Equal(200, all.Count);
        Assert.Equal([ofOne[0]], all.Where(result => result.Label is not null).Select(result => result.Key));
    }

    [SkippableFact]
    public async Task A_search_is_called_off_on_the_server_too()
    {
        PostgresOptions options = servers.New();
        await using PostgresIndex index = await PostgresIndex.CreateAsync(options, 8, Model);
        BinaryCode query = BinaryCode.FromWords([0], 8);
        Assert.Empty(await index.SearchAsync(query));
        using CancellationTokenSource stop = new();
        await using (NpgsqlConnection holder = await HoldAsync(servers.One, options))
        {
            Task<PostgresAnswer> searching = index.ExplainAsync(query, Everything, stop.Token);
            await UntilWaitingAsync(servers.One, 1);
            stop.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => searching);
            await UntilWaitingAsync(servers.One, 0);
        }
        Assert.Empty(await index.SearchAsync(query));
    }

    [SkippableFact]
    public async Task A_shard_that_takes_too_long_is_named()
    {
        PostgresOptions options = servers.New();
        await (await PostgresIndex.CreateAsync(options, 8, Model)).DisposeAsync();
        await using PostgresIndex hasty = await OpenHastyAsync(options with { Shards = [new PostgresShard("slow", $"{servers.One.ConnectionString};Command Timeout=1")] });
        await using NpgsqlConnection holder = await HoldAsync(servers.One, options);
        ShardAnswer answer = Assert.Single((await hasty.ExplainAsync(BinaryCode.FromWords([0], 8))).Shards);
        Assert.Equal("slow", answer.Shard);
        Assert.NotNull(answer.Error);
    }

    // On a busy machine even opening may take too long, which is not what is tested.
    private static async Task<PostgresIndex> OpenHastyAsync(PostgresOptions options)
    {
        for (long start = Stopwatch.GetTimestamp(); ;)
            try
            {
                return await PostgresIndex.OpenAsync(options);
            }
            catch (TernException) when (Stopwatch.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(100);
            }
    }

    // A connection that keeps everybody from the items until it is closed.
    private static async Task<NpgsqlConnection> HoldAsync(PostgresCluster server, PostgresOptions options)
    {
        NpgsqlConnection connection = new(server.Unpooled);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"begin; lock table {Layout.ItemsOf(options.Schema)} in access exclusive mode", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    // Waits until so many sessions of a server wait for a lock.
    private static async Task UntilWaitingAsync(PostgresCluster server, long sessions)
    {
        await using NpgsqlConnection connection = new(server.Unpooled);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new("select count(*) from pg_stat_activity where wait_event_type = 'Lock'", connection);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Patience; await Task.Delay(20))
            if (await command.ExecuteScalarAsync() is long waiting && waiting == sessions)
                return;
        Assert.Fail($"There never were {sessions} sessions waiting.");
    }
}
