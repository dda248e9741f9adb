namespace Tern.Encoding.Graphs;

/// <summary>
/// Memory of one or more tensors: 64-byte aligned, and pinned, so that kernels may keep plain pointers into it for as long as
/// they hold the object. Several tensors share one storage when they differ in shape only.
/// </summary>
internal sealed unsafe class Storage
{
    private const int Alignment = 64;

    // A tile may read past the last value it needs, by less than its width.
    private const int Slack = Kernels.Tile.MostColumns * sizeof(float);
    private readonly byte[] bytes;
    private readonly int start;

    public Storage(long length)
    {
        bytes = GC.AllocateUninitializedArray<byte>(checked((int)length + Alignment + Slack), pinned: true);
        fixed (byte* address = bytes)
            start = (int)(-(nint)address & (Alignment - 1));
        Capacity = (int)length;
    }

    /// <summary>The most bytes one tensor can take, within what .NET allows of an array.</summary>
    public static long Largest => Array.MaxLength - Alignment - Slack;

    public int Capacity { get; }

    /// <summary>How many live values of a run point here; counted for storage lent by a <see cref="Workspace"/> only.</summary>
    public int Users { get; set; }

    /// <summary>The workspace takes it back when the last user is gone; false for constants and for what the caller owns.</summary>
    public bool Lent { get; set; }

    public Span<byte> Bytes => bytes.AsSpan(start, Capacity);

    public byte* Address
    {
        get
        {
            fixed (byte* address = bytes)
                return address + start;
        }
    }
}
