using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>The index as one commit left it. Never changes, so that a search needs no lock; whoever reads it holds it, so that its files stay mapped.</summary>
internal sealed partial class Snapshot : Counted
{
    private readonly long[] firsts; // the position of each segment's first item
    private readonly Lazy<LabelGroups> groups;

    public Snapshot(IndexManifest manifest, IReadOnlyList<LoadedSegment> segments)
    {
        Manifest = manifest;
        Segments = segments;
        firsts = new long[segments.Count];
        long first = 0;
        for (int i = 0; i < firsts.Length; i++)
        {
            firsts[i] = first;
            first += segments[i].Data.Count;
            Count += segments[i].Live;
            segments[i].Data.Hold();
        }
        groups = new Lazy<LabelGroups>(() => new LabelGroups(segments));
    }

    public IndexManifest Manifest { get; }

    /// <summary>Those with a file, and last, where there are any, the items that only the log holds.</summary>
    public IReadOnlyList<LoadedSegment> Segments { get; }

    public long Count { get; }

    /// <summary>What the items have in common.</summary>
    public IndexShape Shape => new(Manifest.Bits, Manifest.Descriptor);

    /// <summary>The segments that the manifest names.</summary>
    public IReadOnlyList<LoadedSegment> Files => [.. Segments.Where(segment => segment.Entry is not null)];

    /// <summary>The items that only the log holds, if there are any.</summary>
    public LoadedSegment? Recent => Segments.Count > 0 && Segments[^1].Entry is null ? Segments[^1] : null;

    /// <summary>The same after a further commit to the log.</summary>
    /// <param name="removed">Ids of items that it removed.</param>
    /// <param name="added">All items that the log holds.</param>
    public Snapshot Next(IReadOnlyCollection<ulong> removed, ItemBuffer added)
    {
        List<LoadedSegment> segments = [.. Files];
        if (added.Count > 0)
            segments.Add(Recent is { } recent ? recent.Grown(added.View()) : new LoadedSegment(added.View(), null));
        return new Snapshot(Manifest, [.. segments.Select(segment => segment.Without(removed))]);
    }

    /// <summary>Makes hash tables for the segments that are large enough and have none.</summary>
    /// <param name="least">So many items are enough; null leaves it to the planner.</param>
    /// <param name="threads">How many threads may build.</param>
    public void BuildTables(int? least, int threads)
    {
        foreach (LoadedSegment segment in Files)
            segment.Data.BuildTables(least, threads);
    }

    /// <summary>Live items that a filter lets through, by id.</summary>
    public IEnumerable<IndexItem> Items(ItemFilter? filter)
    {
        RequireAttributes(filter);
        return LiveItems(filter).Select(ToItem);
    }

    /// <summary>The place of the item with a key; null if there is none.</summary>
    public (int Segment, int Item)? Find(ReadOnlySpan<byte> key, ulong hash)
    {
        for (int i = Segments.Count - 1; i >= 0; i--)
        {
            int item = Segments[i].Data.Find(key, hash, Segments[i].Removed);
            if (item >= 0)
                return (i, item);
        }
        return null;
    }

    /// <summary>Collects the ids of the live items that have one of these keys.</summary>
    public void CollectIds(TextColumn keys, HashSet<ulong> ids)
    {
        foreach (LoadedSegment segment in Segments)
            segment.Data.CollectIds(keys, segment.Removed, ids);
    }

    /// <summary>The id of the item at a place.</summary>
    public ulong IdOf((int Segment, int Item) place) => Segments[place.Segment].Data.Ids[place.Item];

    /// <summary>The item at a place.</summary>
    public IndexItem ToItem((int Segment, int Item) place)
    {
        Segment segment = Segments[place.Segment].Data;
        return new IndexItem(segment.Keys[place.Item], segment.LabelOf(place.Item), (long)segment.Ids[place.Item]) { Attributes = segment.AttributesOf(place.Item) };
    }

    /// <summary>The code of the item at a place.</summary>
    public BinaryCode CodeOf((int Segment, int Item) place) => Segments[place.Segment].Data.Codes[place.Item];

    protected override void Free()
    {
        foreach (LoadedSegment segment in Segments)
            segment.Data.Release();
    }

    private IEnumerable<(int Segment, int Item)> LiveItems(ItemFilter? filter) => Segments.Index().SelectMany(numbered =>
    {
        RowSet? allowed = filter is null ? null : numbered.Item.Data.Items.Matching(filter);
        return numbered.Item.LiveItems().Where(item => allowed?.Contains(item) ?? true).Select(item => (numbered.Index, item));
    });

    // A filter on an attribute that no item of the whole index has is a mistake; one that a segment's items do not have is none.
    private void RequireAttributes(ItemFilter? filter)
    {
        if (filter is null || Count == 0)
            return;
        foreach ((string name, bool isNumber) in filter.Attributes())
            if (!Segments.Any(segment => segment.Data.AttributeColumns.Has(name, isNumber)))
                throw ItemColumns.Missing(name, isNumber, [.. Segments.SelectMany(segment => segment.Data.AttributeColumns.Names(isNumber)).Distinct()]);
    }

    private (int Segment, int Item) Locate(long position)
    {
        int segment = firsts.Length - 1;
        while (firsts[segment] > position)
            segment--;
        return (segment, (int)(position - firsts[segment]));
    }
}
