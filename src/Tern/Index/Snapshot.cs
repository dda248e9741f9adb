using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>The index as one commit left it. Never changes, so that a search needs no lock; whoever reads it holds it, so that its files stay mapped.</summary>
internal sealed class Snapshot : Counted
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

    /// <summary>Opens what a folder's manifest names; segments that are open already are shared.</summary>
    public static (Snapshot Snapshot, RecentItems Recent) Load(IndexFolder folder, Snapshot? present)
    {
        for (IndexManifest manifest = folder.ReadManifest(); ;)
        {
            try
            {
                return Load(folder, manifest, present);
            }
            catch (FileNotFoundException cause)
            {
                // A writer may have merged the segment away since the manifest was read; the new manifest then says so.
                IndexManifest newer = folder.ReadManifest();
                if (newer.Sha256 == manifest.Sha256)
                    throw new TernException($"{cause.FileName} is missing. Restore it from a copy, or rebuild the index.", cause);
                manifest = newer;
            }
        }
    }

    /// <summary>What a writer elsewhere has made of this; this one if nothing.</summary>
    public (Snapshot Snapshot, RecentItems Recent) Refreshed(IndexFolder folder, RecentItems recent)
    {
        if (folder.ReadManifest().Sha256 != Manifest.Sha256)
            return Load(folder, this);
        int before = recent.Removed.Count;
        try
        {
            return recent.ReadOn() ? (Next(recent.Removed[before..], recent.Added), recent) : (this, recent);
        }
        catch (FileNotFoundException)
        {
            return Load(folder, this); // the log's items have just become a segment
        }
    }

    /// <summary>The same after a further commit to the log.</summary>
    /// <param name="removed">Ids of items that it removed.</param>
    /// <param name="added">All items that the log holds.</param>
    public Snapshot Next(IReadOnlyCollection<ulong> removed, ItemBuffer added)
    {
        List<LoadedSegment> segments = [.. Files];
        if (added.Count > 0)
            segments.Add(Recent is { } recent ? recent.Grown(added.View()) : new LoadedSegment(added.View(), null, null, 0));
        return new Snapshot(Manifest, [.. segments.Select(segment => segment.Without(removed))]);
    }

    /// <summary>Makes hash tables for the segments that are large enough and have none.</summary>
    public void BuildTables(int threads)
    {
        foreach (LoadedSegment segment in Files)
            segment.Data.BuildTables(threads);
    }

    /// <summary>Nearest items, by (distance, id): positions ascend with ids.</summary>
    public IndexAnswer Search(BinaryCode query, SearchOptions options)
    {
        if (query.Bits != Manifest.Bits)
            throw new TernException(
                $"The query has {query.Bits} bits and the index {Manifest.Bits}; use the model the index was made with ({Manifest.Model}).");
        options.Require(Manifest.Descriptor);
        RequireAttributes(options.Filter);
        if (options.OnePerLabel)
            _ = groups.Value; // if the labels are damaged, it is told here and not by another thread
        SearchAnswer answer = PartSearch.Nearest(SearchPart.Of(Segments, options.Filter), query, new SearchRequest
        {
            Top = options.Candidates,
            Within = options.Within,
            GroupOf = options.OnePerLabel ? GroupOf : null,
            Plan = options.Plan,
            Threads = options.Threads,
        });
        IEnumerable<SearchResult> found = answer.Neighbors.Select(ToResult);
        if (options.RerankAmong is not null)
            found = Reranked(answer.Neighbors, options.Descriptor.Span);
        return new IndexAnswer([.. found.Skip(options.Skip).Take(options.Top ?? int.MaxValue)], answer.Explanation);
    }

    /// <summary>Groups of live items whose codes lie within a radius of each other, directly or through others.</summary>
    public IndexGroups Groups(int radius, JoinRequest request)
    {
        RequireAttributes(request.Filter);
        PackedCodes codes = new(Manifest.Bits);
        List<long> positions = [];
        foreach ((int segment, int item) in LiveItems(request.Filter))
        {
            codes.Add(Segments[segment].Data.Codes.WordsOf(item));
            positions.Add(firsts[segment] + item);
        }
        GroupAnswer answer = CodeSearch.Over(codes, hashing: false).GroupsWithin(radius, request with { Filter = null });
        return new IndexGroups(
            [.. answer.Groups.Select(group => (IReadOnlyList<IndexItem>)[.. group.Select(row => ToItem(Locate(positions[(int)row])))])], answer.Explanation);
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

    private static (Snapshot, RecentItems) Load(IndexFolder folder, IndexManifest manifest, Snapshot? present)
    {
        IndexShape shape = new(manifest.Bits, manifest.Descriptor);
        (ulong Next, ulong End) ids = (0, manifest.NextId);
        List<Segment> opened = [];
        try
        {
            List<LoadedSegment> segments = [];
            foreach (FileEntry entry in manifest.Segments)
            {
                Segment? data = present?.Segments.FirstOrDefault(loaded => loaded.Entry == entry)?.Data;
                if (data is null)
                    opened.Add(data = SegmentFile.Open(folder, shape, entry, ref ids));
                segments.Add(new LoadedSegment(data, entry, null, 0));
            }
            if (manifest.Removed is { } removed)
                segments = [.. RemovedFile.Read(folder, removed, segments)];
            RecentItems recent = RecentItems.Read(folder, manifest, shape);
            if (recent.Added.Count > 0)
                segments.Add(new LoadedSegment(recent.Added.View(), null, null, 0));
            return (new Snapshot(manifest, [.. segments.Select(segment => segment.Without(recent.Removed))]), recent);
        }
        catch
        {
            foreach (Segment segment in opened)
                segment.Discard();
            throw;
        }
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

    private IEnumerable<SearchResult> Reranked(IReadOnlyList<Neighbor> nearest, ReadOnlySpan<float> query)
    {
        DescriptorShape shape = Manifest.Descriptor!;
        float[] unit = new float[shape.Length];
        new Descriptors(shape.Length, shape.Precision).ToUnitLength(query, unit);
        return nearest
            .Select(neighbor => ToResult(neighbor) with { Cosine = CosineOf(Locate(neighbor.Position), unit) })
            .OrderByDescending(result => result.Cosine).ThenBy(result => result.Id);
    }

    private float CosineOf((int Segment, int Item) place, float[] unit) => Segments[place.Segment].Data.Descriptors.Cosine(unit, place.Item);

    private long GroupOf(long position)
    {
        (int segment, int item) = Locate(position);
        return groups.Value.Of(segment, item, position);
    }

    private SearchResult ToResult(Neighbor neighbor)
    {
        IndexItem item = ToItem(Locate(neighbor.Position));
        return new SearchResult(item.Key, item.Label, neighbor.Distance, item.Id) { Attributes = item.Attributes };
    }

    private (int Segment, int Item) Locate(long position)
    {
        int segment = firsts.Length - 1;
        while (firsts[segment] > position)
            segment--;
        return (segment, (int)(position - firsts[segment]));
    }
}
