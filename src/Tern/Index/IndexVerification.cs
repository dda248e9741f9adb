using Tern.Durability;

namespace Tern.Index;

/// <summary>Looks at every file of an index by itself, so that one damaged file does not hide another.</summary>
internal static class IndexVerification
{
    /// <summary>What is wrong, one line each. Where a writer has put other files in their place meanwhile, those are looked at.</summary>
    public static IReadOnlyList<string> Problems(IndexFolder folder, CancellationToken cancellation)
    {
        for (string? manifest = ManifestOf(folder), newer; ; manifest = newer)
        {
            IReadOnlyList<string> problems = Found(folder, cancellation);
            newer = problems.Count == 0 ? manifest : ManifestOf(folder);
            if (newer == manifest)
                return problems;
        }
    }

    private static string? ManifestOf(IndexFolder folder)
    {
        try { return folder.ReadManifest().Sha256; }
        catch (TernException) { return null; }
    }

    private static IReadOnlyList<string> Found(IndexFolder folder, CancellationToken cancellation)
    {
        List<string> problems = [];
        IndexManifest? manifest = null;
        Try(problems, () => manifest = folder.ReadManifest());
        if (manifest is null)
            return problems;

        IndexShape shape = new(manifest.Bits, manifest.Descriptor);
        (ulong Next, ulong End) ids = (0, manifest.NextId);
        List<LoadedSegment> segments = [];
        try
        {
            foreach (FileEntry entry in manifest.Segments)
                Try(problems, () =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    Segment segment = SegmentFile.Open(folder, shape, entry, ref ids);
                    segments.Add(new LoadedSegment(segment, entry));
                    SegmentFile.RequireSound(segment, folder.PathOf(entry.File));
                });
            if (manifest.Removed is { } removed)
                Try(problems, () => RequireSound(folder, removed, manifest, segments));
            Try(problems, () => RecentItems.Read(folder, manifest, shape));
        }
        finally
        {
            segments.ForEach(segment => segment.Data.Discard());
        }
        if (problems.Count == 0)
            Try(problems, () => RequireDistinctKeys(folder));
        return problems;
    }

    // Where a segment could not be opened, only the file's own checksum can be judged.
    private static void RequireSound(IndexFolder folder, FileEntry removed, IndexManifest manifest, IReadOnlyList<LoadedSegment> segments)
    {
        if (segments.Count == manifest.Segments.Count)
            RemovedFile.Read(folder, removed, segments);
        else
            RemovedFile.ReadContent(folder, removed);
    }

    private static void RequireDistinctKeys(IndexFolder folder)
    {
        (Snapshot snapshot, _) = Snapshot.Load(folder, null);
        snapshot.Hold();
        try
        {
            for (int i = 0; i < snapshot.Segments.Count; i++)
            {
                Segment data = snapshot.Segments[i].Data;
                foreach (int item in snapshot.Segments[i].LiveItems())
                    if (snapshot.Find(data.Keys.Utf8Of(item), KeyTable.Hash(data.Keys.Utf8Of(item))) != (i, item))
                        throw DamagedFile.Error(folder.Path, $"there is more than one item with the key \"{data.Keys[item]}\"");
            }
        }
        finally
        {
            snapshot.Release();
        }
    }

    private static void Try(List<string> problems, Action check)
    {
        try
        {
            check();
        }
        catch (TernException problem)
        {
            problems.Add(problem.Message);
        }
        catch (FileNotFoundException missing)
        {
            problems.Add($"{missing.FileName} is missing. Restore it from a copy, or rebuild the index.");
        }
    }
}
