using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tern.Search;

/// <summary>How a component of a stored descriptor is kept.</summary>
public enum DescriptorPrecision
{
    /// <summary>Four bytes, as it came.</summary>
    Float32,

    /// <summary>Two bytes: eleven bits of it.</summary>
    Float16,

    /// <summary>One byte: in 127 steps of the largest component of its descriptor.</summary>
    Int8,
}

/// <summary>What the descriptors of a collection have in common.</summary>
/// <param name="Length">Components of one, 1 to 8192.</param>
/// <param name="Precision">How a component is kept.</param>
public sealed record DescriptorShape(int Length, DescriptorPrecision Precision)
{
    /// <summary>Bytes of one.</summary>
    internal int Bytes => Length * (Precision switch { DescriptorPrecision.Float32 => 4, DescriptorPrecision.Float16 => 2, _ => 1 });

    /// <exception cref="TernException">There are none of this shape.</exception>
    internal void Require()
    {
        if (Length is < 1 or > Descriptors.MaxLength)
            throw new TernException($"A descriptor has 1 to {Descriptors.MaxLength} components; got {Length}.");
        if (!Enum.IsDefined(Precision))
            throw new TernException($"A descriptor is kept as Float32, Float16 or Int8; got {Precision}.");
    }
}

/// <summary>The descriptors of a collection's items, what a network says of a picture before it becomes a code: to put the nearest codes into finer order. Kept with length
/// one, so that what compares two is their cosine.</summary>
/// <remarks>Not safe for adding while another thread reads.</remarks>
public sealed class Descriptors
{
    /// <summary>The longest descriptor.</summary>
    public const int MaxLength = 8192;

    private readonly DescriptorShape shape;
    private readonly int size;      // bytes of one
    private byte[] data = [];       // what can be appended to
    private Column<byte> all;       // [Count, size]: the bytes of ours that count, or those of a mapped file

    /// <summary>No descriptors yet.</summary>
    /// <param name="length">How many components each has, 1 to 8192.</param>
    /// <param name="precision">How they are kept.</param>
    /// <exception cref="TernException">The length is another.</exception>
    public Descriptors(int length, DescriptorPrecision precision) : this(new DescriptorShape(length, precision), default)
    {
    }

    /// <summary>Those of a file or a buffer, [N, bytes of one].</summary>
    internal Descriptors(DescriptorShape shape, Column<byte> all)
    {
        shape.Require();
        (this.shape, size) = (shape, shape.Bytes);
        this.all = all;
        Count = (int)(all.Length / size);
    }

    /// <summary>Components of one.</summary>
    public int Length => shape.Length;

    /// <summary>How a component is kept.</summary>
    public DescriptorPrecision Precision => shape.Precision;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes all of them take.</summary>
    public long Bytes => (long)Count * size;

    /// <summary>Appends a descriptor [Length].</summary>
    /// <exception cref="TernException">Its length is another, it has no direction, a component is not a finite number, or there is no room for more than 2 GB.</exception>
    public void Add(ReadOnlySpan<float> descriptor)
    {
        long used = Bytes, needed = used + size;
        if (needed > Array.MaxLength)
            throw new TernException($"{Count + 1} descriptors of {size} bytes do not fit one list; split the collection or keep them in fewer bytes.");
        if (needed > data.Length)
        {
            byte[] grown = new byte[(int)Math.Min(Math.Max(2 * used, needed), Array.MaxLength)];
            all.Span.CopyTo(grown);
            data = grown;
        }
        Encode(descriptor, data.AsSpan((int)used, size));
        all = new Column<byte>(data, (int)needed);
        Count++;
    }

    /// <summary>A descriptor [Length] as it is kept.</summary>
    /// <exception cref="TernException">Its length is another, it has no direction, or a component is not a finite number.</exception>
    internal void Encode(ReadOnlySpan<float> descriptor, Span<byte> stored)
    {
        Span<float> unit = stackalloc float[Length];
        ToUnitLength(descriptor, unit);
        EncodeUnit(unit, stored);
    }

    /// <summary>A direction: the descriptor divided by its Euclidean length.</summary>
    internal void ToUnitLength(ReadOnlySpan<float> descriptor, Span<float> unit)
    {
        if (descriptor.Length != Length)
            throw new TernException($"The descriptor has {descriptor.Length} components and the stored ones {Length}; make both with the same model.");
        double squares = 0;
        foreach (float component in descriptor)
            squares += (double)component * component;
        if (!double.IsFinite(squares) || squares == 0)
            throw new TernException("A descriptor must have a direction: finite components, not all 0.");
        double norm = Math.Sqrt(squares);
        for (int i = 0; i < Length; i++)
            unit[i] = (float)(descriptor[i] / norm);
    }

    /// <summary>The cosine of stored descriptor <paramref name="row"/> and a query of length one, the same on every machine.</summary>
    internal float Cosine(ReadOnlySpan<float> unitQuery, int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        ReadOnlySpan<byte> stored = all.Slice((long)row * size, size);
        if (Precision == DescriptorPrecision.Float32)
            return Dot(unitQuery, MemoryMarshal.Cast<byte, float>(stored));

        Span<float> decoded = stackalloc float[Length];
        Decode(stored, decoded);
        if (Precision == DescriptorPrecision.Float16)
            return Dot(unitQuery, decoded);
        float squares = Dot(decoded, decoded); // steps have no unit of their own
        return squares == 0 ? 0 : (float)(Dot(unitQuery, decoded) / Math.Sqrt(squares));
    }

    private void EncodeUnit(ReadOnlySpan<float> unit, Span<byte> stored)
    {
        if (Precision == DescriptorPrecision.Float32)
        {
            unit.CopyTo(MemoryMarshal.Cast<byte, float>(stored));
        }
        else if (Precision == DescriptorPrecision.Float16)
        {
            Span<Half> halves = MemoryMarshal.Cast<byte, Half>(stored);
            for (int i = 0; i < unit.Length; i++)
                halves[i] = (Half)unit[i];
        }
        else
        {
            float largest = 0;
            foreach (float component in unit)
                largest = Math.Max(largest, Math.Abs(component));
            for (int i = 0; i < unit.Length; i++)
                stored[i] = (byte)(sbyte)MathF.Round(unit[i] / largest * 127);
        }
    }

    private void Decode(ReadOnlySpan<byte> stored, Span<float> components)
    {
        if (Precision == DescriptorPrecision.Float16)
        {
            ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(stored);
            for (int i = 0; i < components.Length; i++)
                components[i] = (float)halves[i];
        }
        else
        {
            for (int i = 0; i < components.Length; i++)
                components[i] = (sbyte)stored[i];
        }
    }

    // Eight sums of every eighth product, whatever the width of the machine's vectors: rounding depends on the order.
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector256<float> sums = Vector256<float>.Zero;
        int whole = a.Length / 8 * 8;
        for (int i = 0; i < whole; i += 8)
            sums += Vector256.Create(a[i..(i + 8)]) * Vector256.Create(b[i..(i + 8)]);
        float rest = 0;
        for (int i = whole; i < a.Length; i++)
            rest += a[i] * b[i];
        for (int lane = 0; lane < 8; lane++)
            rest += sums[lane];
        return rest;
    }
}
