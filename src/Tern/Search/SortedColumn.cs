namespace Tern.Search;

/// <summary>The rows in the order of a property, such as their key: finds those with a value, or between two, without looking at the others.</summary>
/// <param name="rows">How many rows.</param>
/// <param name="valueOf">The value of a row. Sorting asks for each once, a search for some twenty.</param>
/// <param name="comparer">The order.</param>
internal sealed class SortedColumn<T>(int rows, Func<int, T> valueOf, IComparer<T> comparer)
{
    private readonly Lazy<int[]> order = new(() => Sort(rows, valueOf, comparer));

    /// <summary>How many rows come before a value.</summary>
    public int RowsBelow(T value) => Place(value, orEqual: false);

    /// <summary>How many rows come before a value or have it.</summary>
    public int RowsUpTo(T value) => Place(value, orEqual: true);

    /// <summary>The rows from one place of the order up to another, which is not among them.</summary>
    public ReadOnlySpan<int> Between(int start, int end) => order.Value.AsSpan(start, Math.Max(end - start, 0));

    /// <summary>The rows that have a value.</summary>
    public int[] RowsWith(T value) => Between(RowsBelow(value), RowsUpTo(value)).ToArray();

    private int Place(T value, bool orEqual)
    {
        int start = 0, end = rows;
        while (start < end)
        {
            int middle = start + (end - start) / 2, compared = comparer.Compare(valueOf(order.Value[middle]), value);
            if (compared < 0 || (compared == 0 && orEqual))
                start = middle + 1;
            else
                end = middle;
        }
        return start;
    }

    private static int[] Sort(int rows, Func<int, T> valueOf, IComparer<T> comparer)
    {
        T[] values = new T[rows];
        int[] order = new int[rows];
        for (int row = 0; row < rows; row++)
            (values[row], order[row]) = (valueOf(row), row);
        Array.Sort(values, order, comparer);
        return order;
    }
}
