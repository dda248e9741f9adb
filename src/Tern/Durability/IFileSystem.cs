namespace Tern.Durability;

/// <summary>
/// What an index asks of a file system. Tests put one in its place that fails, is full or loses power, so all that an index does to its files goes through here.
/// What does not work is an <see cref="IOException"/> or an <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IFileSystem
{
    /// <summary>Makes a folder and those above it, as far as they are not there, safe from a power loss.</summary>
    void CreateFolder(string folder);

    /// <summary>The names of what lies in a folder; none where there is no folder.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>A new file, in place of one of the same name.</summary>
    IWritableFile Create(string path);

    /// <summary>A file that is there, to go on at its end.</summary>
    IWritableFile Open(string path);

    /// <summary>What a file holds from an offset on; nothing beyond its end.</summary>
    byte[] Read(string path, long start = 0);

    /// <summary>A file as memory. It must not change as long as it is mapped; it may be deleted.</summary>
    Mapping Map(string path);

    /// <summary>Gives a file another name, in place of the file that has it, in one step.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file, if it is there.</summary>
    void Delete(string path);

    /// <summary>Makes the names in a folder safe from a power loss: those of new, of renamed and of deleted files.</summary>
    void FlushFolder(string folder);

    /// <summary>Takes a lock that the system gives back when the process ends, however it ends; null when somebody else holds it.</summary>
    IDisposable? TryLock(string path);
}

/// <summary>A file that grows.</summary>
internal interface IWritableFile : IDisposable
{
    /// <summary>Bytes in it.</summary>
    long Length { get; }

    /// <summary>Writes after the end. When it fails, some of the bytes may have been written.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Makes what was written safe from a power loss, but not the file's name.</summary>
    void Flush();

    /// <summary>Cuts the file off.</summary>
    void Truncate(long length);
}
