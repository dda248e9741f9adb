using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// MatMul by numpy's rule: the last two axes are multiplied, those before them broadcast, a vector is a matrix of one row or column.
/// </summary>
internal static unsafe class MatMul
{
    public static Kernel Build(Node node)
    {
        if (node.Constant(1) is not { Rank: 2 } weights)
            return call => [Batched(call)];
        var packed = new RightMatrix(node, weights, transpose: false, factor: 1);
        return call => [ByMatrix(call, packed)];
    }

    /// <summary>Any number of rows, one after another, by one packed matrix.</summary>
    private static OnnxTensor ByMatrix(Call call, RightMatrix right)
    {
        call.RequireFloat(0);
        OnnxTensor left = call[0];
        if (left.Rank == 0 || left.Shape[^1] != right.Depth)
            throw call.Fault($"cannot multiply {Shapes.Text(left.Shape)} by [{right.Depth}, {right.Columns}]");
        OnnxTensor result = call.New(OnnxElementType.Float, [.. left.Shape[..^1], right.Columns]);
        int rows = Shapes.Product(left.Shape, 0, left.Rank - 1);
        float* packed = call.Scratch(Panels.LeftLength(rows, right.Depth));
        Panels.PackLeft(left.Floats, right.Depth, 1, rows, right.Depth, packed);
        float zero = 0;
        Panels.Multiply(packed, rows, right.Panels, right.Rows, right.Columns, right.Depth,
            new TileStore(result.Floats, right.Columns, &zero, 0, 0, Clamp.None));
        GC.KeepAlive(right);
        return result;
    }

    private static OnnxTensor Batched(Call call)
    {
        call.RequireFloat(0, 1);
        OnnxTensor left = call[0], right = call[1];
        if (left.Rank == 0 || right.Rank == 0)
            throw call.Fault("a scalar cannot be multiplied; use Mul");
        int[] a = left.Rank == 1 ? [1, left.Shape[0]] : left.Shape.ToArray();
        int[] b = right.Rank == 1 ? [right.Shape[0], 1] : right.Shape.ToArray();
        if (a[^1] != b[^2] || Shapes.Broadcast(a.AsSpan()[..^2], b.AsSpan()[..^2]) is not { } batch)
            throw call.Fault($"cannot multiply {Shapes.Text(left.Shape)} by {Shapes.Text(right.Shape)}");
        int rows = a[^2], depth = a[^1], columns = b[^1];
        int[] shape = [.. batch, .. left.Rank == 1 ? Array.Empty<int>() : [rows], .. right.Rank == 1 ? Array.Empty<int>() : [columns]];
        OnnxTensor result = call.New(OnnxElementType.Float, shape);

        float* packedLeft = call.Scratch(Panels.LeftLength(rows, depth)), packedRight = call.Scratch(Panels.RightLength(columns, depth));
        Storage packedRows = Panels.PackedRows(depth);
        float zero = 0;
        float* target = result.Floats;
        var matrices = new StridedRows(batch, [Matrices(a, batch), Matrices(b, batch)], [0, 0]);
        while (matrices.Next())
        {
            for (int i = 0; i < matrices.Length; i++, target += (nint)rows * columns)
            {
                nint leftMatrix = matrices.Start(0) + i * matrices.Step(0), rightMatrix = matrices.Start(1) + i * matrices.Step(1);
                Panels.PackLeft(left.Floats + leftMatrix * rows * depth, depth, 1, rows, depth, packedLeft);
                Panels.PackRight(right.Floats + rightMatrix * depth * columns, columns, 1, depth, columns, 1, packedRight);
                Panels.Multiply(packedLeft, rows, packedRight, (nint*)packedRows.Address, columns, depth,
                    new TileStore(target, columns, &zero, 0, 0, Clamp.None));
            }
        }
        GC.KeepAlive(packedRows);
        return result;
    }

    // Strides counted in whole matrices.
    private static int[] Matrices(int[] shape, int[] batch) => Shapes.BroadcastStrides(shape.AsSpan()[..^2], batch);
}
