namespace Tern;

/// <summary>A file that one process at a time holds; the system lets go of it when that process dies. It is never deleted, since another may have opened it to take it next.</summary>
internal static class FileLock
{
    /// <summary>Takes it, and makes the file if need be; null while another holds it.</summary>
    /// <exception cref="IOException">The file cannot be made or opened.</exception>
    public static IDisposable? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        // EAGAIN on Linux and macOS, sharing violation
        catch (IOException held) when (held.HResult is 11 or 35 or unchecked((int)0x80070020))
        {
            return null;
        }
    }

    /// <summary>Whether nobody holds it just now.</summary>
    public static bool IsFree(string path)
    {
        if (!File.Exists(path)) return true;
        using IDisposable? taken = TryTake(path);
        return taken is not null;
    }
}
