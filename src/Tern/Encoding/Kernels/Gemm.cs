using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Gemm: alpha * A' * B' + beta * C, with A and B transposed or not. A constant B, the weights, is packed once.</summary>
internal static unsafe class Gemm
{
    public static Kernel Build(Node node)
    {
        float alpha = node.Real("alpha", 1), beta = node.Real("beta", 1);
        bool transposeLeft = node.Flag("transA", false), transposeRight = node.Flag("transB", false);
        if (node.Constant(1) is not { } weights)
            return call => Run(call, new RightMatrix(node, call[1], transposeRight, alpha), transposeLeft, beta, node.Clamp);
        var packed = new RightMatrix(node, weights, transposeRight, alpha);
        return call => Run(call, packed, transposeLeft, beta, node.Clamp);
    }

    private static OnnxTensor[] Run(Call call, RightMatrix right, bool transposeLeft, float beta, Clamp clamp)
    {
        call.RequireFloat(0, 1, 2);
        OnnxTensor left = call[0];
        int rowAxis = transposeLeft ? 1 : 0;
        if (left.Rank != 2 || left.Shape[1 - rowAxis] != right.Depth)
            throw call.Fault(
                $"cannot multiply {Shapes.Text(left.Shape)}{(transposeLeft ? " transposed" : "")} by [{right.Depth}, {right.Columns}]");
        int rows = left.Shape[rowAxis], lineLength = left.Shape[1];
        OnnxTensor result = call.New(OnnxElementType.Float, rows, right.Columns);
        float* packed = call.Scratch(Panels.LeftLength(rows, right.Depth));
        Panels.PackLeft(left.Floats, transposeLeft ? 1 : lineLength, transposeLeft ? lineLength : 1, rows, right.Depth, packed);

        int[] steps = BiasSteps(call, result.Shape);
        Panels.Multiply(packed, rows, right.Panels, right.Rows, right.Columns, right.Depth,
            new TileStore(result.Floats, right.Columns, Bias(call, beta), steps[0], steps[1], clamp));
        GC.KeepAlive(right);
        return [result];
    }

    /// <summary>The steps of C down and across the result, over which it broadcasts.</summary>
    private static int[] BiasSteps(Call call, ReadOnlySpan<int> result)
    {
        if (call.Optional(2) is not { } added)
            return [0, 0];
        if (Shapes.Broadcast(added.Shape, result) is not { } shape || !result.SequenceEqual(shape))
            throw call.Fault($"C {Shapes.Text(added.Shape)} does not broadcast to the product {Shapes.Text(result)}");
        return Shapes.BroadcastStrides(added.Shape, result);
    }

    /// <summary>beta * C, or a zero where there is no C.</summary>
    private static float* Bias(Call call, float beta)
    {
        OnnxTensor? added = call.Optional(2);
        if (added is not null && beta == 1)
            return added.Floats;
        float* scaled = call.Scratch(added?.Length ?? 1);
        scaled[0] = 0;
        for (int i = 0; i < (added?.Length ?? 0); i++)
            scaled[i] = beta * added!.Floats[i];
        return scaled;
    }
}

/// <summary>A right operand [Depth, Columns] in panels.</summary>
internal sealed unsafe class RightMatrix
{
    private readonly Storage storage;
    private readonly Storage rows;

    public RightMatrix(Node node, OnnxTensor matrix, bool transpose, float factor)
    {
        if (matrix.ElementType != OnnxElementType.Float || matrix.Rank != 2)
            throw node.Fault($"input 1 is {matrix.ElementType} {Shapes.Text(matrix.Shape)}; a Float matrix was expected");
        (Depth, Columns) = transpose ? (matrix.Shape[1], matrix.Shape[0]) : (matrix.Shape[0], matrix.Shape[1]);
        rows = Kernels.Panels.PackedRows(Depth);
        storage = new Storage(Kernels.Panels.RightLength(Columns, Depth) * sizeof(float));
        Kernels.Panels.PackRight(matrix.Floats, transpose ? 1 : Columns, transpose ? Depth : 1, Depth, Columns, factor, Panels);
    }

    public int Depth { get; }

    public int Columns { get; }

    public nint* Rows => (nint*)rows.Address;

    public float* Panels => (float*)storage.Address;
}
