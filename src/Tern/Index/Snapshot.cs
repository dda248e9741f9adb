using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

/// <summary>The index as one commit left it. Never changes, so that a search needs no lock.</summary>
internal sealed class Snapshot
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
        }
        groups = new Lazy<LabelGroups>(() => new LabelGroups(segments));
    }

    public IndexManifest Manifest { get; }

    public IReadOnlyList<LoadedSegment> Segments { get; }

    public long Count { get; }

    /// <summary>Loads what the manifest names; segments that <paramref name="present"/> has already are shared.</summary>
    public static Snapshot Load(IndexFolder folder, Snapshot? present)
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

    private static Snapshot Load(IndexFolder folder, IndexManifest manifest, Snapshot? present)
    {
        List<LoadedSegment> segments = [];
        ulong next = 0;
        ulong[] removed = manifest.Removed is { } entry ? RemovedFile.Read(folder.PathOf(entry.File), entry) : [];
        foreach (FileEntry file in manifest.Segments)
        {
            Segment data = present?.Segments.FirstOrDefault(loaded => loaded.Entry == file)?.Data
                ?? SegmentFile.Read(folder.PathOf(file.File), manifest.Bits, file);
            if (data.Count > 0 && (data.Ids[0] < next || data.Ids[^1] >= manifest.NextId))
                throw new TernException(
                    $"{folder.PathOf(file.File)} holds ids out of order. Restore the folder from a copy, or rebuild the index.");
            next = data.Count > 0 ? data.Ids[^1] + 1 : next;
            segments.Add(new LoadedSegment(data, file, null, 0).Without(removed));
        }
        if (segments.Sum(segment => (long)segment.RemovedCount) != removed.Length)
            throw new TernException(
                $"{folder.PathOf(manifest.Removed!.File)} removes items that are not there. Restore the folder from a copy.");
        return new Snapshot(manifest, segments);
    }

    /// <summary>Makes hash tables for the segments that are large enough and have none.</summary>
    public void BuildTables(int threads)
    {
        foreach (LoadedSegment segment in Segments)
            segment.Data.BuildTables(threads);
    }

    /// <summary>Nearest items, by (distance, id): positions ascend with ids.</summary>
    public IndexAnswer Search(BinaryCode query, SearchOptions options)
    {
        if (query.Bits != Manifest.Bits)
            throw new TernException(
                $"The query has {query.Bits} bits and the index {Manifest.Bits}; "
                + $"use the model the index was made with ({Manifest.Model}).");
        SearchAnswer answer = PartSearch.Nearest(SearchPart.Of(Segments, options.Filter), query, new SearchRequest
        {
            Top = options.Top,
            Within = options.Within,
            GroupOf = options.OnePerLabel ? GroupOf : null,
            Plan = options.Plan,
            Threads = options.Threads,
        });
        return new IndexAnswer([.. answer.Neighbors.Select(ToResult)], answer.Explanation);
    }

    /// <summary>Groups of live items whose codes lie within a radius of each other, directly or through others.</summary>
    public IndexGroups Groups(int radius, JoinRequest request)
    {
        PackedCodes codes = new(Manifest.Bits);
        List<long> positions = [];
        for (int i = 0; i < firsts.Length; i++)
        {
            LoadedSegment segment = Segments[i];
            RowSet? allowed = request.Filter is { } filter ? segment.Data.Items.Matching(filter) : null;
            foreach (int item in segment.LiveItems().Where(item => allowed?.Contains(item) ?? true))
            {
                codes.Add(segment.Data.Codes.WordsOf(item));
                positions.Add(firsts[i] + item);
            }
        }
        GroupAnswer answer = CodeSearch.Over(codes, hashing: false).GroupsWithin(radius, request with { Filter = null });
        return new IndexGroups(
            [.. answer.Groups.Select(group => (IReadOnlyList<IndexItem>)[.. group.Select(row => ToItem(positions[(int)row]))])], answer.Explanation);
    }

    private long GroupOf(long position)
    {
        (int segment, int item) = Locate(position);
        return groups.Value.Of(segment, item, position);
    }

    private SearchResult ToResult(Neighbor neighbor)
    {
        IndexItem item = ToItem(neighbor.Position);
        return new SearchResult(item.Key, item.Label, neighbor.Distance, item.Id);
    }

    private IndexItem ToItem(long position)
    {
        (int number, int item) = Locate(position);
        Segment segment = Segments[number].Data;
        return new IndexItem(segment.Keys[item], segment.LabelOf(item), (long)segment.Ids[item]);
    }

    private (int Segment, int Item) Locate(long position)
    {
        int segment = firsts.Length - 1;
        while (firsts[segment] > position)
            segment--;
        return (segment, (int)(position - firsts[segment]));
    }
}
