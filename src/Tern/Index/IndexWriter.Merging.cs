using Tern.Durability;

namespace Tern.Index;

internal sealed partial class IndexWriter
{
    /// <summary>Prepares to join segments.</summary>
    public Merge Begin(Snapshot present, int start, int end) =>
        new(present, [.. present.Files.Skip(start).Take(end - start)], NameOf("segment", nextFile++));

    /// <summary>Writes what they become. Needs no lock: it looks at nothing that changes.</summary>
    /// <exception cref="TernException">The disk refused, or a segment is damaged; the index is as before.</exception>
    public Merge Write(Merge merge, CancellationToken cancellation)
    {
        if (merge.Sources.All(source => source.Live == 0))
            return merge;
        try
        {
            FileEntry entry = SegmentWriter.Write(folder, merge.File, shape, merge.Sources, cancellation);
            return merge with { Entry = entry, Joined = Open(entry) };
        }
        catch (Exception cause)
        {
            folder.TryDelete(merge.File);
            if (cause is IOException or UnauthorizedAccessException)
                throw NotMerged(cause);
            throw;
        }
    }

    /// <summary>Puts it in the place of its sources, less what has been removed from these meanwhile; returns the index as it is then.</summary>
    /// <exception cref="TernException">The disk refused; the index is as before.</exception>
    public Snapshot Finish(Snapshot present, Merge merge)
    {
        List<LoadedSegment> segments = [];
        List<ulong> removed = [];
        int place = -1;
        foreach (LoadedSegment segment in present.Files)
        {
            int source = merge.IndexOf(segment);
            if (source < 0)
            {
                segments.Add(segment);
                continue;
            }
            place = place < 0 ? segments.Count : place;
            removed.AddRange(segment.RemovedSince(merge.Sources[source]));
        }
        foreach (LoadedSegment source in merge.Sources)
            if (!present.Files.Any(segment => segment.Entry == source.Entry)) // a commit has left it out, as all of it was removed meanwhile
                removed.AddRange(source.LiveItems().Select(item => source.Data.Ids[item]));
        if (place >= 0 && merge is { Entry: { } entry, Joined: { } joined } && new LoadedSegment(joined, entry).Without(removed) is { Live: > 0 } left)
            segments.Insert(place, left);
        else
            Drop(merge);
        try
        {
            IndexManifest manifest = Replace(present.Manifest, segments, present.Manifest.NextId, present.Manifest.Log);
            if (present.Recent is { } recents)
                segments.Add(recents);
            return new Snapshot(manifest, segments);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Drop(merge);
            throw NotMerged(cause);
        }
    }

    /// <summary>Gives a merge up.</summary>
    public void Drop(Merge merge)
    {
        merge.Joined?.Discard();
        TryDelete(merge.File);
    }

    private TernException NotMerged(Exception cause) => new(
        $"Segments of {folder.Path} could not be merged: {cause.Message} The index is as before; make room, and the next commit or compaction tries again.", cause);
}
