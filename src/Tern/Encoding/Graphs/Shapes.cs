namespace Tern.Encoding.Graphs;

/// <summary>Arithmetic on shapes.</summary>
internal static class Shapes
{
    /// <summary>The number of elements; <see cref="long.MaxValue"/> when it does not fit, which no workspace grants.</summary>
    public static long Count(ReadOnlySpan<int> shape)
    {
        long count = 1;
        foreach (int extent in shape)
        {
            if (extent == 0)
                return 0;
            count = count > int.MaxValue ? long.MaxValue / 16 : count * extent;
        }
        return count;
    }

    /// <summary>For messages: [1, 3, 32, 32].</summary>
    public static string Text(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <summary>Elements between neighbours along every axis of a row-major tensor.</summary>
    public static int[] Strides(ReadOnlySpan<int> shape)
    {
        var strides = new int[shape.Length];
        int stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(shape[axis], 1);
        }
        return strides;
    }

    /// <summary>An axis counted from either end as one counted from the front; -1 when there is no such axis.</summary>
    public static int Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : -1;

    /// <summary>The shape two shapes broadcast to by numpy's rule, or null when they do not.</summary>
    public static int[]? Broadcast(ReadOnlySpan<int> left, ReadOnlySpan<int> right)
    {
        var result = new int[Math.Max(left.Length, right.Length)];
        for (int i = 1; i <= result.Length; i++)
        {
            int a = i <= left.Length ? left[^i] : 1;
            int b = i <= right.Length ? right[^i] : 1;
            if (a != b && a != 1 && b != 1)
                return null;
            result[^i] = a == 1 ? b : a;
        }
        return result;
    }

    /// <summary>The strides that repeat a tensor of <paramref name="shape"/> over the <paramref name="target"/> it broadcasts to.</summary>
    public static int[] BroadcastStrides(ReadOnlySpan<int> shape, ReadOnlySpan<int> target)
    {
        int[] own = Strides(shape);
        var strides = new int[target.Length];
        for (int i = 1; i <= shape.Length; i++)
            strides[^i] = shape[^i] == 1 ? 0 : own[^i];
        return strides;
    }

    /// <summary>The product of the extents from one axis up to another.</summary>
    public static int Product(ReadOnlySpan<int> shape, int from, int to)
    {
        int product = 1;
        for (int axis = from; axis < to; axis++)
            product *= shape[axis];
        return product;
    }
}
