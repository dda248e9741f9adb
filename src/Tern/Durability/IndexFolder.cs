namespace Tern.Durability;

/// <summary>A file that an index has beside it from its first moment on, such as the model its codes come from.</summary>
internal sealed record CompanionFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>The files of an index folder by name, and the step that puts one manifest in the place of another.</summary>
internal sealed class IndexFolder(string path, IFileSystem files)
{
    /// <summary>The log that an index begins with.</summary>
    public const string FirstLog = "log-00000001.tern";

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

    /// <summary>Whether nothing lies here but what an interrupted creation may have left. An index that has lost its manifest is not that.</summary>
    /// <param name="companion">The name of the file that the creation puts beside the index, if there is one. It comes after the first log: without it, it is somebody else's.</param>
    public bool IsFree(string? companion = null)
    {
        IReadOnlyList<string> names = Files.List(Path);
        bool begun = names.Contains(FirstLog);
        return names.All(name => name is FirstLog or TemporaryName or LockName || (begun && name == companion));
    }

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
            throw new TernException($"{Path} is not an index: it has no {ManifestName}. Create one first; if it was an index, restore that file from a copy.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw UnreadableFile.Error(ManifestPath, cause);
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

    /// <summary>Whether this manifest is surely the present one: a renaming may have been done although the system reported an error.</summary>
    public bool Holds(IndexManifest manifest)
    {
        try
        {
            return ReadManifest().Sha256 == manifest.Sha256;
        }
        catch (TernException)
        {
            return false;
        }
    }

    /// <summary>Makes the names of the files safe from a power loss.</summary>
    public void Flush() => Files.FlushFolder(Path);

    /// <summary>
    /// Deletes what the manifest does not name: leftovers of an interrupted commit, or segments that were merged. What the system refuses to delete harms nobody; the next writer tries again.
    /// </summary>
    public void DeleteOthers(IndexManifest manifest)
    {
        HashSet<string> named = [.. manifest.Files];
        foreach (string name in Files.List(Path))
            if (IsOurs(name) && !named.Contains(name))
                TryDelete(name);
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

    /// <summary>Writes a file that lies beside the index from its first moment on. Its name is safe once the folder is flushed.</summary>
    public void Write(CompanionFile companion)
    {
        using IWritableFile file = Files.Create(PathOf(companion.Name));
        file.Append(companion.Content.Span);
        file.Flush();
    }

    private static bool IsOurs(string name) => name == TemporaryName || IsNumbered(name);

    private static bool IsNumbered(string name) => name.EndsWith(".tern", StringComparison.Ordinal)
        && Array.Exists(Numbered, kind => name.StartsWith(kind, StringComparison.Ordinal)
            && name.Length > kind.Length + ".tern".Length && name[kind.Length..^".tern".Length].All(char.IsAsciiDigit));
}
