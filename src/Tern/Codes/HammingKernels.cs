using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

/// <summary>A code that a kernel found near enough.</summary>
/// <param name="Place">Which of the codes it was given, counted from 0.</param>
/// <param name="Distance">Its distance from the query.</param>
internal readonly record struct Hit(int Place, int Distance);

/// <summary>Distances from one query to a block of codes. All versions give the same numbers; the widest the machine has is
/// taken.</summary>
internal static partial class HammingKernels
{
    /// <summary>The room <see cref="Below"/> needs to go on: the most codes that it looks at before it asks again, a word of a filter.</summary>
    internal const int GroupLength = 64;

    /// <summary>Sets distances[i] to the Hamming distance between query [W] and codes[i, :] of codes [N, W], for i = 0..N-1.</summary>
    public static void Distances(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
    {
        int done = 0;
        if (HasWideKernel(query.Length))
        {
            if (Avx512BW.IsSupported)
                done = Distances512(query, codes, distances);
            else if (Avx2.IsSupported)
                done = Distances256(query, codes, distances);
        }
        DistancesScalar(query, codes[(done * query.Length)..], distances[done..]);
    }

    /// <summary>
    /// Finds the codes [N, W] that are nearer to query [W] than <paramref name="limit"/> and pass the filter, in ascending order. Stops early when
    /// fewer than <see cref="GroupLength"/> places are left in <paramref name="hits"/>, so that the caller can lower its limit.
    /// </summary>
    /// <param name="query">[W] words.</param>
    /// <param name="codes">[N, W] words.</param>
    /// <param name="limit">Distances below this are hits.</param>
    /// <param name="rows">Which rows count.</param>
    /// <param name="firstRow">The row of the first code: a multiple of 64, or where the call before stopped.</param>
    /// <param name="hits">Room for at least <see cref="GroupLength"/>.</param>
    /// <param name="found">How many hits there are.</param>
    /// <returns>How many codes were read.</returns>
    public static int Below(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, out int found)
    {
        found = 0;
        int read = 0;
        if (HasWideKernel(query.Length) && codes.Length >= 32 * query.Length)
        {
            if (Avx512BW.IsSupported)
                read = Below512(query, codes, limit, rows, firstRow, hits, ref found);
            else if (Avx2.IsSupported)
                read = Below256(query, codes, limit, rows, firstRow, hits, ref found);
        }
        return hits.Length - found < GroupLength ? read : BelowScalar(query, codes, limit, rows, firstRow, read, hits, ref found);
    }

    /// <summary><see cref="Below"/> where few codes pass: their neighbours are not read, and all of them are asked of memory before the first is compared.</summary>
    public static unsafe int BelowOfFew(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, out int found)
    {
        int count = codes.Length / query.Length;
        fixed (ulong* first = codes) // only while they are asked for: what moves afterwards is read all the same
            for (int start = 0; Sse.IsSupported && start < count; start = NextWord(start, firstRow))
                for (ulong passing = rows.PassingFrom(firstRow + start); passing != 0; passing &= passing - 1)
                    for (int word = 0; word < query.Length; word += 8)
                        Sse.Prefetch0(first + Math.Min(start + BitOperations.TrailingZeroCount(passing), count - 1) * query.Length + word);
        found = 0;
        return BelowScalar(query, codes, limit, rows, firstRow, 0, hits, ref found);
    }

    /// <summary>The Hamming distance of two codes of the same number of words.</summary>
    public static int Distance(ReadOnlySpan<ulong> one, ReadOnlySpan<ulong> other)
    {
        other = other[..one.Length];
        int a = 0, b = 0, c = 0, d = 0, w = 0; // four sums, none of which waits for another
        for (; w <= one.Length - 4; w += 4)
        {
            a += BitOperations.PopCount(one[w] ^ other[w]);
            b += BitOperations.PopCount(one[w + 1] ^ other[w + 1]);
            c += BitOperations.PopCount(one[w + 2] ^ other[w + 2]);
            d += BitOperations.PopCount(one[w + 3] ^ other[w + 3]);
        }
        for (; w < one.Length; w++)
            a += BitOperations.PopCount(one[w] ^ other[w]);
        return a + b + c + d;
    }

    /// <summary>The obvious version, for the last few codes, for odd lengths and for machines without wide vectors.</summary>
    internal static void DistancesScalar(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
    {
        int count = codes.Length / query.Length;
        for (int i = 0; i < count; i++)
            distances[i] = (ushort)Distance(query, codes.Slice(i * query.Length, query.Length));
    }

    /// <summary><see cref="Below"/> from the code <paramref name="from"/> on, one by one: for odd lengths and for the last few codes.</summary>
    internal static int BelowScalar(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, int from, Span<Hit> hits, ref int found)
    {
        int count = codes.Length / query.Length, start = from;
        for (; start < count && hits.Length - found >= GroupLength; start = NextWord(start, firstRow))
            for (ulong passing = rows.PassingFrom(firstRow + start); passing != 0; passing &= passing - 1)
            {
                int i = start + BitOperations.TrailingZeroCount(passing);
                if (i >= count)
                    break;
                int distance = query.Length == 1
                    ? BitOperations.PopCount(query[0] ^ codes[i]) : Distance(query, codes.Slice(i * query.Length, query.Length));
                if (distance < limit)
                    hits[found++] = new Hit(i, distance);
            }
        return Math.Min(start, count);
    }

    // The first code behind a place whose row begins a word of the filter.
    private static int NextWord(int place, int firstRow) => place + 64 - (firstRow + place & 63);

    // One vector of eight words can hold the query repeated, or two vectors the whole of it.
    internal static bool HasWideKernel(int words) => words is 1 or 2 or 4 or 8 or 16;
}
