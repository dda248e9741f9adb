using Npgsql;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Writing;

/// <summary>Whether a load may have the tables to itself, because there is nothing in them yet.</summary>
internal static class EmptyTables
{
    private sealed record Answer(bool Empty);

    /// <summary>Whether all are empty just now. Holds no lock afterwards.</summary>
    public static async Task<bool> AreAsync(IReadOnlyList<Shard> shards, Layout[] layouts, CancellationToken cancellation)
    {
        Answer[] answers = await Shards.EachAsync(shards, ShardTransactions.NothingChanged, async shard =>
        {
            await using NpgsqlConnection connection = await shard.ConnectAsync(cancellation);
            return new Answer(await IsAsync(connection, layouts[shard.Number], cancellation));
        });
        return answers.All(answer => answer.Empty);
    }

    /// <summary>Locks all of them until the transactions end, or none.</summary>
    /// <returns>Whether they are locked, and still empty. If not, somebody else is at work there.</returns>
    /// <remarks>
    /// One after the other, and each waits a second at most: of two programs, each of which held what the other wants, nobody would know. Whoever has all waits for
    /// nothing any more, and whoever has none keeps nobody waiting.
    /// </remarks>
    public static async Task<bool> TakeAsync(ShardTransactions writing, IReadOnlyList<Shard> shards, Layout[] layouts, CancellationToken cancellation)
    {
        Shard current = shards[0];
        try
        {
            for (int i = 0; i < shards.Count; i++)
            {
                current = shards[i];
                if (await TakeAsync(writing[current], layouts[current.Number], cancellation))
                    continue;
                for (; i >= 0; i--)
                {
                    current = shards[i];
                    await RunAsync(writing[current], "rollback to savepoint empty_tables", cancellation);
                }
                return false;
            }
            return true;
        }
        catch (Exception cause) when (Shard.IsFailure(cause))
        {
            throw current.Failed(ShardTransactions.NothingChanged, cause);
        }
    }

    private static async Task<bool> TakeAsync(NpgsqlConnection connection, Layout layout, CancellationToken cancellation)
    {
        try
        {
            await RunAsync(
                connection,
                $"savepoint empty_tables; set local lock_timeout = '1s'; lock table {layout.Items} in access exclusive mode; set local lock_timeout to default",
                cancellation);
            return await IsAsync(connection, layout, cancellation);
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private static async Task<bool> IsAsync(NpgsqlConnection connection, Layout layout, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new($"select not exists (select from {layout.Items})", connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string statements, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(statements, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
