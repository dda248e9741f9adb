namespace Tern.Search;

/// <summary>Which items a search may find. It is asked during the search, so that as many are found as were asked for, if they exist.</summary>
/// <remarks>Keep a filter that is used again: what it lets through is worked out once.</remarks>
public abstract record ItemFilter
{
    /// <summary>Items with one of these labels, alone or among others (joined by |).</summary>
    public static ItemFilter Labelled(params string[] labels) => new LabelFilter([.. labels]);

    /// <summary>Items with one of these keys. A key that no item has is passed over.</summary>
    public static ItemFilter WithKeys(IEnumerable<string> keys) => new KeyFilter([.. keys]);

    /// <summary>Items whose key is not below <paramref name="from"/> and below <paramref name="before"/>, in ordinal order; null: no limit.</summary>
    public static ItemFilter KeysBetween(string? from, string? before) => new KeyRangeFilter(from, before);

    /// <summary>Items whose text attribute is one of these values.</summary>
    public static ItemFilter Where(string attribute, params string[] values) => new TextFilter(attribute, [.. values]);

    /// <summary>Items whose number attribute lies between two (inclusive); null: no limit. Items without a number do not pass.</summary>
    public static ItemFilter Between(string attribute, double? from, double? to) => new NumberFilter(attribute, from, to);

    /// <summary>These rows of a list in memory.</summary>
    public static ItemFilter In(RowSet rows) => new RowsFilter(rows);

    /// <summary>Items that pass both filters.</summary>
    public ItemFilter And(ItemFilter other) => new BothFilter(this, other);

    /// <summary>Items that pass one of the filters.</summary>
    public ItemFilter Or(ItemFilter other) => new EitherFilter(this, other);

    /// <summary>Items that do not pass this filter.</summary>
    public ItemFilter Not() => new NotFilter(this);

    /// <summary>The rows that pass.</summary>
    /// <exception cref="TernException">It asks for what the items do not have.</exception>
    internal abstract RowSet Rows(ItemColumns items);

    /// <summary>The attributes it asks for.</summary>
    internal virtual IEnumerable<(string Name, bool IsNumber)> Attributes() => [];

    internal sealed record LabelFilter(HashSet<string> Labels) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items) =>
            items.Labels.Where(label => Labels.Contains(label) || (label.Contains('|') && label.Split('|').Any(Labels.Contains)));
    }

    internal sealed record KeyFilter(HashSet<string> Keys) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items)
        {
            RowSet found = new(items.Rows);
            foreach (string key in Keys)
                found.Add(items.RowsOfKey(key));
            return found;
        }
    }

    internal sealed record KeyRangeFilter(string? From, string? Before) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items)
        {
            RowSet found = new(items.Rows);
            int start = From is null ? 0 : items.Keys.RowsBelow(From), end = Before is null ? items.Rows : items.Keys.RowsBelow(Before);
            found.Add(items.Keys.Between(start, end));
            return found;
        }
    }

    internal sealed record TextFilter(string Attribute, HashSet<string> Values) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items) => items.Text(Attribute).Where(Values.Contains);

        internal override IEnumerable<(string Name, bool IsNumber)> Attributes() => [(Attribute, false)];
    }

    internal sealed record NumberFilter(string Attribute, double? From, double? To) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items)
        {
            SortedColumn<double> column = items.Numbers(Attribute);
            RowSet found = new(items.Rows);
            found.Add(column.Between( // NaN, which stands for none, sorts before all numbers
                column.RowsBelow(From ?? double.NegativeInfinity), column.RowsUpTo(To ?? double.PositiveInfinity)));
            return found;
        }

        internal override IEnumerable<(string Name, bool IsNumber)> Attributes() => [(Attribute, true)];
    }

    internal sealed record RowsFilter(RowSet Set) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items) => Set.Rows == items.Rows
            ? Set
            : throw new TernException($"The set of rows that may be found has {Set.Rows} rows and the collection {items.Rows}; make it for this collection.");
    }

    internal sealed record BothFilter(ItemFilter One, ItemFilter Other) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items)
        {
            RowSet both = items.Matching(One).Copy();
            both.IntersectWith(items.Matching(Other));
            return both;
        }

        internal override IEnumerable<(string Name, bool IsNumber)> Attributes() => One.Attributes().Concat(Other.Attributes());
    }

    internal sealed record EitherFilter(ItemFilter One, ItemFilter Other) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items)
        {
            RowSet either = items.Matching(One).Copy();
            either.UnionWith(items.Matching(Other));
            return either;
        }

        internal override IEnumerable<(string Name, bool IsNumber)> Attributes() => One.Attributes().Concat(Other.Attributes());
    }

    internal sealed record NotFilter(ItemFilter Filter) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items) => items.Matching(Filter).Complement();

        internal override IEnumerable<(string Name, bool IsNumber)> Attributes() => Filter.Attributes();
    }
}
