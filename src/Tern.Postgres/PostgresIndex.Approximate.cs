using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Layouts;
using Tern.Postgres.Searching;

namespace Tern.Postgres;

// The pgvector extension's graph index (HNSW), for those who have it and want it. Nothing else here needs it.
public sealed partial class PostgresIndex
{
    /// <summary>
    /// Adds an approximate index by pgvector's <c>bit_hamming_ops</c>, where there is none, for <see cref="SearchApproximatelyAsync"/>; the exact search neither needs
    /// nor uses it. Takes minutes for a million items.
    /// </summary>
    /// <remarks>
    /// Warning: this index loses items, and the more so the more codes are equal or nearly equal, as those of pictures are: an item at distance 0 may be missing while
    /// others at distance 257 are found (pgvector issues 972 and 837). Take out duplicates before, or search exactly.
    /// </remarks>
    /// <exception cref="TernException">A server does not have the extension, or a shard failed.</exception>
    public Task AddApproximateIndexAsync(CancellationToken cancellationToken = default) => Shards.EachAsync(shards, "Not every shard has the approximate index", async shard =>
    {
        Layout layout = await shard.LayoutAsync(cancellationToken);
        await using NpgsqlConnection connection = await shard.ConnectAsync(cancellationToken);
        await using (NpgsqlCommand question = new("select exists (select from pg_available_extensions where name = 'vector')", connection))
            if (await question.ExecuteScalarAsync(cancellationToken) is not true)
                throw new TernException("Its server does not have the extension vector; install pgvector there, or search exactly");
        await using NpgsqlCommand command = new(
            $"create extension if not exists vector; create index if not exists items_approximate on {layout.Items} using hnsw (code bit_hamming_ops)", connection)
        {
            CommandTimeout = 0,
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        return layout;
    });

    /// <summary>Items near the query by the approximate index: probably the nearest, possibly not; nearest first, equal distances by id. See the warning at
    /// <see cref="AddApproximateIndexAsync"/>.</summary>
    /// <param name="query">A code of the same length.</param>
    /// <param name="top">The most results.</param>
    /// <param name="effort">How far the graph is searched (hnsw.ef_search), 1 to 1000: the more the slower, and the fewer items are missing.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="TernException">The query has another length, or the numbers make no sense.</exception>
    public async Task<PostgresAnswer> SearchApproximatelyAsync(BinaryCode query, int top = 10, int effort = 100, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        CodeQuery asked = CodeQuery.From(query, new SearchOptions { Top = top }, identity);
        if (effort is < 1 or > 1000)
            throw new TernException($"effort: must be 1 to 1000; got {effort}.");
        return Join(asked, await Shards.TryEachAsync(shards, shard => NearAsync(shard, asked, effort, cancellationToken)));
    }

    private static async Task<ShardFound> NearAsync(Shard shard, CodeQuery query, int effort, CancellationToken cancellation)
    {
        long started = shard.Time.GetTimestamp();
        Layout layout = await shard.LayoutAsync(cancellation);
        await using NpgsqlConnection connection = await shard.ConnectAsync(cancellation);
        long rows = await shard.RowsAsync(connection, cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation); // the effort holds until it ends
        Statement setting = new();
        setting.Text = $"select set_config('hnsw.ef_search', {setting.Value(NpgsqlDbType.Text, effort.ToString(CultureInfo.InvariantCulture))}, true)";
        await using (NpgsqlCommand command = setting.On(connection))
            await command.ExecuteNonQueryAsync(cancellation);

        Statement search = new();
        string code = search.Value(NpgsqlDbType.Bit, BitStrings.Of(query.Code));
        string top = search.Value(NpgsqlDbType.Bigint, (long?)query.Top);
        search.Text = $"select id, key, label, bit_count(code # {code}) as distance, attributes from {layout.Items} order by code <~> {code} limit {top}";
        await using NpgsqlCommand near = search.On(connection);
        List<SearchResult> found = await ShardSearch.ReadAsync(near, cancellation);
        await transaction.CommitAsync(cancellation);
        return new ShardFound(found, new ShardAnswer
        {
            Shard = shard.Name,
            Approximate = true,
            Codes = rows,
            Found = found.Count,
            Milliseconds = shard.Time.GetElapsedTime(started).TotalMilliseconds,
        });
    }
}
