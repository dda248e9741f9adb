using Npgsql;
using Tern.Index;

namespace Tern.Postgres.Tests;

/// <summary>pgvector's index, on servers that have it and on one that does not.</summary>
[Collection(ServerTests.Name)]
public class ApproximateSearchTests(TwoServers servers)
{
    private const string Model = "a model";

    [SkippableFact]
    public async Task Most_of_the_nearest_are_found_where_codes_differ()
    {
        PostgresOptions options = servers.NewWithVectors(shards: 2);
        Random random = new(1);
        MadeItem[] made = [.. MadeItem.Clustered(random, 64, 2000, 200, 0.1).DistinctBy(item => item.Code)];
        await using PostgresIndex index = await PostgresIndex.CreateAsync(options, 64, Model);
        await index.UpsertAsync(made.Select(item => item.Item)); // PGlite has no COPY
        await index.AddApproximateIndexAsync();
        int same = 0;
        for (int trial = 0; trial < 50; trial++)
        {
            PostgresAnswer near = await index.SearchApproximatelyAsync(made[trial].Code, effort: 200);
            Assert.All(near.Shards, shard => Assert.True(shard.Approximate));
            IReadOnlyList<SearchResult> exact = await index.SearchAsync(made[trial].Code);
            same += near.Results.Count(result => result.Distance <= exact[^1].Distance);
        }
        Assert.InRange(same, 450, 500);
    }

    [SkippableFact]
    public async Task A_server_without_the_extension_says_so()
    {
        PostgresOptions options = servers.New();
        Skip.If(await HasExtensionAsync(servers.One.Unpooled), "the installed PostgreSQL has the extension vector (pgvector)");
        await using PostgresIndex index = await PostgresIndex.CreateAsync(options, 64, Model);
        Assert.Contains("shard \"one\": Its server does not have the extension vector", (await Assert.ThrowsAsync<TernException>(() => index.AddApproximateIndexAsync())).Message);
        Assert.Contains("effort: must be 1 to 1000; got 0",
            (await Assert.ThrowsAsync<TernException>(() => index.SearchApproximatelyAsync(MadeItem.RandomCode(new Random(2), 64), effort: 0))).Message);
        Assert.NotNull(Assert.Single((await index.SearchApproximatelyAsync(MadeItem.RandomCode(new Random(2), 64))).Shards).Error);
    }

    private static async Task<bool> HasExtensionAsync(string server)
    {
        await using NpgsqlConnection connection = new(server);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new("select exists (select from pg_available_extensions where name = 'vector')", connection);
        return await command.ExecuteScalarAsync() is true;
    }
}
