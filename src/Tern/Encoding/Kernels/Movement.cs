using System.Runtime.InteropServices;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Operators that read their input in another order: one strided copy, whatever the type of the elements.</summary>
internal static class Movement
{
    public static Kernel BuildTranspose(Node node)
    {
        long[]? stated = node.Integers("perm");
        return call =>
        {
            OnnxTensor input = call[0];
            int rank = input.Rank;
            int[] order = [.. stated?.Select(axis => call.Axis(axis, rank)) ?? Enumerable.Range(0, rank).Reverse()];
            if (order.Length != rank || order.Distinct().Count() != rank)
                throw call.Fault($"perm [{string.Join(", ", order)}] does not name each axis of {Shapes.Text(input.Shape)} once");
            int[] strides = Shapes.Strides(input.Shape);
            int[] shape = new int[rank];
            for (int axis = 0; axis < rank; axis++)
                shape[axis] = input.Shape[order[axis]];
            return [Copy(call, input, shape, Array.ConvertAll(order, axis => strides[axis]), 0)];
        };
    }

    public static Kernel BuildExpand(Node node) => call =>
    {
        long[] stated = call.Integers(1);
        if (Array.Exists(stated, extent => extent is < 0 or > int.MaxValue)
            || Shapes.Broadcast(call[0].Shape, Array.ConvertAll(stated, extent => (int)extent)) is not { } shape)
            throw call.Fault($"{Shapes.Text(call[0].Shape)} cannot be expanded to [{string.Join(", ", stated)}]");
        return [Copy(call, call[0], shape, Shapes.BroadcastStrides(call[0].Shape, shape), 0)];
    };

    /// <summary>
    /// A tensor of <paramref name="shape"/> whose neighbours along each axis lie <paramref name="strides"/> apart in the input.
    /// </summary>
    public static OnnxTensor Copy(Call call, OnnxTensor input, int[] shape, int[] strides, int start)
    {
        OnnxTensor result = call.New(input.ElementType, shape);
        var rows = new StridedRows(shape, [strides], [start]);
        switch (input.ElementType.Size())
        {
            case 1: Copy<byte>(input, result, rows); break;
            case 4: Copy<uint>(input, result, rows); break;
            default: Copy<ulong>(input, result, rows); break;
        }
        return result;
    }

    private static void Copy<TUnit>(OnnxTensor input, OnnxTensor result, StridedRows rows) where TUnit : unmanaged
    {
        ReadOnlySpan<TUnit> source = MemoryMarshal.Cast<byte, TUnit>(input.Bytes);
        Span<TUnit> target = MemoryMarshal.Cast<byte, TUnit>(result.Bytes);
        while (rows.Next())
        {
            Span<TUnit> row = target.Slice(rows.Position, rows.Length);
            int at = rows.Start(0), step = rows.Step(0);
            if (step == 1)
            {
                source.Slice(at, row.Length).CopyTo(row);
                continue;
            }
            foreach (ref TUnit value in row)
            {
                value = source[at];
                at += step;
            }
        }
    }
}
