namespace Tern.Torch;

public sealed partial class Tensor
{
    /// <summary>Memory as it is found.</summary>
    public static Tensor Empty(long[] shape, DType type = DType.Float32) => Operator.Get("aten::empty.memory_format", shape, type);

    /// <summary>All zeros.</summary>
    public static Tensor Zeros(long[] shape, DType type = DType.Float32) => Operator.Get("aten::zeros", shape, type);

    /// <summary>All ones.</summary>
    public static Tensor Ones(long[] shape, DType type = DType.Float32) => Operator.Get("aten::ones", shape, type);

    /// <summary>[size, size] with ones on the diagonal.</summary>
    public static Tensor Identity(long size, DType type = DType.Float32) => Operator.Get("aten::eye", size, type);

    /// <summary>Independent draws from N(0, 1) with libtorch's random state.</summary>
    public static Tensor RandomNormal(params long[] shape) => Operator.Get("aten::randn", shape);

    /// <summary>A copy of <paramref name="data"/> in row-major order; without a shape, one dimension.</summary>
    public static Tensor From<T>(ReadOnlySpan<T> data, params long[] shape) where T : unmanaged
    {
        if (shape.Length == 0) shape = [data.Length];
        long elements = shape.Aggregate(1L, (product, size) => product * size);
        if (elements != data.Length) throw new TorchException($"shape [{string.Join(", ", shape)}] holds {elements} elements; got {data.Length}");
        Tensor tensor = Empty(shape, DTypes.Of<T>());
        data.CopyTo(tensor.Span<T>());
        return tensor;
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, long[])"/>
    public static Tensor From<T>(T[] data, params long[] shape) where T : unmanaged => From((ReadOnlySpan<T>)data, shape);
}
