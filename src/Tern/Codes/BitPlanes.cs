using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

/// <summary>
/// A block of codes lying on its side, for many queries: plane b holds bit b of 512 codes. Distances are counted in all of them at once by full adders, and
/// a group is left as soon as none of its codes can be near enough: among codes far from the query, after about half of the bits.
/// </summary>
/// <remarks>
/// The counting is Harley and Seal's (Warren, Hacker's Delight, 2nd edition, 5-1) with a lane for each code. What a block costs to
/// turn is shared by all queries that pass over it. Written with vectors of 512 bits, which run as two of 256 where the machine has no wider ones.
/// </remarks>
internal sealed class BitPlanes
{
    /// <summary>Codes that are looked at together; the room for hits that <see cref="Below"/> needs.</summary>
    public const int GroupLength = 512;

    /// <summary>From so many queries on it pays to turn codes; on machines without wide vectors it never does.</summary>
    public static readonly int WorthQueries = Vector256.IsHardwareAccelerated ? 8 : int.MaxValue;

    /// <summary>Counts go to here: the largest limit that <see cref="Below"/> takes.</summary>
    public const int MostLimit = 128;

    private const int Lanes = 8;        // 64-bit words in a vector
    private const int Step = 16;        // planes that go through the adders together

    private readonly int bits, steps;
    private readonly ulong[] planes;    // [groups, bits rounded up to whole steps, 8]
    private int groups;

    /// <param name="bits">Code length.</param>
    /// <param name="mostCodes">How many codes a block has at most.</param>
    public BitPlanes(int bits, int mostCodes)
    {
        this.bits = bits;
        steps = (bits + Step - 1) / Step;
        planes = new ulong[mostCodes / GroupLength * steps * Step * Lanes];
    }

    /// <summary>For each plane of a query [W] its bit, in all 64 places; zero past the length.</summary>
    public static ulong[] Mask(ReadOnlySpan<ulong> query, int bits)
    {
        ulong[] mask = new ulong[(bits + Step - 1) / Step * Step];
        for (int b = 0; b < bits; b++)
            mask[b] = 0 - (query[b / 64] >> b % 64 & 1);
        return mask;
    }

    /// <summary>Takes codes [N, W]; of those past the last whole group none. Returns how many it took.</summary>
    public int Turn(ReadOnlySpan<ulong> codes)
    {
        int words = BinaryCode.WordCount(bits);
        groups = Math.Min(codes.Length / words / GroupLength, planes.Length / (steps * Step * Lanes));
        Span<Vector512<ulong>> square = stackalloc Vector512<ulong>[64];
        for (int group = 0; group < groups; group++)
            for (int word = 0; word < words; word++)
            {
                ref ulong code = ref MemoryMarshal.GetReference(codes[(group * GroupLength * words + word)..]);
                for (int i = 0; i < 64; i++, code = ref Unsafe.Add(ref code, Lanes * words))
                    square[i] = words == 1 ? Vector512.LoadUnsafe(ref code) : Vector512.Create(code, Unsafe.Add(ref code, words), Unsafe.Add(ref code, 2 * words), Unsafe.Add(ref code, 3 * words),
                        Unsafe.Add(ref code, 4 * words), Unsafe.Add(ref code, 5 * words), Unsafe.Add(ref code, 6 * words), Unsafe.Add(ref code, 7 * words));
                Transpose(square);
                Span<ulong> target = planes.AsSpan((group * steps * Step + word * 64) * Lanes, Math.Min(64, steps * Step - word * 64) * Lanes);
                MemoryMarshal.Cast<Vector512<ulong>, ulong>(square)[..target.Length].CopyTo(target);
            }
        return groups * GroupLength;
    }

    /// <summary>
    /// Finds the codes nearer to a query than <paramref name="limit"/> that pass the filter, in ascending order, from the group that begins at code
    /// <paramref name="from"/>. Stops when fewer than <see cref="GroupLength"/> places are left in <paramref name="hits"/>, so that the caller can lower its limit.
    /// </summary>
    /// <param name="mask">What <see cref="Mask"/> made of the query.</param>
    /// <param name="query">[W] words.</param>
    /// <param name="codes">[N, W] words: the codes that were turned.</param>
    /// <param name="limit">Distances below this are hits; at most <see cref="MostLimit"/>.</param>
    /// <param name="rows">Which rows count.</param>
    /// <param name="firstRow">The row of the first code.</param>
    /// <param name="from">Where the call before stopped.</param>
    /// <param name="hits">Room for at least <see cref="GroupLength"/>; places count from the first code.</param>
    /// <param name="found">How many hits there are.</param>
    /// <returns>How many codes were read, those before <paramref name="from"/> included.</returns>
    public int Below(ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, int from, Span<Hit> hits, out int found)
    {
        found = 0;
        for (int group = from / GroupLength; group < groups; group++)
        {
            Vector512<ulong> near = Near(ref planes[group * steps * Step * Lanes], ref MemoryMarshal.GetReference(mask), limit);
            if (near == Vector512<ulong>.Zero)
                continue;
            // Lane l, bit i is code 8 i + l.
            for (ulong any = Any(near); any != 0; any &= any - 1)
            {
                int bit = BitOperations.TrailingZeroCount(any);
                for (int lane = 0; lane < Lanes; lane++)
                {
                    int place = group * GroupLength + bit * Lanes + lane;
                    if ((near[lane] >> bit & 1) != 0 && rows.Passes(firstRow + place))
                        hits[found++] = new Hit(place, HammingKernels.Distance(query, codes.Slice(place * query.Length, query.Length)));
                }
            }
            if (hits.Length - found < GroupLength)
                return (group + 1) * GroupLength;
        }
        return groups * GroupLength;
    }

