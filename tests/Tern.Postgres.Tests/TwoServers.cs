namespace Tern.Postgres.Tests;

/// <summary>Two servers that all tests share, started when first needed; each test has a schema of its own.</summary>
public sealed class TwoServers : IDisposable
{
    private PostgresCluster? one, other;
    private int schemas;

    internal PostgresCluster One => one ??= new PostgresCluster();

    internal PostgresCluster Other => other ??= new PostgresCluster();

    public void Dispose()
    {
        one?.Dispose();
        other?.Dispose();
    }

    /// <summary>A schema that nobody has used, on one server or both. Skips the test where PostgreSQL is not installed.</summary>
    internal PostgresOptions New(int shards = 1)
    {
        Skip.If(PostgresCluster.Missing is not null, PostgresCluster.Missing);
        PostgresShard first = new("one", One.ConnectionString);
        return new PostgresOptions
        {
            Schema = $"test{Interlocked.Increment(ref schemas)}",
            Shards = shards == 1 ? [first] : [first, new PostgresShard("other", Other.ConnectionString)],
        };
    }
}

/// <summary>Tests with a server, one after the other.</summary>
[CollectionDefinition(ServerTests.Name)]
public sealed class ServerTests : ICollectionFixture<TwoServers>
{
    public const string Name = "PostgreSQL";
}
