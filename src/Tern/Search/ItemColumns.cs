using System.Runtime.CompilerServices;

namespace Tern.Search;

/// <summary>What filters may ask about the items of a collection: keys, labels, and attributes by name. What a filter matches is remembered as long as the filter
/// object lives.</summary>
/// <remarks>Several threads may ask at a time; not safe for adding meanwhile.</remarks>
public sealed class ItemColumns
{
    private readonly ConditionalWeakTable<ItemFilter, RowSet> known = new();
    private readonly Dictionary<string, ValueColumn> texts = [];
    private readonly Dictionary<string, SortedColumn<double>> numbers = [];
    private SortedColumn<string>? keys;
    private Func<string, int[]>? rowsOfKey;
    private ValueColumn? labels;
    private AttributeColumns? attributes;

    /// <summary>No columns yet.</summary>
    /// <param name="rows">How many items there are.</param>
    public ItemColumns(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        Rows = rows;
    }

    /// <summary>How many items there are, a row each.</summary>
    public int Rows { get; }

    /// <summary>Gives the items keys.</summary>
    /// <param name="keyOf">The key of a row. Asked for all keys once, when a filter on keys first comes; afterwards for single ones.</param>
    public ItemColumns AddKeys(Func<int, string> keyOf)
    {
        ArgumentNullException.ThrowIfNull(keyOf);
        keys = new SortedColumn<string>(Rows, keyOf, StringComparer.Ordinal);
        rowsOfKey = keys.RowsWith;
        return this;
    }

    /// <summary>Gives the items labels; several of one item are joined by |.</summary>
    /// <param name="labelOf">[Rows] labels; null for none.</param>
    public ItemColumns AddLabels(IReadOnlyList<string?> labelOf)
    {
        RequireRows(labelOf, "labels");
        labels = ValueColumn.Of(labelOf);
        return this;
    }

    /// <summary>Gives the items an attribute whose values are text, such as a camera.</summary>
    /// <param name="name">What filters call it.</param>
    /// <param name="valueOf">[Rows] values; null for none.</param>
    public ItemColumns AddAttribute(string name, IReadOnlyList<string?> valueOf)
    {
        RequireRows(valueOf, name);
        texts.Add(name, ValueColumn.Of(valueOf));
        return this;
    }

    /// <summary>Gives the items an attribute whose values are numbers, such as a price.</summary>
    /// <param name="name">What filters call it.</param>
    /// <param name="valueOf">[Rows] values; NaN for none. Must not change.</param>
    public ItemColumns AddAttribute(string name, IReadOnlyList<double> valueOf)
    {
        RequireRows(valueOf, name);
        numbers.Add(name, new SortedColumn<double>(Rows, row => valueOf[row], Comparer<double>.Default));
        return this;
    }

    /// <summary>The rows that a filter lets through. Not to be changed.</summary>
    /// <exception cref="TernException">It asks for what the items do not have.</exception>
    public RowSet Matching(ItemFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return known.GetOrAdd(filter, missing => missing.Rows(this));
    }

    /// <summary>Gives the items keys whose rows can be looked up. Only a filter on a range then asks for all of them.</summary>
    internal ItemColumns AddKeys(Func<int, string> keyOf, Func<string, int[]> rowsOf)
    {
        AddKeys(keyOf);
        rowsOfKey = rowsOf;
        return this;
    }

    internal ItemColumns AddLabels(ValueColumn column)
    {
        labels = column;
        return this;
    }

    /// <summary>Gives the items attributes by whatever name a filter asks for.</summary>
    internal ItemColumns AddAttributes(AttributeColumns columns)
    {
        attributes = columns;
        return this;
    }

    /// <summary>The keys in their order.</summary>
    internal SortedColumn<string> Keys => keys ?? throw NoKeys();

    /// <summary>The rows of a key; none where nobody has it.</summary>
    internal int[] RowsOfKey(string key) => (rowsOfKey ?? throw NoKeys())(key);

    internal ValueColumn Labels => labels ?? throw new TernException("These items have no labels that a filter could ask for.");

    internal ValueColumn Text(string name) => texts.TryGetValue(name, out ValueColumn? column) ? column
        : attributes?.Text(name) ?? throw Missing(name, isNumber: false, texts.Keys);

    internal SortedColumn<double> Numbers(string name) => numbers.TryGetValue(name, out SortedColumn<double>? column) ? column
        : attributes?.Numbers(name) ?? throw Missing(name, isNumber: true, numbers.Keys);

    internal static TernException Missing(string name, bool isNumber, IReadOnlyCollection<string> known) => new(
        $"These items have no {(isNumber ? "number" : "text")} attribute \"{name}\"; they have {(known.Count == 0 ? "none" : string.Join(", ", known.Order()))}.");

    private static TernException NoKeys() => new("These items have no keys that a filter could ask for.");

    private void RequireRows<T>(IReadOnlyList<T> values, string what)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != Rows)
            throw new TernException($"{what}: expected a value for each of {Rows} items; got {values.Count}.");
    }
}
