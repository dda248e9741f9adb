using System.Runtime.InteropServices;
using Tern.Encoding.Graphs;

namespace Tern.Encoding;

/// <summary>A dense array of numbers with a shape, row-major. What goes into and comes out of an <see cref="OnnxSession"/>.</summary>
public sealed class OnnxTensor
{
    private readonly int[] shape;

    internal OnnxTensor(OnnxElementType elementType, int[] shape, Storage storage)
    {
        ElementType = elementType;
        this.shape = shape;
        Length = (int)Shapes.Count(shape);
        Storage = storage;
    }

    /// <summary>The type of the elements.</summary>
    public OnnxElementType ElementType { get; }

    /// <summary>The extent of every axis, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => shape;

    /// <summary>The number of elements, the product of <see cref="Shape"/>.</summary>
    public int Length { get; }

    internal Storage Storage { get; }

    internal int Rank => shape.Length;

    /// <summary>
    /// A tensor holding a copy of <paramref name="values"/> (float, byte, int, long, bool or double), of the given shape.
    /// </summary>
    /// <exception cref="TernException">The shape does not hold that many values, or the type has no ONNX counterpart here.</exception>
    public static OnnxTensor Create<T>(ReadOnlySpan<T> values, params ReadOnlySpan<int> shape) where T : unmanaged
    {
        if (ElementTypes.Of<T>() is not { } type)
            throw new TernException($"A tensor cannot hold {typeof(T).Name}; use float, byte, int, long, bool or double.");
        if (Shapes.Count(shape) != values.Length)
            throw new TernException($"A tensor of shape {Shapes.Text(shape)} holds {Shapes.Count(shape)} values; got {values.Length}.");
        OnnxTensor tensor = Allocate(type, shape);
        values.CopyTo(tensor.Span<T>());
        return tensor;
    }

    /// <summary>The elements in row-major order.</summary>
    /// <exception cref="TernException"><typeparamref name="T"/> is not what the tensor holds.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => ElementTypes.Of<T>() == ElementType
        ? Span<T>()
        : throw new TernException($"The tensor holds {ElementType}; it was read as {typeof(T).Name}.");

    /// <summary>A tensor outside any workspace, its values not yet written.</summary>
    internal static OnnxTensor Allocate(OnnxElementType type, ReadOnlySpan<int> shape) =>
        new(type, shape.ToArray(), new Storage(Shapes.Count(shape) * type.Size()));

    internal Span<T> Span<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    internal Span<byte> Bytes => Storage.Bytes[..(Length * ElementType.Size())];

    internal unsafe float* Floats => (float*)Storage.Address;

    /// <summary>The same values under another shape of the same length.</summary>
    internal OnnxTensor WithShape(params ReadOnlySpan<int> other) => new(ElementType, other.ToArray(), Storage);
}
