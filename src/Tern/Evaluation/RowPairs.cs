using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tern.Evaluation;

/// <summary>Sums over the dimensions of pairs of rows: dot products and squared distances.</summary>
/// <remarks>
/// Every pair is summed alike: eight lanes, then the lanes, then the dimensions left over, each product and its sum with one rounding. So every machine,
/// thread and block gets the same float for the same two rows, and equal rows are exactly equally far from any third.
/// </remarks>
internal static class RowPairs
{
    private const int Lanes = 8, QueryRows = 4, ItemRows = 2; // eight sums, two items and a query: eleven of sixteen registers

    /// <summary>What a dimension adds to the sum of its pair.</summary>
    internal interface ITerm
    {
        static abstract Vector256<float> Add(Vector256<float> a, Vector256<float> b, Vector256<float> sum);

        static abstract float Add(float a, float b, float sum);
    }

    /// <summary>a b.</summary>
    internal readonly struct Product : ITerm
    {
        public static Vector256<float> Add(Vector256<float> a, Vector256<float> b, Vector256<float> sum) =>
            Vector256.FusedMultiplyAdd(a, b, sum);

        public static float Add(float a, float b, float sum) => MathF.FusedMultiplyAdd(a, b, sum);
    }

    /// <summary>(a - b)^2.</summary>
    internal readonly struct SquaredDifference : ITerm
    {
        public static Vector256<float> Add(Vector256<float> a, Vector256<float> b, Vector256<float> sum) =>
            Vector256.FusedMultiplyAdd(a - b, a - b, sum);

        public static float Add(float a, float b, float sum) => MathF.FusedMultiplyAdd(a - b, a - b, sum);
    }

    /// <summary>The sum of every pair of queries [Q, D] and items [I, D], into sums [Q, I].</summary>
    public static void Sum<TTerm>(ReadOnlySpan<float> queries, ReadOnlySpan<float> items, int dimensions, Span<float> sums)
        where TTerm : struct, ITerm
    {
        int asking = queries.Length / dimensions, answering = items.Length / dimensions;
        for (int i = 0; i < answering; i += ItemRows)
            for (int q = 0; q < asking; q += QueryRows)
                if (i + ItemRows <= answering && q + QueryRows <= asking)
                    Tile<TTerm>(
                        queries.Slice(q * dimensions, QueryRows * dimensions), items.Slice(i * dimensions, ItemRows * dimensions),
                        sums[(q * answering + i)..], answering);
                else
                    for (int row = q; row < Math.Min(q + QueryRows, asking); row++)
                        for (int column = i; column < Math.Min(i + ItemRows, answering); column++)
                            sums[row * answering + column] = One<TTerm>(
                                queries.Slice(row * dimensions, dimensions), items.Slice(column * dimensions, dimensions));
    }

    /// <summary>The sum of one pair.</summary>
    public static float One<TTerm>(ReadOnlySpan<float> query, ReadOnlySpan<float> item) where TTerm : struct, ITerm
    {
        Vector256<float> lanes = default;
        for (int k = 0; k + Lanes <= query.Length; k += Lanes)
            lanes = TTerm.Add(Vector256.Create(query.Slice(k, Lanes)), Vector256.Create(item.Slice(k, Lanes)), lanes);
        return Finish<TTerm>(lanes, query, item);
    }

    // Four queries by two items: each register loaded is used more than once. Rows of sums are `stride` apart.
    private static void Tile<TTerm>(ReadOnlySpan<float> queries, ReadOnlySpan<float> items, Span<float> sums, int stride)
        where TTerm : struct, ITerm
    {
        int dimensions = items.Length / ItemRows;
        nuint row = (nuint)dimensions, whole = (nuint)(dimensions - dimensions % Lanes);
        ref float query = ref MemoryMarshal.GetReference(queries);
        ref float item = ref MemoryMarshal.GetReference(items);
        Vector256<float> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector256<float> s20 = default, s21 = default, s30 = default, s31 = default;
        for (nuint k = 0; k < whole; k += Lanes)
        {
            Vector256<float> a = Vector256.LoadUnsafe(ref item, k), b = Vector256.LoadUnsafe(ref item, row + k);
            Vector256<float> x = Vector256.LoadUnsafe(ref query, k);
            s00 = TTerm.Add(x, a, s00);
            s01 = TTerm.Add(x, b, s01);
            x = Vector256.LoadUnsafe(ref query, row + k);
            s10 = TTerm.Add(x, a, s10);
            s11 = TTerm.Add(x, b, s11);
            x = Vector256.LoadUnsafe(ref query, 2 * row + k);
            s20 = TTerm.Add(x, a, s20);
            s21 = TTerm.Add(x, b, s21);
            x = Vector256.LoadUnsafe(ref query, 3 * row + k);
            s30 = TTerm.Add(x, a, s30);
            s31 = TTerm.Add(x, b, s31);
        }
        ReadOnlySpan<float> first = items[..dimensions], second = items[dimensions..];
        Pair<TTerm>(s00, s01, queries[..dimensions], first, second, sums);
        Pair<TTerm>(s10, s11, queries.Slice(dimensions, dimensions), first, second, sums[stride..]);
        Pair<TTerm>(s20, s21, queries.Slice(2 * dimensions, dimensions), first, second, sums[(2 * stride)..]);
        Pair<TTerm>(s30, s31, queries.Slice(3 * dimensions, dimensions), first, second, sums[(3 * stride)..]);
    }

    private static void Pair<TTerm>(
        Vector256<float> ofFirst, Vector256<float> ofSecond, ReadOnlySpan<float> query, ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<float> sums)
        where TTerm : struct, ITerm
    {
        sums[0] = Finish<TTerm>(ofFirst, query, first);
        sums[1] = Finish<TTerm>(ofSecond, query, second);
    }

    private static float Finish<TTerm>(Vector256<float> lanes, ReadOnlySpan<float> query, ReadOnlySpan<float> item)
        where TTerm : struct, ITerm
    {
        Vector128<float> four = lanes.GetLower() + lanes.GetUpper();
        float sum = (four[0] + four[2]) + (four[1] + four[3]);
        for (int k = query.Length - query.Length % Lanes; k < query.Length; k++)
            sum = TTerm.Add(query[k], item[k], sum);
        return sum;
    }
}
