using System.Runtime.Intrinsics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Where the results of a tile go, and what is done to them on the way: a bias is added, and they are kept within bounds.
/// </summary>
/// <param name="target">The first result of the whole matrix.</param>
/// <param name="rowStep">Floats from one row of results to the next.</param>
/// <param name="bias">Added to the results.</param>
/// <param name="biasRow">Floats to the bias of the next row; 0 where all rows share it.</param>
/// <param name="biasColumn">1 where every column has its own bias, 0 where a row has one.</param>
/// <param name="clamp">Bounds of the results.</param>
internal readonly unsafe struct TileStore(float* target, nint rowStep, float* bias, nint biasRow, nint biasColumn, Clamp clamp)
{
    /// <summary>
    /// Stores a block whose top left result is (row, column) of the matrix; in the tile its rows are <see cref="Tile.Columns"/> apart.
    /// </summary>
    public void Store(float* tile, nint row, nint column, int rows, int columns)
    {
        Vector256<float> low = Vector256.Create(clamp.Low), high = Vector256.Create(clamp.High);
        for (int i = 0; i < rows; i++)
        {
            float* source = tile + i * Tile.Columns;
            float* result = target + (row + i) * rowStep + column;
            float* add = bias + (row + i) * biasRow + column * biasColumn;
            int j = 0;
            for (; j <= columns - Vector256<float>.Count; j += Vector256<float>.Count)
            {
                Vector256<float> sum = Vector256.Load(source + j) + (biasColumn == 0 ? Vector256.Create(*add) : Vector256.Load(add + j));
                // In this order of the operands NaN stays NaN.
                Vector256.MinNative(high, Vector256.MaxNative(low, sum)).Store(result + j);
            }
            for (; j < columns; j++)
                result[j] = clamp.Apply(source[j] + add[j * biasColumn]);
        }
    }
}
