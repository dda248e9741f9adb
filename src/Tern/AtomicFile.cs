using Tern.Durability;

namespace Tern;

/// <summary>Replaces a file in one step: written beside it, flushed to disk, renamed over it, the rename flushed too. Whoever reads sees the old or the new, never half.</summary>
internal static class AtomicFile
{
    /// <summary>Writes what <paramref name="write"/> writes. A full disk or a read-only folder is a <see cref="TernException"/>, and the old file stays.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = path + ".new", folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream stream = File.Create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            DurableDirectory.Flush(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new TernException($"{path} cannot be written: {error.Message.TrimEnd('.')}. What was there before is untouched; free some space or choose another folder, then run again", error);
        }
    }

    /// <summary>Writes text as UTF-8.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static void TryDelete(string path)
    {
        try { File.Delete(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }      // the first error is the one to tell
    }
}
