namespace Tern.Postgres.Tests;

/// <summary>Two servers that all tests share, and two with pgvector, started when first needed; each test has a schema of its own.</summary>
public sealed class TwoServers : IDisposable
{
    private PostgresCluster? one, other;
    private VectorServer? oneWithVectors, otherWithVectors;
    private int schemas;

    internal PostgresCluster One => one ??= new PostgresCluster();

    internal PostgresCluster Other => other ??= new PostgresCluster();

    public void Dispose()
    {
        one?.Dispose();
        other?.Dispose();
        oneWithVectors?.Dispose();
        otherWithVectors?.Dispose();
    }

    /// <summary>A schema that nobody has used, on one server or both. Skips the test where PostgreSQL is not installed.</summary>
    internal PostgresOptions New(int shards = 1)
    {
        Skip.If(PostgresCluster.Missing is not null, PostgresCluster.Missing);
        return Options(shards, () => One.ConnectionString, () => Other.ConnectionString);
    }

    /// <summary>The same on servers with pgvector.</summary>
    internal PostgresOptions NewWithVectors(int shards = 1)
    {
        Skip.If(VectorServer.Missing is not null, VectorServer.Missing);
        PostgresOptions options = Options(shards, () => (oneWithVectors ??= new VectorServer()).ConnectionString, () => (otherWithVectors ??= new VectorServer()).ConnectionString);
        return options with { Prepare = false }; // all its connections are one session, in which names would meet
    }

    private PostgresOptions Options(int shards, Func<string> first, Func<string> second) => new()
    {
        Schema = $"test{Interlocked.Increment(ref schemas)}",
        Shards = [new PostgresShard("one", first()), .. shards == 1 ? (PostgresShard[])[] : [new PostgresShard("other", second())]],
    };
}

/// <summary>Tests with a server, one after the other.</summary>
[CollectionDefinition(ServerTests.Name)]
public sealed class ServerTests : ICollectionFixture<TwoServers>
{
    public const string Name = "PostgreSQL";
}
