namespace Tern.Index;

/// <summary>The files of an index folder, and the steps that make a commit durable.</summary>
internal sealed class IndexFolder(string path)
{
    private const string ManifestName = "manifest.json";
    private const string TemporaryName = "manifest.json.tmp";
    private const string LockName = "write.lock";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string ManifestPath => PathOf(ManifestName);

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>Takes the writer's lock; the system releases it when the process ends, however it ends.</summary>
    /// <exception cref="TernException">Someone else holds it, or the folder cannot be written.</exception>
    public FileStream Lock()
    {
        try
        {
            return new FileStream(PathOf(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        // EAGAIN on Linux and macOS, sharing violation
        catch (IOException cause) when (cause.HResult is 11 or 35 or unchecked((int)0x80070020))
        {
            throw new TernException(
                $"The index {Path} is open for writing elsewhere; there can be one writer. Close it, or open without Writable.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException(
                $"The index {Path} cannot be written: {cause.Message} Open it without Writable, or change its permissions.", cause);
        }
    }

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="TernException">There is none, or it is damaged or newer.</exception>
    public IndexManifest ReadManifest()
    {
        try
        {
            return IndexManifest.Parse(File.ReadAllBytes(ManifestPath));
        }
        catch (TernException cause)
        {
            throw new TernException($"{ManifestPath} cannot be used: {cause.Message}.", cause);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TernException($"{Path} is not an index: it has no {ManifestName}. Create one first.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{ManifestPath} cannot be read: {cause.Message}", cause);
        }
    }

    /// <summary>Puts a manifest in the place of the present one, in one step. All files it names must be on the disk.</summary>
    public void ReplaceManifest(IndexManifest manifest)
    {
        DurableDirectory.Flush(Path); // the names of new segments, before a manifest that needs them
        using (FileStream stream = new(PathOf(TemporaryName), FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(TextColumn.Utf8.GetBytes(manifest.ToJson()));
            stream.Flush(flushToDisk: true);
        }
        File.Move(PathOf(TemporaryName), ManifestPath, overwrite: true);
    }

    /// <summary>Deletes what the manifest does not name: leftovers of an interrupted commit, or segments that were merged.</summary>
    public void DeleteOthers(IndexManifest manifest)
    {
        HashSet<string> named = [.. manifest.Segments.Select(entry => entry.File)];
        if (manifest.Removed is { } removed)
            named.Add(removed.File);
        string[] ours = [.. Directory.GetFiles(Path, "segment-*.tern"), .. Directory.GetFiles(Path, "removed-*.tern"),
            PathOf(TemporaryName)];
        foreach (string file in ours)
            if (!named.Contains(System.IO.Path.GetFileName(file)))
                File.Delete(file);
    }
}
