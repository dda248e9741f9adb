using Npgsql;
using NpgsqlTypes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Writing;

/// <summary>Adds many items by binary COPY. Into an empty table they go without the indexes of chunks, which are built afterwards: sorted at once, not entry by
/// entry.</summary>
internal static class BulkLoad
{
    /// <exception cref="TernException">A key is there already or comes twice, an item cannot be held, or a shard failed. Nothing was added then.</exception>
    public static async Task RunAsync(IReadOnlyList<Shard> shards, Identity identity, IEnumerable<PostgresItem> items, CancellationToken cancellation)
    {
        Layout[] layouts = await Shards.EachAsync(shards, ShardTransactions.NothingChanged, async shard => await shard.LayoutAsync(cancellation));
        bool empty = await EmptyTables.AreAsync(shards, layouts, cancellation);
        await using ShardTransactions writing = await ShardTransactions.BeginAsync(shards, cancellation);
        bool alone = empty && await EmptyTables.TakeAsync(writing, shards, layouts, cancellation);
        if (alone)
            await MaintainAsync(writing, layout => layout.DropIndexes(), layouts, cancellation);
        await CopyAsync(writing, shards, layouts, identity, items, cancellation);
        if (alone)
            await MaintainAsync(writing, layout => layout.CreateIndexes(), layouts, cancellation);
        await writing.CommitAsync();
    }

    private static Task MaintainAsync(ShardTransactions writing, Func<Layout, string> statementsOf, Layout[] layouts, CancellationToken cancellation) =>
        writing.EachAsync(async (shard, connection) =>
        {
            string statements = statementsOf(layouts[shard.Number]);
            if (statements.Length == 0) // no chunks
                return shard;
            await using NpgsqlCommand command = new(statements, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellation);
            return shard;
        });

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
                string copy = $"copy {layouts[shard.Number].Items} (key, code, label, attributes) from stdin (format binary)";
                importers.Add(await writing[shard].BeginBinaryImportAsync(copy, cancellation));
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
                $"{ShardTransactions.NothingChanged}: shard \"{current.Name}\": a key is there already or comes twice: {cause.Detail ?? cause.MessageText} "
                + "Upsert items to replace them.", cause);
        }
        catch (Exception cause) when (cause is not TernException && Shard.IsFailure(cause))
        {
            throw current.Failed(ShardTransactions.NothingChanged, cause);
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
        await WriteAsync(importer, item.StoredLabel, NpgsqlDbType.Text, cancellation);
        await WriteAsync(importer, item.Attributes, NpgsqlDbType.Jsonb, cancellation);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter importer, string? text, NpgsqlDbType type, CancellationToken cancellation)
    {
        if (text is null)
            await importer.WriteNullAsync(cancellation);
        else
            await importer.WriteAsync(text, type, cancellation);
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
}
