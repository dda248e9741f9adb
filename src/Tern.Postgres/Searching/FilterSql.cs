using NpgsqlTypes;
using Tern.Search;

namespace Tern.Postgres.Searching;

/// <summary>Filters as conditions on the rows of <c>items</c>. One that is null, as of an item without a label, does not let it pass; its opposite does.</summary>
internal static class FilterSql
{
    /// <summary>The condition, its values taken into the statement.</summary>
    /// <exception cref="TernException">PostgreSQL cannot be asked for it.</exception>
    public static string Condition(ItemFilter filter, Statement statement) => filter switch
    {
        ItemFilter.LabelFilter labelled => Labels([.. labelled.Labels], statement),
        ItemFilter.KeyFilter some => $"key = any ({statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, some.Keys.ToArray())})",
        ItemFilter.KeyRangeFilter range => KeyRange(range, statement),
        ItemFilter.TextFilter text => Text(text, statement),
        ItemFilter.NumberFilter number => Number(number, statement),
        ItemFilter.BothFilter both => $"({Condition(both.One, statement)}) and ({Condition(both.Other, statement)})",
        ItemFilter.EitherFilter either => $"({Condition(either.One, statement)}) or ({Condition(either.Other, statement)})",
        ItemFilter.NotFilter opposite => $"not coalesce({Condition(opposite.Filter, statement)}, false)",
        ItemFilter.RowsFilter => throw new TernException("A set of rows belongs to a list in memory, and items in PostgreSQL have none; filter by their keys."),
        _ => throw new TernException($"PostgreSQL cannot be asked for a {filter.GetType().Name}."),
    };

    private static string Labels(string[] labels, Statement statement)
    {
        string some = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, labels);
        return $"label = any ({some}) or string_to_array(label, '|') && {some}";
    }

    private static string KeyRange(ItemFilter.KeyRangeFilter range, Statement statement)
    {
        string from = range.From is null ? "true" : $"key >= {statement.Value(NpgsqlDbType.Text, range.From)}";
        return range.Before is null ? from : $"{from} and key < {statement.Value(NpgsqlDbType.Text, range.Before)}";
    }

    private static string Text(ItemFilter.TextFilter text, Statement statement)
    {
        string name = statement.Value(NpgsqlDbType.Text, text.Attribute), values = statement.Value(NpgsqlDbType.Array | NpgsqlDbType.Text, text.Values.ToArray());
        return $"jsonb_typeof(attributes -> {name}) in ('string', 'boolean') and (attributes ->> {name}) = any ({values})";
    }

    private static string Number(ItemFilter.NumberFilter number, Statement statement)
    {
        string name = statement.Value(NpgsqlDbType.Text, number.Attribute), value = $"(attributes -> {name})::float8";
        string from = number.From is null ? "true" : $"{value} >= {statement.Value(NpgsqlDbType.Double, number.From)}";
        string to = number.To is null ? "true" : $"{value} <= {statement.Value(NpgsqlDbType.Double, number.To)}";
        return $"case when jsonb_typeof(attributes -> {name}) = 'number' then {from} and {to} else false end"; // in another order, text would be made a number
    }
}
