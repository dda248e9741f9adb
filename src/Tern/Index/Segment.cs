using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

/// <summary>Items added by one or more commits, never changed afterwards. Ids ascend.</summary>
/// <param name="Codes">[Count] codes.</param>
/// <param name="Ids">[Count] ids, ascending.</param>
/// <param name="LabelNumbers">[Count] numbers into <paramref name="LabelNames"/>, -1 for none.</param>
/// <param name="Keys">[Count] keys.</param>
/// <param name="LabelNames">The different labels.</param>
internal sealed record Segment(PackedCodes Codes, ulong[] Ids, int[] LabelNumbers, TextColumn Keys, TextColumn LabelNames)
{
    private readonly Lazy<ItemColumns> items = new(() => new ItemColumns(Ids.Length)
        .AddKeys(item => Keys[item])
        .AddLabels(new ValueColumn([.. Enumerable.Range(0, LabelNames.Count).Select(number => LabelNames[number])], LabelNumbers)));

    public int Count => Ids.Length;

    /// <summary>What filters may ask about the items.</summary>
    public ItemColumns Items => items.Value;

    /// <summary>Hash tables of the codes, once <see cref="BuildTables"/> has made some.</summary>
    public MultiIndex? Tables { get; private set; }

    public long TextBytes => (long)Keys.Bytes.Length + LabelNames.Bytes.Length;

    /// <summary>Makes hash tables if there are codes enough for them; before any search of a snapshot that is to use them.</summary>
    public void BuildTables(int threads)
    {
        if (Tables is null && Planner.WantsTables(Codes))
            Tables = MultiIndex.Build(Codes, threads: threads);
    }

    public string? LabelOf(int item) => LabelNumbers[item] < 0 ? null : LabelNames[LabelNumbers[item]];
}

/// <summary>Collects items, in ascending id, into a segment.</summary>
internal sealed class SegmentBuilder(int bits)
{
    private readonly PackedCodes codes = new(bits);
    private readonly List<ulong> ids = [];
    private readonly List<int> labelNumbers = [];
    private readonly List<byte[]> keys = [];
    private readonly Dictionary<string, int> numberOfLabel = [];
    private readonly List<byte[]> labelNames = [];

    public void Add(ulong id, ReadOnlySpan<ulong> code, byte[] key, string? label)
    {
        codes.Add(code);
        ids.Add(id);
        keys.Add(key);
        labelNumbers.Add(label is null ? -1 : NumberOf(label));
    }

    public Segment Build() => new(codes, [.. ids], [.. labelNumbers], TextColumn.Of(keys), TextColumn.Of(labelNames));

    private int NumberOf(string label)
    {
        if (!numberOfLabel.TryGetValue(label, out int number))
        {
            numberOfLabel[label] = number = labelNames.Count;
            labelNames.Add(TextColumn.Utf8.GetBytes(label));
        }
        return number;
    }
}
