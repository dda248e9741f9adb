using Tern.Codes;

namespace Tern.Index;

/// <summary>Items added by one or more commits, never changed afterwards. Ids ascend.</summary>
/// <param name="Codes">[Count] codes.</param>
/// <param name="Ids">[Count] ids, ascending.</param>
/// <param name="LabelNumbers">[Count] numbers into <paramref name="LabelNames"/>, -1 for none.</param>
/// <param name="Keys">[Count] keys.</param>
/// <param name="LabelNames">The different labels.</param>
internal sealed record Segment(PackedCodes Codes, ulong[] Ids, int[] LabelNumbers, TextColumn Keys, TextColumn LabelNames)
{
    public int Count => Ids.Length;

    public long TextBytes => (long)Keys.Bytes.Length + LabelNames.Bytes.Length;

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
