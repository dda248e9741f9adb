using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Tern.Durability;

/// <summary>A file's bytes as memory, until it is freed.</summary>
internal abstract unsafe class Mapping
{
    /// <summary>Bytes in the file.</summary>
    public long Length { get; protected init; }

    /// <summary>Where they are.</summary>
    protected byte* Start { get; init; }

    /// <summary>Values of a kind, from a byte on.</summary>
    public Column<T> Values<T>(long start, long count) where T : unmanaged
    {
        if (start < 0 || count < 0 || start > Length || count > (Length - start) / sizeof(T))
            throw new ArgumentOutOfRangeException(nameof(start), $"{count} values from byte {start} on, of {Length} bytes");
        return new Column<T>((T*)(Start + start), count);
    }

    /// <summary>Lets the system use the memory of some bytes for something else until they are read again.</summary>
    public virtual void Rest(long start, long length)
    {
    }

    /// <summary>Gives the memory back. Nobody may read it from now on.</summary>
    public abstract void Free();
}

/// <summary>A file mapped by the system: its pages are read when they are touched, and every process that maps it shares them.</summary>
internal sealed unsafe partial class MappedFile : Mapping
{
    private const int DontNeed = 4; // MADV_DONTNEED: of a mapped file its pages, not its content

    private readonly MemoryMappedViewAccessor? view;
    private int freed;

    public MappedFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        Length = stream.Length;
        if (Length == 0)
            return; // no system maps nothing
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + view.PointerOffset;
    }

    ~MappedFile() => Free();

    // Whole pages alone: what lies beside the bytes may be in use. Where the system knows of no such advice, it takes what it needs by itself.
    public override void Rest(long start, long length)
    {
        long page = Environment.SystemPageSize, first = ((long)Start + start + page - 1) / page * page, end = ((long)Start + start + length) / page * page;
        if (OperatingSystem.IsLinux() && end > first)
            _ = Advise((byte*)first, (nuint)(end - first), DontNeed);
    }

    public override void Free()
    {
        if (Interlocked.Exchange(ref freed, 1) != 0 || view is null)
            return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* start, nuint length, int advice);
}
