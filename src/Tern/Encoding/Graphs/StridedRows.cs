namespace Tern.Encoding.Graphs;

/// <summary>
/// Walks up to three strided operands over one shape, a row (the innermost axis) at a time: the loop under broadcasting, transposing
/// and slicing. Neighbouring axes that are contiguous in every operand are merged first, so that rows are as long as they can be.
/// </summary>
internal struct StridedRows
{
    private readonly int[] shape;
    private readonly int[][] strides;
    private readonly int[] index;
    private readonly int[] offsets;
    private int remaining;

    /// <param name="shape">The shape walked over.</param>
    /// <param name="strides">For each operand, the elements between neighbours along each axis; 0 repeats, negative reverses.</param>
    /// <param name="starts">For each operand, the element at the origin.</param>
    public StridedRows(ReadOnlySpan<int> shape, int[][] strides, int[] starts)
    {
        (this.shape, this.strides) = Merge(shape, strides);
        index = new int[this.shape.Length];
        offsets = new int[starts.Length];
        Length = this.shape[^1];
        Restart(starts);
    }

    /// <summary>Elements in a row.</summary>
    public int Length { get; }

    /// <summary>Where the row begins in a row-major output of the shape.</summary>
    public int Position { get; private set; }

    /// <summary>Where the row begins in an operand.</summary>
    public readonly int Start(int operand) => offsets[operand];

    /// <summary>The step of an operand within a row.</summary>
    public readonly int Step(int operand) => strides[operand][^1];

    /// <summary>Begins again, at other origins.</summary>
    public void Restart(params ReadOnlySpan<int> starts)
    {
        starts.CopyTo(offsets);
        Array.Clear(index);
        remaining = Length == 0 ? 0 : Shapes.Product(shape, 0, shape.Length - 1);
        Position = -Length;
    }

    public bool Next()
    {
        if (remaining-- <= 0)
            return false;
        Position += Length;
        if (Position == 0)
            return true;
        for (int axis = shape.Length - 2; axis >= 0; axis--)
        {
            for (int operand = 0; operand < offsets.Length; operand++)
                offsets[operand] += strides[operand][axis];
            if (++index[axis] < shape[axis])
                break;
            for (int operand = 0; operand < offsets.Length; operand++)
                offsets[operand] -= strides[operand][axis] * shape[axis];
            index[axis] = 0;
        }
        return true;
    }

    private static (int[] Shape, int[][] Strides) Merge(ReadOnlySpan<int> shape, int[][] strides)
    {
        var extents = new List<int>();
        var kept = Array.ConvertAll(strides, _ => new List<int>());
        for (int axis = 0; axis < shape.Length; axis++)
        {
            int extent = shape[axis];
            if (extent == 1)
                continue;
            if (extents.Count > 0 && Array.TrueForAll(Indices(strides), o => kept[o][^1] == (long)strides[o][axis] * extent))
                extents[^1] *= extent;
            else
            {
                extents.Add(extent);
                foreach (List<int> list in kept)
                    list.Add(0);
            }
            for (int operand = 0; operand < strides.Length; operand++)
                kept[operand][^1] = strides[operand][axis];
        }
        if (extents.Count == 0)
            return ([1], Array.ConvertAll(strides, _ => new[] { 1 }));
        return ([.. extents], Array.ConvertAll(kept, list => list.ToArray()));
    }

    private static int[] Indices(int[][] strides) => [.. Enumerable.Range(0, strides.Length)];
}
