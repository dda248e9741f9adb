namespace Tern.Durability;

/// <summary>The files of an index folder by name, and the step that puts one manifest in the place of another.</summary>
internal sealed class IndexFolder(string path, IFileSystem files)
{
    private const string ManifestName = "manifest.json";
    private const string TemporaryName = "manifest.json.tmp";
    private const string LockName = "write.lock";
    private static readonly string[] Numbered = ["segment-", "removed-", "log-"];

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public IFileSystem Files { get; } = files;

    public string ManifestPath => PathOf(ManifestName);

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>Takes the writer's lock.</summary>
    /// <exception cref="TernException">Someone else holds it, or the folder cannot be written.</exception>
    public IDisposable Lock()
    {
        try
        {
            return Files.TryLock(PathOf(LockName))
                ?? throw new TernException($"The index {Path} is open for writing elsewhere; there can be one writer. Close it, or open without Writable.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"The index {Path} cannot be written: {cause.Message} Open it without Writable, or change its permissions.", cause);
        }
    }

    /// <summary>Whether nothing lies here but what an interrupted creation may have left.</summary>
    public bool IsFree() => Files.List(Path).All(name => IsOurs(name) || name == LockName);

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="TernException">There is none, or it is damaged, older or newer.</exception>
    public IndexManifest ReadManifest()
    {
        try
        {
            return IndexManifest.Parse(Files.Read(ManifestPath));
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

    /// <summary>Puts a manifest in the place of the present one, in one step. What all files it names hold must be on the disk.</summary>
    public void ReplaceManifest(IndexManifest manifest)
    {
        Flush(); // the names of new files, before a manifest that needs them
        using (IWritableFile file = Files.Create(PathOf(TemporaryName)))
        {
            file.Append(System.Text.Encoding.UTF8.GetBytes(manifest.ToJson()));
            file.Flush();
        }
        Files.Rename(PathOf(TemporaryName), ManifestPath);
    }

    /// <summary>Makes the names of the files safe from a power loss.</summary>
    public void Flush() => Files.FlushFolder(Path);

    /// <summary>Deletes what the manifest does not name: leftovers of an interrupted commit, or segments that were merged.</summary>
    public void DeleteOthers(IndexManifest manifest)
    {
        HashSet<string> named = [.. manifest.Files];
        foreach (string name in Files.List(Path))
            if (IsOurs(name) && !named.Contains(name))
                Files.Delete(PathOf(name));
    }

    /// <summary>Deletes a file; false if the system refuses for now.</summary>
    public bool TryDelete(string file)
    {
        try
        {
            Files.Delete(PathOf(file));
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsOurs(string name) => name == TemporaryName
        || (name.EndsWith(".tern", StringComparison.Ordinal) && Array.Exists(Numbered, kind => name.StartsWith(kind, StringComparison.Ordinal)
            && name.Length > kind.Length + ".tern".Length && name[kind.Length..^".tern".Length].All(char.IsAsciiDigit)));
}
