namespace Tern.Index;

/// <summary>Looks at every file of an index by itself, so that one damaged file does not hide another.</summary>
internal static class IndexVerification
{
    public static IReadOnlyList<string> Problems(IndexFolder folder)
    {
        List<string> problems = [];
        IndexManifest? manifest = null;
        Try(problems, () => manifest = folder.ReadManifest());
        if (manifest is null)
            return problems;
        foreach (FileEntry segment in manifest.Segments)
            Try(problems, () => SegmentFile.Read(folder.PathOf(segment.File), manifest.Bits, segment));
        if (manifest.Removed is { } removed)
            Try(problems, () => RemovedFile.Read(folder.PathOf(removed.File), removed));
        if (problems.Count == 0)
            Try(problems, () => RequireDistinctKeys(folder, Snapshot.Load(folder, null)));
        return problems;
    }

    private static void RequireDistinctKeys(IndexFolder folder, Snapshot snapshot)
    {
        HashSet<string> keys = [];
        foreach (LoadedSegment segment in snapshot.Segments)
            foreach (int item in segment.LiveItems())
                if (!keys.Add(segment.Data.Keys[item]))
                    throw new TernException(
                        $"{folder.PathOf(segment.Entry!.File)} holds the key \"{segment.Data.Keys[item]}\" a second time.");
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
            problems.Add($"{missing.FileName} is missing.");
        }
    }
}
