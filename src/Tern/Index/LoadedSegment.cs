using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>A segment with the marks of its removed items.</summary>
/// <param name="Data">The items.</param>
/// <param name="Entry">Its file, or null for items that only the log holds so far.</param>
/// <param name="Removed">Bit i is set when item i is removed; null when none is.</param>
/// <param name="RemovedCount">How many are.</param>
internal sealed record LoadedSegment(Segment Data, FileEntry? Entry, ulong[]? Removed, int RemovedCount) : ICodeSegment
{
    public int Live => Data.Count - RemovedCount;

    PackedCodes ICodeSegment.Codes => Data.Codes;

    MultiIndex? ICodeSegment.Tables => Data.Tables;

    ItemColumns ICodeSegment.Items => Data.Items;

    public bool IsRemoved(int item) => Marks.Has(Removed, item);

    public IEnumerable<int> LiveItems() => Enumerable.Range(0, Data.Count).Where(item => !IsRemoved(item));

    /// <summary>The live items as runs without a gap, each from its first item up to its end.</summary>
    public IEnumerable<(int Start, int End)> LiveRuns()
    {
        for (int start = 0, end; start < Data.Count; start = end + 1)
        {
            for (end = start; end < Data.Count && !IsRemoved(end);)
                end = Removed is null ? Data.Count : end + 1;
            if (end > start)
                yield return (start, end);
        }
    }

    /// <summary>The ids of items that were not yet removed in an earlier state of this segment.</summary>
    public IEnumerable<ulong> RemovedSince(LoadedSegment earlier) =>
        Enumerable.Range(0, RemovedCount == earlier.RemovedCount ? 0 : Data.Count).Where(item => IsRemoved(item) && !earlier.IsRemoved(item)).Select(item => Data.Ids[item]);

    /// <summary>The same segment with more items removed; ids that are not in it or removed already make no difference.</summary>
    public LoadedSegment Without(IReadOnlyCollection<ulong> ids)
    {
        if (ids.Count == 0 || Data.Count == 0)
            return this;
        ulong[]? marks = null;
        int count = RemovedCount;
        ReadOnlySpan<ulong> all = Data.Ids.Span;
        foreach (ulong id in ids)
        {
            int item = id < all[0] || id > all[^1] ? -1 : all.BinarySearch(id);
            if (item < 0 || IsRemoved(item))
                continue;
            marks ??= MarksOf(Data.Count);
            ulong mark = 1UL << item % 64;
            if ((marks[item / 64] & mark) == 0)
                count++;
            marks[item / 64] |= mark;
        }
        return marks is null ? this : this with { Removed = marks, RemovedCount = count };
    }

    /// <summary>The same segment with items added behind.</summary>
    public LoadedSegment Grown(Segment data) => this with { Data = data, Removed = Removed is null ? null : MarksOf(data.Count) };

    // A copy of the marks, for so many items.
    private ulong[] MarksOf(int items)
    {
        ulong[] marks = new ulong[Marks.WordsFor(items)];
        Removed?.CopyTo(marks, 0);
        return marks;
    }
}
