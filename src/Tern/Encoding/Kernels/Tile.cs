using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tern.Encoding.Kernels;

/// <summary>
/// The one matrix kernel under Conv, Gemm, MatMul and TernaryLinear: a tile of <see cref="Rows"/> by <see cref="Columns"/> results, all of
/// them held in registers while the depth is walked. The left operand is packed as [depth][Rows]; the rows of the right one,
/// [depth][Columns], may lie anywhere, so that a convolution can read its windows where they are.
/// </summary>
internal static unsafe class Tile
{
    /// <summary>Rows of results in a tile, and the width of a packed left panel.</summary>
    public const int Rows = 8;

    /// <summary>The most columns a tile has on any processor.</summary>
    public const int MostColumns = 32;

    /// <summary>Columns of results in a tile on this processor, and the width of a packed right panel: two registers.</summary>
    public static int Columns => Vector512.IsHardwareAccelerated ? 32 : Vector256.IsHardwareAccelerated ? 16 : 8;

    /// <summary>tile [Rows, Columns] = left panel x right panel.</summary>
    /// <param name="depth">The length of the sums.</param>
    /// <param name="left">[depth][Rows].</param>
    /// <param name="right">Where the right panel lies.</param>
    /// <param name="rows">[depth]: where in it each row of Columns floats begins. Packed panels have them one after another.</param>
    /// <param name="tile">Receives Rows x Columns floats.</param>
    public static void Multiply(int depth, float* left, float* right, nint* rows, float* tile)
    {
        if (Vector512.IsHardwareAccelerated)
            MultiplyEight<Lane512>(depth, left, right, rows, tile);
        else if (Vector256.IsHardwareAccelerated)
            MultiplyTwice<Lane256>(depth, left, right, rows, tile);
        else
            MultiplyTwice<Lane128>(depth, left, right, rows, tile);
    }

    /// <summary>Sixteen sums of two registers a row: for processors with 32 registers.</summary>
    public static void MultiplyEight<TLane>(int depth, float* left, float* right, nint* rows, float* tile)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        TLane e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        for (int k = 0; k < depth; k++, left += Rows)
        {
            float* row = right + rows[k];
            TLane low = TLane.Load(row), high = TLane.Load(row + TLane.Width);
            Add(left[0], low, high, ref a0, ref a1);
            Add(left[1], low, high, ref b0, ref b1);
            Add(left[2], low, high, ref c0, ref c1);
            Add(left[3], low, high, ref d0, ref d1);
            Add(left[4], low, high, ref e0, ref e1);
            Add(left[5], low, high, ref f0, ref f1);
            Add(left[6], low, high, ref g0, ref g1);
            Add(left[7], low, high, ref h0, ref h1);
        }
        Store(a0, a1, tile, 0);
        Store(b0, b1, tile, 1);
        Store(c0, c1, tile, 2);
        Store(d0, d1, tile, 3);
        Store(e0, e1, tile, 4);
        Store(f0, f1, tile, 5);
        Store(g0, g1, tile, 6);
        Store(h0, h1, tile, 7);
    }

    /// <summary>Two times four rows: for processors with 16 registers.</summary>
    public static void MultiplyTwice<TLane>(int depth, float* left, float* right, nint* rows, float* tile)
        where TLane : unmanaged, ILane<TLane>
    {
        MultiplyFour<TLane>(depth, left, right, rows, tile);
        MultiplyFour<TLane>(depth, left + 4, right, rows, tile + 4 * 2 * TLane.Width);
    }

    private static void MultiplyFour<TLane>(int depth, float* left, float* right, nint* rows, float* tile)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (int k = 0; k < depth; k++, left += Rows)
        {
            float* row = right + rows[k];
            TLane low = TLane.Load(row), high = TLane.Load(row + TLane.Width);
            Add(left[0], low, high, ref a0, ref a1);
            Add(left[1], low, high, ref b0, ref b1);
            Add(left[2], low, high, ref c0, ref c1);
            Add(left[3], low, high, ref d0, ref d1);
        }
        Store(a0, a1, tile, 0);
        Store(b0, b1, tile, 1);
        Store(c0, c1, tile, 2);
        Store(d0, d1, tile, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLane>(float left, TLane low, TLane high, ref TLane lowSum, ref TLane highSum)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane factor = TLane.Broadcast(left);
        lowSum = TLane.MultiplyAdd(factor, low, lowSum);
        highSum = TLane.MultiplyAdd(factor, high, highSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLane>(TLane low, TLane high, float* tile, int row) where TLane : unmanaged, ILane<TLane>
    {
        TLane.Store(low, tile + row * 2 * TLane.Width);
        TLane.Store(high, tile + (row * 2 + 1) * TLane.Width);
    }
}
