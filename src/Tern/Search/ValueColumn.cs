namespace Tern.Search;

/// <summary>A property of rows that takes few different values, such as a label: finds the rows of a value without looking at the others.</summary>
/// <param name="values">[V] the different values.</param>
/// <param name="valueOf">[rows] numbers of values, -1 where a row has none.</param>
internal sealed class ValueColumn(IReadOnlyList<string> values, Column<int> valueOf)
{
    private readonly Lazy<(int[] Starts, int[] Rows)> byValue = new(() => Sort(values.Count, valueOf));

    /// <summary>A column of these values; null where a row has none.</summary>
    public static ValueColumn Of(IReadOnlyList<string?> valueOfRow)
    {
        Dictionary<string, int> numbers = [];
        List<string> values = [];
        int[] valueOf = new int[valueOfRow.Count];
        for (int row = 0; row < valueOf.Length; row++)
        {
            if (valueOfRow[row] is not { } value)
                valueOf[row] = -1;
            else if (!numbers.TryGetValue(value, out valueOf[row]))
            {
                numbers[value] = valueOf[row] = values.Count;
                values.Add(value);
            }
        }
        return new ValueColumn(values, valueOf);
    }

    /// <summary>The rows whose value is one of those that match.</summary>
    public RowSet Where(Func<string, bool> matches)
    {
        RowSet found = new((int)valueOf.Length);
        (int[] starts, int[] rows) = byValue.Value;
        for (int value = 0; value < values.Count; value++)
            if (matches(values[value]))
                found.Add(rows.AsSpan(starts[value]..starts[value + 1]));
        return found;
    }

    // Counted two places on and summed, starts[v + 1] is the next free place of value v; when all are placed, it is its end. Rows without a value are value 0 here.
    private static (int[] Starts, int[] Rows) Sort(int values, Column<int> column)
    {
        ReadOnlySpan<int> valueOf = column.Span;
        int[] starts = new int[values + 3], rows = new int[valueOf.Length];
        foreach (int value in valueOf)
            starts[value + 3]++;
        for (int i = 2; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        for (int row = 0; row < rows.Length; row++)
            rows[starts[valueOf[row] + 2]++] = row;
        return (starts[1..], rows);
    }
}
