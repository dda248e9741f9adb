using System.Runtime.InteropServices;

namespace Tern.Durability;

/// <summary>Makes the names in a directory durable: on Unix a new or renamed file survives a power loss only once its directory is
/// flushed.</summary>
internal static partial class DurableDirectory
{
    /// <summary>Flushes a directory to the disk. Does nothing on Windows, where renaming writes through.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(path, 0);
        if (descriptor < 0)
            throw Failure("opened", path);
        try
        {
            if (FSync(descriptor) != 0)
                throw Failure("flushed to the disk", path);
        }
        finally
        {
            _ = Close(descriptor); // it was only read; there is nothing left to lose
        }
    }

    private static IOException Failure(string verb, string path) =>
        new($"The directory {path} could not be {verb}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int readOnly);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
