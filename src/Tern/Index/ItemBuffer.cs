using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

/// <summary>What the items of an index have in common.</summary>
/// <param name="Bits">Code length.</param>
/// <param name="Descriptor">The shape of their descriptors; null where they have none.</param>
internal sealed record IndexShape(int Bits, DescriptorShape? Descriptor)
{
    public int Words => BinaryCode.WordCount(Bits);

    public int DescriptorBytes => Descriptor?.Bytes ?? 0;
}

/// <summary>An item as it is kept. What it does not have is empty.</summary>
internal readonly ref struct ItemRow
{
    public required ulong Id { get; init; }

    public required ReadOnlySpan<byte> Key { get; init; }

    public required ReadOnlySpan<ulong> Code { get; init; }

    public required ReadOnlySpan<byte> Label { get; init; }

    public required ReadOnlySpan<byte> Attributes { get; init; }

    public required ReadOnlySpan<byte> Descriptor { get; init; }

    /// <summary>Bytes of what differs in length from index to index and from item to item.</summary>
    public long Content => (long)Key.Length + Label.Length + Attributes.Length + Descriptor.Length;

    /// <summary>About what it takes in a file.</summary>
    public long Bytes => 48 + Content + (8L * Code.Length);
}

/// <summary>Items in memory, in the order in which they came. More may be added while others look at a <see cref="View"/>, which does not change.</summary>
internal sealed class ItemBuffer(IndexShape shape)
{
    private readonly IndexShape shape = shape;
    private readonly PackedCodes codes = new(shape.Bits);
    private readonly Growing<ulong> ids = new();
    private readonly Growing<int> labelNumbers = new();
    private readonly Growing<byte> descriptors = new();
    private readonly TextBuffer keys = new(), labelNames = new(), attributes = new();
    private readonly Dictionary<string, int> numberOfLabel = [];
    private uint[] slots = [];

    public int Count => ids.Count;

    /// <summary>About what they take in a file.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of their <see cref="ItemRow.Content"/>.</summary>
    public long Content { get; private set; }

    /// <summary>Makes room for so many more keys at once; where nobody looks at a view meanwhile.</summary>
    /// <param name="more">How many.</param>
    /// <param name="marks">Rows that no key need find.</param>
    public void Expect(int more, ulong[]? marks)
    {
        if (KeyTable.SlotsFor(Count + more) > slots.Length)
            slots = Slots(Math.Max(Count + more, 2 * Count), marks); // many small ranges make it anew no more often than single items do
    }

    /// <summary>Adds an item; its id is above all others.</summary>
    /// <param name="item">The item.</param>
    /// <param name="replaced">The row that its key finds now, where nobody looks at a view meanwhile; -1: keys find the first of their rows that is not marked.</param>
    /// <param name="marks">Rows that no key need find, where there are such: bit row % 64 of word row / 64.</param>
    public void Add(ItemRow item, int replaced = -1, ulong[]? marks = null)
    {
        int row = Count;
        codes.Add(item.Code);
        keys.Add(item.Key);
        labelNumbers.Add(NumberOf(item.Label));
        attributes.Add(item.Attributes);
        descriptors.Add(item.Descriptor);
        ids.Add(item.Id);
        Bytes += item.Bytes;
        Content += item.Content;
        if (KeyTable.SlotsFor(Count) > slots.Length)
            slots = Slots(Math.Max(2 * Count, 32), marks);
        else if (replaced >= 0)
            KeyTable.Replace(slots, KeyTable.Hash(item.Key), replaced, row);
        else
            KeyTable.Put(slots, KeyTable.Hash(item.Key), row);
    }

    /// <summary>The row of a key that is not marked; -1 if there is none.</summary>
    public int Find(ReadOnlySpan<byte> key, ulong hash, ulong[]? marks)
    {
        foreach (int row in KeyTable.Rows(slots, keys.View(), key, hash))
            if (!IsMarked(marks, row))
                return row;
        return -1;
    }

    /// <summary>The items there are now.</summary>
    public Segment View() => new(Count, shape, new Columns(
        codes.View(), ids.View(), keys.View(), slots, labelNumbers.View(), labelNames.View(), attributes.View(), descriptors.View()));

    // A table of all rows but marked ones, with room for so many.
    private uint[] Slots(int rows, ulong[]? marks)
    {
        uint[] table = new uint[KeyTable.SlotsFor(rows)];
        TextColumn all = keys.View();
        for (int row = 0; row < all.Count; row++)
            if (!IsMarked(marks, row))
                KeyTable.Put(table, KeyTable.Hash(all.Utf8Of(row)), row);
        return table;
    }

    // Rows past the end of the words have no mark.
    internal static bool IsMarked(ulong[]? marks, int row) => marks is not null && row >> 6 < marks.Length && (marks[row >> 6] >> (row & 63) & 1) != 0;

    private int NumberOf(ReadOnlySpan<byte> label)
    {
        if (label.IsEmpty)
            return -1;
        Span<char> room = stackalloc char[label.Length];
        ReadOnlySpan<char> text = room[..TextColumn.Utf8.GetChars(label, room)];
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> known = numberOfLabel.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(text, out int number))
        {
            known[text] = number = labelNames.Count;
            labelNames.Add(label);
        }
        return number;
    }

    private sealed record Columns(
        PackedCodes Codes, Column<ulong> Ids, TextColumn Keys, Column<uint> KeySlots, Column<int> LabelNumbers, TextColumn LabelNames, TextColumn Attributes,
        Column<byte> Descriptors) : ISegmentColumns
    {
        public long TextBytes => Keys.Bytes + LabelNames.Bytes + Attributes.Bytes;

        public void RestCodes()
        {
        }

        public void Free()
        {
        }

        public TernException Damaged(string why, Exception cause) => throw new InvalidOperationException($"Items that were looked at before they were taken are not right: {why}.", cause);
    }
}
