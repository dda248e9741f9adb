using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

/// <summary>A segment in memory with the marks of its removed items.</summary>
/// <param name="Data">The items.</param>
/// <param name="Entry">Its file, or null while it has none.</param>
/// <param name="Removed">Bit i is set when item i is removed; null when none is.</param>
/// <param name="RemovedCount">How many are.</param>
internal sealed record LoadedSegment(Segment Data, FileEntry? Entry, ulong[]? Removed, int RemovedCount) : ICodeSegment
{
    public int Live => Data.Count - RemovedCount;

    PackedCodes ICodeSegment.Codes => Data.Codes;

    MultiIndex? ICodeSegment.Tables => Data.Tables;

    ItemColumns ICodeSegment.Items => Data.Items;

    public bool IsRemoved(int item) => Removed is not null && (Removed[item / 64] >> item % 64 & 1) != 0;

    public IEnumerable<int> LiveItems() => Enumerable.Range(0, Data.Count).Where(item => !IsRemoved(item));

    public IEnumerable<ulong> RemovedIds() =>
        Enumerable.Range(0, RemovedCount == 0 ? 0 : Data.Count).Where(IsRemoved).Select(item => Data.Ids[item]);

    /// <summary>The same segment with more items removed; ids that are not in it or removed already make no difference.</summary>
    public LoadedSegment Without(IEnumerable<ulong> ids)
    {
        ulong[]? marks = null;
        int count = RemovedCount;
        foreach (ulong id in ids)
        {
            int item = Array.BinarySearch(Data.Ids, id);
            if (item < 0)
                continue;
            marks ??= Removed is null ? new ulong[(Data.Count + 63) / 64] : (ulong[])Removed.Clone();
            ulong mark = 1UL << item % 64;
            if ((marks[item / 64] & mark) == 0)
                count++;
            marks[item / 64] |= mark;
        }
        return marks is null ? this : this with { Removed = marks, RemovedCount = count };
    }
}
