using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Operators that change the shape and leave every value where it is: they cost nothing. And Shape, which tells it.</summary>
internal static class Reshaping
{
    public static Kernel BuildFlatten(Node node)
    {
        long stated = node.Integer("axis", 1);
        return call =>
        {
            OnnxTensor input = call[0];
            int axis = stated == input.Rank ? input.Rank : call.Axis(stated, input.Rank);
            return [input.WithShape(Shapes.Product(input.Shape, 0, axis), Shapes.Product(input.Shape, axis, input.Rank))];
        };
    }

    public static Kernel BuildReshape(Node node)
    {
        bool zeroIsZero = node.Flag("allowzero", false);
        return call => [call[0].WithShape(Target(call, call[0], call.Integers(1), zeroIsZero))];
    }

    public static Kernel BuildSqueeze(Node node)
    {
        long[]? stated = node.Integers("axes");
        return call =>
        {
            int[] shape = call[0].Shape.ToArray();
            long[] axes = stated ?? (call.Optional(1) is null
                ? [.. Enumerable.Range(0, shape.Length).Where(axis => shape[axis] == 1).Select(axis => (long)axis)] : call.Integers(1));
            int[] dropped = Array.ConvertAll(axes, axis => call.Axis(axis, shape.Length));
            if (Array.Exists(dropped, axis => shape[axis] != 1))
                throw call.Fault($"axes [{string.Join(", ", axes)}] of {Shapes.Text(shape)} are not all of extent 1");
            return [call[0].WithShape([.. shape.Where((_, axis) => !dropped.Contains(axis))])];
        };
    }

    public static Kernel BuildUnsqueeze(Node node)
    {
        long[]? stated = node.Integers("axes");
        if (stated is null && !node.HasInput(1))
            throw node.Fault("the axes are missing");
        return call =>
        {
            long[] axes = stated ?? call.Integers(1);
            int rank = call[0].Rank + axes.Length;
            HashSet<int> added = [.. axes.Select(axis => call.Axis(axis, rank))];
            if (added.Count != axes.Length)
                throw call.Fault($"axes [{string.Join(", ", axes)}] name one twice");
            var shape = new int[rank];
            for (int axis = 0, from = 0; axis < rank; axis++)
                shape[axis] = added.Contains(axis) ? 1 : call[0].Shape[from++];
            return [call[0].WithShape(shape)];
        };
    }

    public static Kernel BuildShape(Node node)
    {
        long start = node.Integer("start", 0), end = node.Integer("end", int.MaxValue);
        return call =>
        {
            int rank = call[0].Rank;
            int from = (int)Math.Clamp(start < 0 ? start + rank : start, 0, rank),
                to = (int)Math.Clamp(end < 0 ? end + rank : end, from, rank);
            OnnxTensor result = call.New(OnnxElementType.Int64, to - from);
            for (int axis = from; axis < to; axis++)
                result.Span<long>()[axis - from] = call[0].Shape[axis];
            return [result];
        };
    }

    /// <summary>Reshape's rule: 0 keeps an extent, one -1 takes what remains.</summary>
    private static int[] Target(Call call, OnnxTensor input, long[] stated, bool zeroIsZero)
    {
        TernException Fault() => call.Fault($"{Shapes.Text(input.Shape)} cannot be reshaped to [{string.Join(", ", stated)}]");
        var shape = new int[stated.Length];
        int free = -1;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            long extent = stated[axis] == 0 && !zeroIsZero ? axis < input.Rank ? input.Shape[axis] : throw Fault() : stated[axis];
            if (extent == -1 && free < 0)
                (free, extent) = (axis, 1);
            if (extent is < 0 or > int.MaxValue)
                throw Fault();
            shape[axis] = (int)extent;
        }
        long count = Shapes.Count(shape);
        if (free >= 0)
        {
            if (count == 0 || input.Length % count != 0)
                throw Fault();
            shape[free] = (int)(input.Length / count);
        }
        return Shapes.Count(shape) == input.Length ? shape : throw Fault();
    }
}
