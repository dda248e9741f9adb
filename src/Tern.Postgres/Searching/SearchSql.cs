using NpgsqlTypes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres.Searching;

/// <summary>The statements of a search.</summary>
/// <param name="layout">The tables.</param>
/// <param name="query">What is asked for.</param>
internal sealed class SearchSql(Layout layout, CodeQuery query)
{
    /// <summary>
    /// Everything up to a distance, from the indexes of chunks alone: a branch for each chunk reads the buckets near the query's own; the codes near enough are joined,
    /// each once, and of those that are wanted the rest is fetched. Columns: the most codes that a branch has read, those that all have read, the items fetched to be asked
    /// for their filter or label (0 where neither is asked for), then id, key, label, distance and attributes; null where nothing was found.
    /// </summary>
    /// <param name="radius">The distance.</param>
    /// <param name="most">No branch reads more codes than one more than this; null: no limit.</param>
    public Statement Round(int radius, long? most)
    {
        Statement statement = new();
        string code = statement.Value(NpgsqlDbType.Bit, BitStrings.Of(query.Code)), within = statement.Value(NpgsqlDbType.Bigint, (long)radius);
        string limit = statement.Value(NpgsqlDbType.Bigint, most + 1), top = Top(statement);
        int[] radii = layout.Chunks.Radii(radius);
        IEnumerable<string> branches = Enumerable.Range(0, radii.Length).Where(chunk => radii[chunk] >= 0).Select(chunk =>
        {
            string buckets = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Integer, layout.Chunks.Near(query.Code, chunk, radii[chunk]));
            return $"""
                    select count(*) as candidates, array_agg(id) filter (where distance <= {within}) as ids, array_agg(distance) filter (where distance <= {within}) as distances
                    from (select id, bit_count(code # {code}) as distance from {layout.Items} where {layout.Chunk(chunk)} = any ({buckets}) limit {limit}) as bucket
                """;
        });
        string read = string.Join("\n    union all\n", branches);
        string filter = query.Filter is null ? "" : $" and ({FilterSql.Condition(query.Filter, statement)})";
        bool isFinal = query.Filter is null && !query.OnePerLabel; // nothing of what is nearest falls out later
        string early = isFinal ? $" limit {top}" : "", fetched = isFinal ? "0::bigint" : "(select count(distinct hit.id) from met, unnest(met.ids) as hit (id))";

        // "offset 0" keeps the planner from joining the tables in another order than row by row.
        string found = Answer($"""
            select near.id, item.key, item.label, near.distance, item.attributes
            from (select distinct id, distance from met, unnest(met.ids, met.distances) as hit (id, distance) order by distance, id{early}) as near
            cross join lateral (select key, label, attributes from {layout.Items} where id = near.id{filter} offset 0) as item
            """, top);
        statement.Text = $"""
            with met as materialized (
            {read})
            select counted.most, counted.candidates, counted.fetched, found.id, found.key, found.label, found.distance, found.attributes
            from (select max(candidates) as most, sum(candidates)::bigint as candidates, {fetched} as fetched from met) as counted
            left join ({found}) as found on true
            order by found.distance, found.id
            """;
        return statement;
    }

    /// <summary>The same by reading every code. Columns: id, key, label, distance, attributes.</summary>
    public Statement Scan()
    {
        Statement statement = new();
        string code = statement.Value(NpgsqlDbType.Bit, BitStrings.Of(query.Code)), top = Top(statement);
        List<string> conditions = [];
        if (query.Within < layout.Bits)
            conditions.Add($"bit_count(code # {code}) <= {statement.Value(NpgsqlDbType.Bigint, (long)query.Within)}");
        if (query.Filter is { } filter)
            conditions.Add($"({FilterSql.Condition(filter, statement)})");
        string where = conditions.Count == 0 ? "" : $" where {string.Join(" and ", conditions)}";
        statement.Text = Answer($"select id, key, label, bit_count(code # {code}) as distance, attributes from {layout.Items}{where}", top);
        return statement;
    }

    private string Top(Statement statement) => statement.Value(NpgsqlDbType.Bigint, (long?)query.Top); // limit null: no limit

    private string Answer(string found, string top) => query.OnePerLabel
        ? $"""
           select id, key, label, distance, attributes
           from (select found.*, row_number() over (partition by label, case when label is null then id end order by distance, id) as place from ({found}) as found) as ranked
           where place = 1 order by distance, id limit {top}
           """
        : $"{found} order by distance, id limit {top}";
}
