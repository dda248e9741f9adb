namespace Tern.Durability;

/// <summary>The system's own. Folders must be on a local disk that honours fsync and flock.</summary>
internal sealed class DiskFileSystem : IFileSystem
{
    private DiskFileSystem()
    {
    }

    public static DiskFileSystem Instance { get; } = new();

    public void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(folder) is not { } above)
            throw new DirectoryNotFoundException($"There is no {folder}.");
        CreateFolder(above);
        Directory.CreateDirectory(folder);
        DurableDirectory.Flush(above);
    }

    public IReadOnlyList<string> List(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)] : [];

    public IWritableFile Create(string path) => new WritableFile(path, FileMode.Create);

    public IWritableFile Open(string path) => new WritableFile(path, FileMode.Open);

    public byte[] Read(string path, long start = 0)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        long length = Math.Max(stream.Length - start, 0);
        if (length > Array.MaxLength)
            throw new IOException($"{path} has {stream.Length} bytes, which is more than such a file can have.");
        byte[] bytes = new byte[length];
        stream.Position = start;
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false); // fewer where it has just been cut off
        return read == bytes.Length ? bytes : bytes[..read];
    }

    public Mapping Map(string path) => new MappedFile(path);

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void FlushFolder(string folder) => DurableDirectory.Flush(folder);

    public IDisposable? TryLock(string path) => FileLock.TryTake(path);

    private sealed class WritableFile : IWritableFile
    {
        private readonly FileStream stream;

        public WritableFile(string path, FileMode mode)
        {
            stream = new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            stream.Seek(0, SeekOrigin.End);
        }

        public long Length => stream.Length;

        public void Append(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

        public void Flush() => stream.Flush(flushToDisk: true);

        public void Truncate(long length)
        {
            stream.SetLength(length);
            stream.Position = length;
        }

        public void Dispose() => stream.Dispose();
    }
}
