using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Slice and Split.</summary>
internal static class Slicing
{
    public static Kernel BuildSlice(Node node)
    {
        if (node.Opset >= 10)
        {
            return call => [Slice(call, call.Integers(1), call.Integers(2),
                call.Optional(3) is null ? null : call.Integers(3), call.Optional(4) is null ? null : call.Integers(4))];
        }
        long[]? starts = node.Integers("starts"), ends = node.Integers("ends"), axes = node.Integers("axes");
        return call => [Slice(call, starts ?? [], ends ?? [], axes, null)];
    }

    public static Kernel BuildSplit(Node node)
    {
        long stated = node.Integer("axis", 0);
        long[]? attribute = node.Integers("split");
        int parts = node.Outputs.Length;
        return call =>
        {
            OnnxTensor input = call[0];
            int axis = call.Axis(stated, input.Rank), extent = input.Shape[axis];
            long[] sizes = attribute
                ?? (call.Optional(1) is null ? [.. Enumerable.Repeat((long)(extent / parts), parts)] : call.Integers(1));
            if (sizes.Length != parts || Array.Exists(sizes, size => size < 0 || size > extent) || sizes.Sum() != extent)
                throw call.Fault($"an extent of {extent} cannot be split into {parts} parts of [{string.Join(", ", sizes)}]");
            var results = new OnnxTensor[parts];
            int[] strides = Shapes.Strides(input.Shape), shape = input.Shape.ToArray();
            int start = 0;
            for (int part = 0; part < parts; part++)
            {
                shape[axis] = (int)sizes[part];
                results[part] = Movement.Copy(call, input, [.. shape], strides, start * strides[axis]);
                start += shape[axis];
            }
            return results;
        };
    }

    private static OnnxTensor Slice(Call call, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        OnnxTensor input = call[0];
        axes ??= [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        steps ??= [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
            throw call.Fault($"starts [{string.Join(", ", starts)}], ends [{string.Join(", ", ends)}], axes [{string.Join(", ", axes)}] "
                + $"and steps [{string.Join(", ", steps)}] do not belong together");
        int[] shape = input.Shape.ToArray(), strides = Shapes.Strides(shape);
        int origin = 0;
        bool[] done = new bool[shape.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = call.Axis(axes[i], shape.Length);
            if (done[axis])
                throw call.Fault($"axis {axis} is sliced twice");
            done[axis] = true;
            (int first, int count, int step) = Range(starts[i], ends[i], steps[i], shape[axis]);
            origin += count == 0 ? 0 : first * strides[axis];
            shape[axis] = count;
            strides[axis] = count < 2 ? 0 : strides[axis] * step;
        }
        return Movement.Copy(call, input, shape, strides, Shapes.Count(shape) == 0 ? 0 : origin);
    }

    /// <summary>Python's slice of an axis: negative numbers count from the end, those past it stop at it.</summary>
    private static (int First, int Count, int Step) Range(long start, long end, long step, int extent)
    {
        step = Math.Clamp(step, -int.MaxValue, int.MaxValue);
        // One step back from the first element is before the axis, so -1 is a possible end when walking backwards.
        (long lowest, long highest) = step > 0 ? (0L, extent) : (-1L, extent - 1L);
        start = Math.Clamp(start < 0 ? Math.Max(start, -extent - 1L) + extent : start, lowest, highest);
        end = Math.Clamp(end < 0 ? Math.Max(end, -extent - 1L) + extent : end, lowest, highest);
        long span = step > 0 ? end - start : start - end;
        long count = span <= 0 ? 0 : (span + Math.Abs(step) - 1) / Math.Abs(step);
        return ((int)start, (int)count, (int)step);
    }
}
