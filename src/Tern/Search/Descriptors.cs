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

/// <summary>The descriptors of a collection's items, what a network says of a picture before it becomes a code: to put the nearest codes into finer order. Kept with length
/// one, so that what compares two is their cosine.</summary>
/// <remarks>Not safe for adding while another thread reads.</remarks>
public sealed class Descriptors
{
    /// <summary>The longest descriptor.</summary>
    public const int MaxLength = 8192;

    private readonly int size; // bytes of one
    private byte[] data = [];  // [Count, size]

    /// <summary>No descriptors yet.</summary>
    /// <param name="length">How many components each has, 1 to 8192.</param>
    /// <param name="precision">How they are kept.</param>
    /// <exception cref="TernException">The length is another.</exception>
    public Descriptors(int length, DescriptorPrecision precision)
    {
        if (length is < 1 or > MaxLength)
            throw new TernException($"A descriptor has 1 to {MaxLength} components; got {length}.");
        (Length, Precision) = (length, precision);
        size = length * (precision switch { DescriptorPrecision.Float32 => 4, DescriptorPrecision.Float16 => 2, _ => 1 });
    }

    /// <summary>Components of one.</summary>
    public int Length { get; }

    /// <summary>How a component is kept.</summary>
    public DescriptorPrecision Precision { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes all of them take.</summary>
    public long Bytes => (long)Count * size;

    /// <summary>Appends a descriptor [Length].</summary>
    /// <exception cref="TernException">Its length is another, it has no direction, a component is not a finite number, or there is no room for more than 2 GB.</exception>
    public void Add(ReadOnlySpan<float> descriptor)
    {
        Span<float> unit = stackalloc float[Length];
        ToUnitLength(descriptor, unit);
        long used = Bytes, needed = used + size;
        if (needed > Array.MaxLength)
            throw new TernException($"{Count + 1} descriptors of {size} bytes do not fit one list; split the collection or keep them in fewer bytes.");
        if (needed > data.Length)
            Array.Resize(ref data, (int)Math.Min(Math.Max(2L * data.Length, needed), Array.MaxLength));
        Encode(unit, data.AsSpan((int)used, size));
        Count++;
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
        ReadOnlySpan<byte> stored = data.AsSpan((int)((long)row * size), size);
        if (Precision == DescriptorPrecision.Float32)
            return Dot(unitQuery, MemoryMarshal.Cast<byte, float>(stored));

        Span<float> decoded = stackalloc float[Length];
        Decode(stored, decoded);
        return Precision == DescriptorPrecision.Float16
            ? Dot(unitQuery, decoded)
            : (float)(Dot(unitQuery, decoded) / Math.Sqrt(Dot(decoded, decoded))); // steps have no unit of their own
    }

    private void Encode(ReadOnlySpan<float> unit, Span<byte> stored)
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