    // Which of a group's codes are nearer than the limit.
    private Vector512<ulong> Near(ref ulong plane, ref ulong mask, int limit)
    {
        Vector512<ulong> ones = default, twos = default, fours = default, eights = default, sixteens = default, thirtyTwos = default, sixtyFours = default, tooFar = default;
        for (int step = 1; ; step++)
        {
            Vector512<ulong> carry = CountEight(ref plane, ref mask, ref ones, ref twos, ref fours);
            plane = ref Unsafe.Add(ref plane, 8 * Lanes);
            mask = ref Unsafe.Add(ref mask, 8);
            Vector512<ulong> other = CountEight(ref plane, ref mask, ref ones, ref twos, ref fours);
            plane = ref Unsafe.Add(ref plane, 8 * Lanes);
            mask = ref Unsafe.Add(ref mask, 8);
            carry = Add(ref eights, carry, other);
            (carry, sixteens) = (sixteens & carry, sixteens ^ carry);
            (carry, thirtyTwos) = (thirtyTwos & carry, thirtyTwos ^ carry);
            (carry, sixtyFours) = (sixtyFours & carry, sixtyFours ^ carry);
            tooFar |= carry;
            if (step == 1 && steps > 1)
                continue; // hardly a group ends so early

            Vector512<ulong> near = Less(ones, limit, 1, default);
            near = Less(twos, limit, 2, near);
            near = Less(fours, limit, 4, near);
            near = Less(eights, limit, 8, near);
            near = Less(sixteens, limit, 16, near);
            near = Less(thirtyTwos, limit, 32, near);
            near = Less(sixtyFours, limit, 64, near);
            near = limit < MostLimit ? Vector512.AndNot(near, tooFar) : ~tooFar;
            if (step == steps || near == Vector512<ulong>.Zero)
                return near;
        }
    }

    // Counts eight planes; what is carried are eights.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> CountEight(ref ulong plane, ref ulong mask, ref Vector512<ulong> ones, ref Vector512<ulong> twos, ref Vector512<ulong> fours)
    {
        Vector512<ulong> two = Add(ref ones, Differing(ref plane, ref mask, 0), Differing(ref plane, ref mask, 1));
        Vector512<ulong> four = Add(ref twos, two, Add(ref ones, Differing(ref plane, ref mask, 2), Differing(ref plane, ref mask, 3)));
        two = Add(ref ones, Differing(ref plane, ref mask, 4), Differing(ref plane, ref mask, 5));
        return Add(ref fours, four, Add(ref twos, two, Add(ref ones, Differing(ref plane, ref mask, 6), Differing(ref plane, ref mask, 7))));
    }

    // A full adder: leaves the sum and returns the carry.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Add(ref Vector512<ulong> sum, Vector512<ulong> a, Vector512<ulong> b)
    {
        Vector512<ulong> carry = Majority(sum, a, b);
        sum = Avx512F.IsSupported ? Avx512F.TernaryLogic(sum, a, b, 0x96) : sum ^ a ^ b;
        return carry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Differing(ref ulong plane, ref ulong mask, int number) =>
        Vector512.LoadUnsafe(ref plane, (nuint)(number * Lanes)) ^ Vector512.Create(Unsafe.Add(ref mask, number));

    // Whether the counts' bits up to this one are less than the limit's; the answer for the bits below it is given.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Less(Vector512<ulong> count, int limit, int bit, Vector512<ulong> below) =>
        (limit & bit) != 0 ? ~count | below : Vector512.AndNot(below, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Majority(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.IsSupported ? Avx512F.TernaryLogic(a, b, c, 0xE8) : (a & b) | (c & (a | b));

    private static ulong Any(Vector512<ulong> lanes)
    {
        Vector256<ulong> half = lanes.GetLower() | lanes.GetUpper();
        Vector128<ulong> quarter = half.GetLower() | half.GetUpper();
        return quarter[0] | quarter[1];
    }

    // Bit b of row i becomes bit i of row b, in each lane by itself: halves change places, then quarters, ... (Hacker's Delight, 7-3).
    private static void Transpose(Span<Vector512<ulong>> rows)
    {
        ulong kept = 0x00000000FFFFFFFF;
        for (int width = 32; width != 0; width >>= 1, kept ^= kept << width)
        {
            Vector512<ulong> low = Vector512.Create(kept);
            for (int i = 0; i < 64; i = (i + width + 1) & ~width)
            {
                Vector512<ulong> change = ((rows[i] >>> width) ^ rows[i + width]) & low;
                rows[i + width] ^= change;
                rows[i] ^= change << width;
            }
        }
    }
}
