using System.Runtime.InteropServices;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Pad with a constant, the reflected image or its edge; negative padding crops. Pads are an attribute before opset 11, an input since.
/// </summary>
internal static class Pad
{
    private const int Outside = -1;

    public static Kernel Build(Node node)
    {
        string mode = node.Text("mode", "constant");
        if (mode is not ("constant" or "reflect" or "edge"))
            throw node.Fault($"mode is '{mode}'; constant, reflect and edge are known");
        long[]? stated = node.Opset < 11 ? node.Integers("pads") : null;
        float attribute = node.Opset < 11 ? node.Real("value", 0) : 0;
        if (stated is null && !node.HasInput(1))
            throw node.Fault("the pads are missing");
        return call =>
        {
            OnnxTensor input = call[0];
            long[] pads = stated ?? call.Integers(1);
            if (pads.Length != 2 * input.Rank)
                throw call.Fault($"{pads.Length} pads for {Shapes.Text(input.Shape)}; {2 * input.Rank} were expected");
            int[][] maps = [..
                Enumerable.Range(0, input.Rank).Select(axis => Map(call, mode, input.Shape[axis], pads[axis], pads[axis + input.Rank]))];
            OnnxTensor result = call.New(input.ElementType, Array.ConvertAll(maps, map => map.Length));
            Fill(call, input, result, maps, attribute);
            return [result];
        };
    }

    /// <summary>For every place along an output axis the place of the input it shows.</summary>
    private static int[] Map(Call call, string mode, int extent, long before, long after)
    {
        long length = extent + before + after;
        if (before is < int.MinValue or > 1 << 24 || after is < int.MinValue or > 1 << 24 || length < 0
            || mode == "reflect" && (before >= extent || after >= extent) || mode == "edge" && extent == 0 && length > 0)
            throw call.Fault($"an axis of {extent} cannot be padded by {before} and {after} in mode {mode}");
        var map = new int[length];
        for (int i = 0; i < map.Length; i++)
        {
            long from = i - before;
            map[i] = mode switch
            {
                "edge" => (int)Math.Clamp(from, 0, extent - 1),
                "reflect" => (int)(from < 0 ? -from : from >= extent ? 2L * (extent - 1) - from : from),
                _ => from >= 0 && from < extent ? (int)from : Outside,
            };
        }
        return map;
    }

    private static void Fill(Call call, OnnxTensor input, OnnxTensor result, int[][] maps, float attribute)
    {
        switch (input.ElementType.Size())
        {
            case 1: Fill(input, result, maps, Constant<byte>(call)); break;
            case 8: Fill(input, result, maps, Constant<ulong>(call)); break;
            default:
                uint value = call.Optional(2) is null && input.ElementType == OnnxElementType.Float
                    ? BitConverter.SingleToUInt32Bits(attribute) : Constant<uint>(call);
                Fill(input, result, maps, value);
                break;
        }
    }

    private static TUnit Constant<TUnit>(Call call) where TUnit : unmanaged
    {
        if (call.Optional(2) is not { } value)
            return default;
        return value.Length == 1 && value.ElementType == call[0].ElementType ? MemoryMarshal.Read<TUnit>(value.Bytes)
            : throw call.Fault($"the constant is {value.ElementType} {Shapes.Text(value.Shape)}; one {call[0].ElementType} was expected");
    }

    private static void Fill<TUnit>(OnnxTensor input, OnnxTensor result, int[][] maps, TUnit constant) where TUnit : unmanaged
    {
        ReadOnlySpan<TUnit> source = MemoryMarshal.Cast<byte, TUnit>(input.Bytes);
        Span<TUnit> target = MemoryMarshal.Cast<byte, TUnit>(result.Bytes);
        int[] strides = Shapes.Strides(input.Shape), index = new int[maps.Length];
        for (int i = 0; i < target.Length; i++)
        {
            int from = 0;
            bool outside = false;
            for (int axis = 0; axis < index.Length; axis++)
            {
                outside |= maps[axis][index[axis]] == Outside;
                from += maps[axis][index[axis]] * strides[axis];
            }
            target[i] = outside ? constant : source[from];
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == maps[axis].Length; axis--)
                index[axis] = 0;
        }
    }
}
