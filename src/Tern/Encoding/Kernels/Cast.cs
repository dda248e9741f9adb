using System.Numerics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Cast between the types we have: towards zero from float to integer, the low bits from integer to integer; anything but 0 is true.
/// </summary>
internal static class Cast
{
    public static Kernel Build(Node node)
    {
        long number = node.RequiredInteger("to");
        OnnxElementType to = ElementTypes.FromNumber((int)number)
            ?? throw node.Fault($"a cast to {TensorProtos.TypeName((int)number)}; Tern holds Float, UInt8, Int32, Int64, Bool and Double");
        return call => [call[0].ElementType == to ? call[0] : To(call, call[0], to)];
    }

    public static OnnxTensor To(Call call, OnnxTensor tensor, OnnxElementType type)
    {
        OnnxTensor result = call.New(type, tensor.Shape);
        Copy(tensor, result);
        return result;
    }

    /// <summary>Fills <paramref name="target"/> with the values of a tensor of the same length and any type.</summary>
    public static void Copy(OnnxTensor tensor, OnnxTensor target)
    {
        switch (tensor.ElementType)
        {
            case OnnxElementType.Float: From<float>(tensor, target); break;
            case OnnxElementType.Double: From<double>(tensor, target); break;
            case OnnxElementType.Int64: From<long>(tensor, target); break;
            case OnnxElementType.Int32: From<int>(tensor, target); break;
            default: From<byte>(tensor, target); break;
        }
    }

    private static void From<T>(OnnxTensor tensor, OnnxTensor target) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> source = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(tensor.Bytes);
        switch (target.ElementType)
        {
            case OnnxElementType.Float: Convert(source, target.Span<float>()); break;
            case OnnxElementType.Double: Convert(source, target.Span<double>()); break;
            case OnnxElementType.Int64: Convert(source, target.Span<long>()); break;
            case OnnxElementType.Int32: Convert(source, target.Span<int>()); break;
            case OnnxElementType.UInt8: Convert(source, target.Span<byte>()); break;
            case OnnxElementType.Bool:
                Span<bool> truth = target.Span<bool>();
                for (int i = 0; i < truth.Length; i++)
                    truth[i] = source[i] != T.Zero;
                break;
        }
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> source, Span<TTo> target)
        where TFrom : INumber<TFrom> where TTo : unmanaged, INumber<TTo>
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = TTo.CreateTruncating(source[i]);
    }
}
