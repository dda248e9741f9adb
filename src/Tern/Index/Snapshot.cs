using Tern.Codes;

namespace Tern.Index;

/// <summary>The index as one commit left it. Never changes, so that a search needs no lock.</summary>
internal sealed class Snapshot
{
    private readonly ScanPart[] parts;

    public Snapshot(IndexManifest manifest, IReadOnlyList<LoadedSegment> segments)
    {
        Manifest = manifest;
        Segments = segments;
        parts = new ScanPart[segments.Count];
        long first = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = segments[i].Part(first);
            first += segments[i].Data.Count;
            Count += segments[i].Live;
        }
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

    /// <summary>Nearest items, by (distance, id): positions ascend with ids.</summary>
    public IReadOnlyList<SearchResult> Search(BinaryCode query, SearchOptions options)
    {
        if (query.Bits != Manifest.Bits)
            throw new TernException(
                $"The query has {query.Bits} bits and the index {Manifest.Bits}; "
                + $"use the model the index was made with ({Manifest.Model}).");
        return [.. HammingScan.Nearest(parts, query, options.Top, options.Within, options.Threads).Select(ToResult)];
    }

    private SearchResult ToResult(Neighbor neighbor)
    {
        int part = parts.Length - 1;
        while (parts[part].First > neighbor.Position)
            part--;
        Segment segment = Segments[part].Data;
        int item = (int)(neighbor.Position - parts[part].First);
        return new SearchResult(segment.Keys[item], segment.LabelOf(item), neighbor.Distance, (long)segment.Ids[item]);
    }
}
