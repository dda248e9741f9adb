using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>A segment with the marks of its removed items.</summary>
/// <param name="Data">The items.</param>
/// <param name="Entry">Its file, or null for items that only the log holds so far.</param>
/// <param name="Removed">Marks on the removed items; null when none is.</param>
internal sealed record LoadedSegment(Segment Data, FileEntry? Entry, RowMarks? Removed = null) : ICodeSegment
{
    public int RemovedCount => Removed?.Count ?? 0;

    public int Live => Data.Count - RemovedCount;

    PackedCodes ICodeSegment.Codes => Data.Codes;

    MultiIndex? ICodeSegment.Tables => Data.Tables;

    ItemColumns ICodeSegment.Items => Data.Items;

    public bool IsRemoved(int item) => Removed is not null && Removed.Has(item);

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
        List<int> removed = [];
        ReadOnlySpan<ulong> all = Data.Ids.Span;
        foreach (ulong id in ids)
        {
            int item = id < all[0] || id > all[^1] ? -1 : all.BinarySearch(id);
            if (item >= 0 && !IsRemoved(item))
                removed.Add(item);
        }
        return removed.Count == 0 ? this : this with { Removed = (Removed ?? RowMarks.None(Data.Count)).With(removed) };
    }

    /// <summary>The same segment with items added behind.</summary>
    public LoadedSegment Grown(Segment data) => this with { Data = data, Removed = Removed?.Grown(data.Count) };
}
