using Npgsql;
using NpgsqlTypes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Writing;

/// <summary>Adds many items by binary COPY. Into an empty table they go without the indexes of chunks, which are built afterwards: sorted at once, not entry by entry.</summary>
internal static class BulkLoad
{
    /// <exception cref="TernException">A key is there already or comes twice, an item cannot be held, or a shard failed. Nothing was added then.</exception>
    public static async Task RunAsync(IReadOnlyList<Shard> shards, Identity identity, IEnumerable<PostgresItem> items, CancellationToken cancellation)
    {
        await using ShardTransactions writing = await ShardTransactions.BeginAsync(shards, cancellation);
        Layout[] layouts = await writing.EachAsync(async (shard, _) => await shard.LayoutAsync(cancellation));
        bool[] empty = new bool[shards.Count];
        foreach (Shard shard in shards) // one after the other: two loads that each held what the other waits for would wait for ever
            await writing.EachAsync([shard], async (_, connection) =>
            {
                Layout layout = layouts[shard.Number];
                if (empty[shard.Number] = await IsEmptyAsync(connection, layout, cancellation))
                    await MaintainAsync(connection, layout.DropIndexes(), cancellation);
                return layout;
            });
        await CopyAsync(writing, shards, layouts, identity, items, cancellation);
        await writing.EachAsync(async (shard, connection) =>
        {
            if (empty[shard.Number])
                await MaintainAsync(connection, layouts[shard.Number].CreateIndexes(), cancellation);
            return shard;
        });
        await writing.CommitAsync();
    }

    private static async Task CopyAsync(
        ShardTransactions writing, IReadOnlyList<Shard> shards, Layout[] layouts, Identity identity, IEnumerable<PostgresItem> items, CancellationToken cancellation)
    {
        List<NpgsqlBinaryImporter> importers = [];
        Shard current = shards[0];
        try
        {
            foreach (Shard shard in shards)
            {
                current = shard;
                importers.Add(await writing[shard].BeginBinaryImportAsync($"copy {layouts[shard.Number].Items} (key, code, label, attributes) from stdin (format binary)", cancellation));
            }
            foreach (PostgresItem item in items)
            {
                item.Require(identity);
                current = shards[KeyShards.Of(item.Key, shards.Count)];
                await WriteAsync(importers[current.Number], item, cancellation);
            }
            foreach (Shard shard in shards)
            {
                current = shard;
                await importers[shard.Number].CompleteAsync(cancellation);
            }
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new TernException(
                $"{ShardTransactions.NothingChanged}: shard \"{current.Name}\": a key is there already or comes twice: {cause.Detail ?? cause.MessageText} Upsert items to replace them.", cause);
        }
        catch (Exception cause) when (cause is not TernException && Shard.IsFailure(cause))
        {
            throw new TernException($"{ShardTransactions.NothingChanged}: shard \"{current.Name}\": {Shard.Explain(cause)}.", cause);
        }
        finally
        {
            foreach (NpgsqlBinaryImporter importer in importers)
                await EndAsync(importer);
        }
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter importer, PostgresItem item, CancellationToken cancellation)
    {
        await importer.StartRowAsync(cancellation);
        await importer.WriteAsync(item.Key, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(BitStrings.Of(item.Code), NpgsqlDbType.Bit, cancellation);
        await (item.StoredLabel is null ? importer.WriteNullAsync(cancellation) : importer.WriteAsync(item.StoredLabel, NpgsqlDbType.Text, cancellation));
        await (item.Attributes is null ? importer.WriteNullAsync(cancellation) : importer.WriteAsync(item.Attributes, NpgsqlDbType.Jsonb, cancellation));
    }

    // One that was not completed says once more that it failed, or that its connection is gone. Why, has been said, and its transaction is taken back.
    private static async Task EndAsync(NpgsqlBinaryImporter importer)
    {
        try
        {
            await importer.DisposeAsync();
        }
        catch (Exception cause) when (Shard.IsFailure(cause) || cause is InvalidOperationException)
        {
        }
    }

    private static async Task<bool> IsEmptyAsync(NpgsqlConnection connection, Layout layout, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new($"select not exists (select from {layout.Items})", connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task MaintainAsync(NpgsqlConnection connection, string statements, CancellationToken cancellation)
    {
        if (statements.Length == 0)
            return;
        await using NpgsqlCommand command = new(statements, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
