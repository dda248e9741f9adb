using System.Numerics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Clip: bounds as attributes before opset 11, as inputs since.</summary>
internal static class Clipping
{
    public static Kernel Build(Node node)
    {
        if (node.Opset < 11)
            return Unary.Of(new Limit(new Clamp(node.Real("min", float.MinValue), node.Real("max", float.MaxValue))));
        return call => call[0].ElementType switch
        {
            OnnxElementType.Float => Unary.Of(new Limit(new Clamp(
                Bound(call, 1, float.NegativeInfinity), Bound(call, 2, float.PositiveInfinity))))(call),
            OnnxElementType.Int64 => [Run(call, long.MinValue, long.MaxValue)],
            OnnxElementType.Int32 => [Run(call, int.MinValue, int.MaxValue)],
            OnnxElementType.UInt8 => [Run(call, byte.MinValue, byte.MaxValue)],
            var type => throw call.Fault($"an input of {type}; Float, Int64, Int32 and UInt8 have bounds"),
        };
    }

    private static OnnxTensor Run<T>(Call call, T least, T most) where T : unmanaged, INumber<T>
    {
        T low = Bound(call, 1, least), high = Bound(call, 2, most);
        OnnxTensor result = call.Overwrite(0);
        Span<T> source = call[0].Span<T>(), target = result.Span<T>();
        for (int i = 0; i < target.Length; i++)
            target[i] = T.Min(high, T.Max(low, source[i]));
        return result;
    }

    private static T Bound<T>(Call call, int index, T otherwise) where T : unmanaged
    {
        if (call.Optional(index) is not { } bound)
            return otherwise;
        return bound.Length == 1 && bound.ElementType == call[0].ElementType ? bound.Span<T>()[0]
            : throw call.Fault($"a bound is {bound.ElementType} {Shapes.Text(bound.Shape)}; one {call[0].ElementType} was expected");
    }
}
