using Tern.Durability;

namespace Tern.Index;

internal sealed partial class Snapshot
{
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
                segments.Add(new LoadedSegment(data, entry));
            }
            if (manifest.Removed is { } removed)
                segments = [.. RemovedFile.Read(folder, removed, segments)];
            RecentItems recent = RecentItems.Read(folder, manifest, shape);
            if (recent.Added.Count > 0)
                segments.Add(new LoadedSegment(recent.Added.View(), null));
            return (new Snapshot(manifest, [.. segments.Select(segment => segment.Without(recent.Removed))]), recent);
        }
        catch
        {
            foreach (Segment segment in opened)
                segment.Discard();
            throw;
        }
    }
}
