using Npgsql;
using Tern.Index;
using Tern.Postgres.Layouts;
using Tern.Search;

namespace Tern.Postgres.Searching;

/// <summary>What a shard has found.</summary>
internal sealed record ShardFound(IReadOnlyList<SearchResult> Results, ShardAnswer How);

/// <summary>The search of one shard: rounds, then a scan.</summary>
internal static class ShardSearch
{
    /// <summary>The shard's own answer.</summary>
    /// <remarks>
    /// Each statement sees the table as it was when it began. An answer is that of one statement: a round that has found as many as are asked for lacks none of them,
    /// for it knows everything up to its radius.
    /// </remarks>
    public static async Task<ShardFound> RunAsync(Shard shard, CodeQuery query, CancellationToken cancellation)
    {
        long started = shard.Time.GetTimestamp();
        Layout layout = await shard.LayoutAsync(cancellation);
        await using NpgsqlConnection connection = await shard.ConnectAsync(cancellation);
        long rows = await shard.RowsAsync(connection, cancellation);
        SearchSql statements = new(layout, query);
        RoundPlanner planner = new(layout.Chunks, query, rows);
        List<SearchRound> rounds = [];
        while (planner.Next())
        {
            (List<SearchResult> found, SearchRound round) = await AskAsync(connection, statements, planner, cancellation);
            planner.Add(round.Candidates, round.Fetched);
            rounds.Add(round);
            if (!round.GivenUp && (planner.Radius == query.Within || found.Count >= query.Top))
                return Answer(found, SearchPlan.Hashing);
        }
        return Answer(await ScanAsync(connection, statements, cancellation), rounds.Count == 0 ? SearchPlan.Scan : SearchPlan.HashingThenScan);

        ShardFound Answer(List<SearchResult> found, SearchPlan plan) => new(found, new ShardAnswer
        {
            Shard = shard.Name,
            Plan = plan,
            Rounds = rounds,
            Codes = rows,
            Scanned = plan == SearchPlan.Hashing ? 0 : rows,
            Found = found.Count,
            Milliseconds = shard.Time.GetElapsedTime(started).TotalMilliseconds,
        });
    }

    private static async Task<(List<SearchResult>, SearchRound)> AskAsync(NpgsqlConnection connection, SearchSql statements, RoundPlanner planner, CancellationToken cancellation)
    {
        List<SearchResult> found = [];
        long most = 0, candidates = 0, fetched = 0;
        await using NpgsqlCommand command = statements.Round(planner.Radius, planner.Most).On(connection);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            (most, candidates, fetched) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
            if (!row.IsDBNull(3))
                found.Add(ResultAt(row, 3));
        }
        return (found, new SearchRound(planner.Radius, planner.Probes, candidates, found.Count, GivenUp: most > planner.Most) { Fetched = fetched });
    }

    private static async Task<List<SearchResult>> ScanAsync(NpgsqlConnection connection, SearchSql statements, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = statements.Scan().On(connection);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>All rows of a statement whose columns are id, key, label, distance and attributes.</summary>
    public static async Task<List<SearchResult>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        List<SearchResult> found = [];
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            found.Add(ResultAt(row, 0));
        return found;
    }

    private static SearchResult ResultAt(NpgsqlDataReader row, int column) => new(
        row.GetString(column + 1), row.IsDBNull(column + 2) ? null : row.GetString(column + 2), (int)row.GetInt64(column + 3), row.GetInt64(column))
    {
        Attributes = row.IsDBNull(column + 4) ? null : row.GetString(column + 4),
    };
}
