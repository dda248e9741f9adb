using System.Buffers;
using System.Text.Unicode;
using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>The columns of a segment. Those of a file are compared with their checksum when they are first asked for.</summary>
internal interface ISegmentColumns
{
    PackedCodes Codes { get; }

    /// <summary>Ascending.</summary>
    Column<ulong> Ids { get; }

    TextColumn Keys { get; }

    /// <summary>See <see cref="KeyTable"/>.</summary>
    Column<uint> KeySlots { get; }

    /// <summary>Numbers into <see cref="LabelNames"/>, -1 for none.</summary>
    Column<int> LabelNumbers { get; }

    /// <summary>The different labels.</summary>
    TextColumn LabelNames { get; }

    /// <summary>JSON objects; no column where no item has any, an empty text where this one has none.</summary>
    TextColumn Attributes { get; }

    /// <summary>[Count, bytes of one]; empty where the index keeps none.</summary>
    Column<byte> Descriptors { get; }

    /// <summary>Bytes of all texts.</summary>
    long TextBytes { get; }

    /// <summary>Lets the system take back the memory of the codes until they are read again.</summary>
    void RestCodes();

    /// <summary>Gives back what they lie in.</summary>
    void Free();

    /// <summary>The error that says what is wrong with them, and in which file.</summary>
    TernException Damaged(string why, Exception cause);
}

/// <summary>Items added by one or more commits, never changed afterwards. Ids ascend. Snapshots hold it; the last one frees it.</summary>
internal sealed class Segment : Counted
{
    private readonly ISegmentColumns columns;
    private readonly Lazy<ItemColumns> items;
    private readonly Lazy<AttributeColumns> attributes;
    private readonly Lazy<Descriptors> descriptors;

    public Segment(int count, IndexShape shape, ISegmentColumns columns)
    {
        Count = count;
        this.columns = columns;
        attributes = new Lazy<AttributeColumns>(() => new AttributeColumns(Count, AttributesUtf8Of, columns.Damaged));
        descriptors = new Lazy<Descriptors>(() => new Descriptors(shape.Descriptor!, columns.Descriptors));
        items = new Lazy<ItemColumns>(() => new ItemColumns(Count)
            .AddKeys(item => Keys[item], RowsOf)
            .AddLabels(new ValueColumn([.. Enumerable.Range(0, columns.LabelNames.Count).Select(number => columns.LabelNames[number])], LabelNumbers))
            .AddAttributes(AttributeColumns));
    }

    public int Count { get; }

    public PackedCodes Codes => columns.Codes;

    public Column<ulong> Ids => columns.Ids;

    public TextColumn Keys => columns.Keys;

    public Column<int> LabelNumbers => columns.LabelNumbers;

    public TextColumn LabelNames => columns.LabelNames;

    public TextColumn Attributes => columns.Attributes;

    public Column<byte> DescriptorBytes => columns.Descriptors;

    public long TextBytes => columns.TextBytes;

    /// <summary>What filters may ask about the items.</summary>
    public ItemColumns Items => items.Value;

    /// <summary>The attributes by name.</summary>
    public AttributeColumns AttributeColumns => attributes.Value;

    /// <summary>The descriptors, where the index keeps them.</summary>
    public Descriptors Descriptors => descriptors.Value;

    /// <summary>Hash tables of the codes, once <see cref="BuildTables"/> has made some.</summary>
    public MultiIndex? Tables { get; private set; }

    /// <summary>Makes hash tables if there are codes enough for them; before any search of a snapshot that is to use them.</summary>
    /// <param name="least">So many items are enough; null leaves it to the planner.</param>
    /// <param name="threads">How many threads may build.</param>
    public void BuildTables(int? least, int threads)
    {
        if (Tables is not null || !(least is { } enough ? Count >= enough : Planner.WantsTables(Codes)))
            return;
        Tables = MultiIndex.Build(Codes, threads: threads);
        columns.RestCodes(); // where a code is a word, the tables hold them too
    }

    public string? LabelOf(int item) => LabelNumbers[item] is >= 0 and int number ? LabelNames[number] : null;

    public string? AttributesOf(int item) => AttributesUtf8Of(item) is { IsEmpty: false } json ? TextColumn.Utf8.GetString(json) : null;

    /// <summary>The row of a key that is not marked as removed; -1 if there is none.</summary>
    public int Find(ReadOnlySpan<byte> key, ulong hash, RowMarks? removed)
    {
        foreach (int row in KeyTable.Rows(columns.KeySlots, Keys, key, hash))
            if (removed is null || !removed.Has(row))
                return row;
        return -1;
    }

    /// <summary>Collects the ids of the items with one of these keys that are not marked as removed.</summary>
    public void CollectIds(TextColumn keys, RowMarks? removed, HashSet<ulong> ids)
    {
        const int Ahead = 16; // keys whose slots are fetched before they are looked for
        Span<ulong> hashes = stackalloc ulong[Ahead];
        for (int i = 0; i < keys.Count + Ahead; i++)
        {
            if (i >= Ahead && Find(keys.Utf8Of(i - Ahead), hashes[i % Ahead], removed) is >= 0 and int row)
                ids.Add(Ids[row]);
            if (i < keys.Count)
                KeyTable.Prefetch(columns.KeySlots.Span, hashes[i % Ahead] = KeyTable.Hash(keys.Utf8Of(i)));
        }
    }

    /// <summary>An item as it is kept.</summary>
    public ItemRow RowOf(int item)
    {
        int label = LabelNumbers[item], descriptor = (int)(DescriptorBytes.Length / Math.Max(Count, 1));
        return new ItemRow
        {
            Id = Ids[item],
            Key = Keys.Utf8Of(item),
            Code = Codes.WordsOf(item),
            Label = label < 0 ? default : LabelNames.Utf8Of(label),
            Attributes = AttributesUtf8Of(item),
            Descriptor = DescriptorBytes.Slice((long)item * descriptor, descriptor),
        };
    }

    /// <summary>Frees it; for whoever has opened it and then does not put it into a snapshot.</summary>
    public void Discard() => Free();

    protected override void Free() => columns.Free();

    // A text that is no Unicode is nobody's key.
    private int[] RowsOf(string key)
    {
        byte[] room = new byte[TextColumn.Utf8.GetMaxByteCount(key.Length)];
        if (Utf8.FromUtf16(key, room, out _, out int length, replaceInvalidSequences: false) != OperationStatus.Done)
            return [];
        ReadOnlySpan<byte> utf8 = room.AsSpan(0, length);
        List<int> rows = [];
        foreach (int row in KeyTable.Rows(columns.KeySlots, Keys, utf8, KeyTable.Hash(utf8)))
            rows.Add(row);
        return [.. rows];
    }

    private ReadOnlySpan<byte> AttributesUtf8Of(int item) => Attributes.Count == 0 ? default : Attributes.Utf8Of(item);
}
