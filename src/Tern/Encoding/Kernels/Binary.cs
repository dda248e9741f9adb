using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>A function of two numbers.</summary>
internal interface IBinary<TIn, TOut>
{
    static abstract TOut Apply(TIn left, TIn right);
}

/// <summary>The loop under every operator of two inputs: numpy broadcasting, a row at a time.</summary>
internal static class Binary
{
    public static OnnxTensor Run<TIn, TOut, TFunction>(Call call, OnnxTensor left, OnnxTensor right, OnnxElementType type)
        where TIn : unmanaged where TOut : unmanaged where TFunction : IBinary<TIn, TOut>
    {
        int[] shape = Broadcast(call, left, right);
        OnnxTensor result = call.New(type, shape);
        ReadOnlySpan<TIn> a = left.Span<TIn>(), b = right.Span<TIn>();
        Span<TOut> target = result.Span<TOut>();
        var rows = new StridedRows(
            shape, [Shapes.BroadcastStrides(left.Shape, shape), Shapes.BroadcastStrides(right.Shape, shape)], [0, 0]);
        while (rows.Next())
        {
            int i = rows.Start(0), j = rows.Start(1), stepA = rows.Step(0), stepB = rows.Step(1);
            foreach (ref TOut value in target.Slice(rows.Position, rows.Length))
            {
                value = TFunction.Apply(a[i], b[j]);
                i += stepA;
                j += stepB;
            }
        }
        return result;
    }

    public static int[] Broadcast(Call call, OnnxTensor left, OnnxTensor right) => Shapes.Broadcast(left.Shape, right.Shape)
        ?? throw call.Fault($"{Shapes.Text(left.Shape)} and {Shapes.Text(right.Shape)} do not broadcast to one shape");

    public static OnnxElementType SameType(Call call, OnnxTensor left, OnnxTensor right) => left.ElementType == right.ElementType
        ? left.ElementType
        : throw call.Fault($"inputs of {left.ElementType} and {right.ElementType}; one type was expected");
}
