using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Tern.Postgres.Tests;

/// <summary>The servers of the other tests, when something comes between.</summary>
[Collection(ServerTests.Name)]
public class PostgresClusterTests
{
    [SkippableFact]
    public async Task A_port_that_somebody_else_takes_first_is_left_for_another()
    {
        Skip.If(PostgresCluster.Missing is not null, PostgresCluster.Missing);
        using TcpListener taken = new(IPAddress.Loopback, 0), free = new(IPAddress.Loopback, 0);
        taken.Start();
        free.Start();
        Queue<int> ports = new([((IPEndPoint)taken.LocalEndpoint).Port, ((IPEndPoint)free.LocalEndpoint).Port]);
        free.Stop();
        using PostgresCluster cluster = new(ports.Dequeue);
        Assert.Empty(ports);
        await using NpgsqlConnection connection = new(cluster.Unpooled);
        await connection.OpenAsync();
    }

    [SkippableFact]
    public async Task A_server_whose_process_was_killed_is_stopped_by_the_next_and_others_are_not()
    {
        Skip.If(PostgresCluster.Missing is not null, PostgresCluster.Missing);
        PostgresCluster left = new();
        using PostgresCluster kept = new();
        left.Abandon();
        PostgresCluster.ClearAbandoned();
        Assert.False(Directory.Exists(left.Folder));
        await using NpgsqlConnection gone = new(left.Unpooled), there = new(kept.Unpooled);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => gone.OpenAsync());
        await there.OpenAsync();
    }
}
