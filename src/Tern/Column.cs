namespace Tern;

/// <summary>
/// Values of one kind, back to back: in an array, of which the first <see cref="Length"/> count, or in a mapped file. Whoever holds a column of a mapped file sees to it that
/// the file stays mapped.
/// </summary>
internal readonly unsafe struct Column<T> where T : unmanaged
{
    private readonly T[]? array;
    private readonly T* mapped;

    public Column(T[] array, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)array.Length, nameof(length));
        this.array = array;
        Length = length;
    }

    public Column(T* mapped, long length)
    {
        this.mapped = mapped;
        Length = length;
    }

    public long Length { get; }

    /// <summary>All values; for columns of at most 2^31.</summary>
    public ReadOnlySpan<T> Span => Slice(0, checked((int)Length));

    public T this[int index] => Slice(index, 1)[0];

    public ReadOnlySpan<T> Slice(long start, int length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"{length} values from {start} on, of {Length}");
        return array is null ? new ReadOnlySpan<T>(mapped + start, length) : array.AsSpan((int)start, length);
    }

    public static implicit operator Column<T>(T[] array) => new(array, array.Length);
}
