using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Lays matrices out in the panels a <see cref="Tile"/> reads from end to end; what is missing in the last panel is zero.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>Floats in the panels of a left matrix [rows, depth].</summary>
    public static long LeftLength(int rows, int depth) => (long)Count(rows, Tile.Rows) * Tile.Rows * depth;

    /// <summary>Floats in the panels of a right matrix [depth, columns].</summary>
    public static long RightLength(int columns, int depth) => (long)Count(columns, Tile.Columns) * Tile.Columns * depth;

    public static int Count(int extent, int width) => (int)(((long)extent + width - 1) / width);

    /// <summary>Packs a left matrix [rows, depth] as panels of [depth][Tile.Rows].</summary>
    public static void PackLeft(float* source, nint rowStep, nint depthStep, int rows, int depth, float* panels) =>
        Pack(source, rowStep, depthStep, rows, depth, Tile.Rows, 1, panels);

    /// <summary>Packs a right matrix [depth, columns], times <paramref name="factor"/>, as panels of [depth][Tile.Columns].</summary>
    public static void PackRight(float* source, nint depthStep, nint columnStep, int depth, int columns, float factor, float* panels) =>
        Pack(source, columnStep, depthStep, columns, depth, Tile.Columns, factor, panels);

    private static void Pack(float* source, nint step, nint depthStep, int extent, int depth, int width, float factor, float* panels)
    {
        for (int first = 0; first < extent; first += width, panels += (nint)width * depth)
        {
            int present = Math.Min(width, extent - first);
            float* from = source + first * step;
            for (int k = 0; k < depth; k++, from += depthStep)
            {
                float* row = panels + (nint)k * width;
                for (int i = 0; i < present; i++)
                    row[i] = from[i * step] * factor;
                for (int i = present; i < width; i++)
                    row[i] = 0;
            }
        }
    }

    /// <summary>Where the rows of a packed right panel begin: one after another. Kept with the weights it belongs to.</summary>
    public static Storage PackedRows(int depth)
    {
        var rows = new Storage((long)depth * sizeof(nint));
        for (int k = 0; k < depth; k++)
            ((nint*)rows.Address)[k] = (nint)k * Tile.Columns;
        return rows;
    }

    /// <summary>Multiplies every left panel with one right panel and stores the results from <paramref name="column"/> on.</summary>
    public static void Multiply(
        float* left, int rows, float* right, nint* rightRows, int depth, int column, int columns, in TileStore store)
    {
        float* tile = stackalloc float[Tile.Rows * Tile.MostColumns];
        for (int row = 0; row < rows; row += Tile.Rows, left += (nint)Tile.Rows * depth)
        {
            Tile.Multiply(depth, left, right, rightRows, tile);
            store.Store(tile, row, column, Math.Min(Tile.Rows, rows - row), columns);
        }
    }

    /// <summary>Multiplies packed matrices of any size.</summary>
    public static void Multiply(float* left, int rows, float* right, nint* rightRows, int columns, int depth, in TileStore store)
    {
        for (int column = 0; column < columns; column += Tile.Columns, right += (nint)Tile.Columns * depth)
            Multiply(left, rows, right, rightRows, depth, column, Math.Min(Tile.Columns, columns - column), store);
    }
}
