using System.Collections;
using Npgsql;
using NpgsqlTypes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Writing;

/// <summary>Changes and reads single items by their keys, each on its shard.</summary>
internal static class ItemChanges
{
    private const int ItemsAtATime = 5000; // in one statement

    private sealed record Counted(long Items);

    /// <summary>Adds items, each in place of one with the same key. Of two with one key the later one stays.</summary>
    public static async Task UpsertAsync(IReadOnlyList<Shard> shards, Identity identity, IEnumerable<PostgresItem> items, CancellationToken cancellation)
    {
        Dictionary<Shard, PostgresItem[]> given = ByShard(shards, items.Select(item =>
        {
            item.Require(identity);
            return item;
        }), item => item.Key);
        await ChangeAsync(given, async (connection, layout, some) =>
        {
            foreach (PostgresItem[] batch in some.Chunk(ItemsAtATime))
            {
                await using NpgsqlCommand command = Upsert(layout, batch).On(connection);
                await command.ExecuteNonQueryAsync(cancellation);
            }
            return new Counted(some.Length);
        }, cancellation);
    }

    /// <summary>Removes items; returns how many there were.</summary>
    public static Task<long> RemoveAsync(IReadOnlyList<Shard> shards, IEnumerable<string> keys, CancellationToken cancellation) =>
        ChangeAsync(ByShard(shards, keys, key => key), async (connection, layout, some) =>
        {
            Statement delete = new();
            delete.Text = $"delete from {layout.Items} where key = any ({delete.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, some)})";
            await using NpgsqlCommand command = delete.On(connection);
            return new Counted(await command.ExecuteNonQueryAsync(cancellation));
        }, cancellation);

    /// <summary>The items with these keys, as far as there are such, in the order of the keys.</summary>
    public static async Task<IReadOnlyList<PostgresItem>> GetAsync(IReadOnlyList<Shard> shards, IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        Dictionary<Shard, string[]> asked = ByShard(shards, keys, key => key);
        List<PostgresItem>[] read = await Shards.EachAsync([.. asked.Keys], "Not every item could be read", async shard =>
        {
            Layout layout = await shard.LayoutAsync(cancellation);
            await using NpgsqlConnection connection = await shard.ConnectAsync(cancellation);
            return await ReadAsync(connection, layout, asked[shard], cancellation);
        });
        Dictionary<string, PostgresItem> found = read.SelectMany(items => items).ToDictionary(item => item.Key);
        return [.. keys.Where(found.ContainsKey).Select(key => found[key])];
    }

    /// <summary>How many items the shards hold.</summary>
    public static async Task<long> CountAsync(IReadOnlyList<Shard> shards, CancellationToken cancellation)
    {
        Counted[] counted = await Shards.EachAsync(shards, "The items could not be counted", async shard =>
        {
            Layout layout = await shard.LayoutAsync(cancellation);
            await using NpgsqlConnection connection = await shard.ConnectAsync(cancellation);
            await using NpgsqlCommand command = new($"select count(*) from {layout.Items}", connection);
            return new Counted(await command.ExecuteScalarAsync(cancellation) is long items ? items : 0);
        });
        return counted.Sum(shard => shard.Items);
    }

    private static Dictionary<Shard, T[]> ByShard<T>(IReadOnlyList<Shard> shards, IEnumerable<T> given, Func<T, string> keyOf) =>
        given.GroupBy(one => shards[KeyShards.Of(keyOf(one), shards.Count)]).ToDictionary(some => some.Key, some => some.ToArray());

    private static async Task<long> ChangeAsync<T>(Dictionary<Shard, T[]> given, Func<NpgsqlConnection, Layout, T[], Task<Counted>> change, CancellationToken cancellation)
    {
        if (given.Count == 0)
            return 0;
        await using ShardTransactions writing = await ShardTransactions.BeginAsync([.. given.Keys], cancellation);
        Counted[] changed = await writing.EachAsync(async (shard, connection) =>
            await change(connection, await shard.LayoutAsync(cancellation), given[shard]));
        await writing.CommitAsync();
        return changed.Sum(shard => shard.Items);
    }

    // A later item of the same key has the greater place; ids are given in the order of places.
    private static Statement Upsert(Layout layout, PostgresItem[] items)
    {
        Statement statement = new();
        string keys = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, items.Select(item => item.Key).ToArray());
        string codes = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Bit, items.Select(item => BitStrings.Of(item.Code)).ToArray());
        string labels = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, items.Select(item => item.StoredLabel).ToArray());
        string attributes = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, items.Select(item => item.Attributes).ToArray());
        statement.Text = $"""
            insert into {layout.Items} (key, code, label, attributes)
            select key, code, label, attributes from (
                select distinct on (key) * from unnest({keys}, {codes}, {labels}, {attributes}) with ordinality as given (key, code, label, attributes, place)
                order by key, place desc) as latest
            order by place
            on conflict (key) do update set id = excluded.id, code = excluded.code, label = excluded.label, attributes = excluded.attributes
            """;
        return statement;
    }

    private static async Task<List<PostgresItem>> ReadAsync(NpgsqlConnection connection, Layout layout, string[] keys, CancellationToken cancellation)
    {
        Statement statement = new();
        statement.Text = $"select key, code, label, attributes, id from {layout.Items} where key = any ({statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, keys)})";
        List<PostgresItem> items = [];
        await using NpgsqlCommand command = statement.On(connection);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            items.Add(new PostgresItem(
                row.GetString(0), BitStrings.ToCode(row.GetFieldValue<BitArray>(1)), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3))
            {
                Model = layout.Model,
                Id = row.GetInt64(4),
            });
        return items;
    }
}
