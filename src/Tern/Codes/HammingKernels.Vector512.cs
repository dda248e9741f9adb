using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

/// <remarks>
/// Population count by table: a byte shuffle looks up the bits of each half byte, and the sum of absolute differences with zero
/// adds the eight bytes of each word (Mula, Kurz and Lemire 2018, arXiv:1611.07612). Codes of 2, 4, 8 or 16 words first add the bytes of
/// their words in a tree of shuffles, so that eight codes need one sum.
/// </remarks>
internal static partial class HammingKernels
{
    /// <summary>The first N - N % 32 distances; returns how many it wrote. Query length 1, 2, 4, 8 or 16 words.</summary>
    internal static int Distances512(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances) => query.Length switch
    {
        1 => Distances512<OneWord>(query, codes, distances),
        2 => Distances512<TwoWords>(query, codes, distances),
        4 => Distances512<FourWords>(query, codes, distances),
        8 => Distances512<EightWords>(query, codes, distances),
        _ => Distances512<SixteenWords>(query, codes, distances),
    };

    /// <summary><see cref="Below"/> for the first N - N % 32 codes. Query length 1, 2, 4, 8 or 16 words.</summary>
    internal static int Below512(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, ref int found) =>
        query.Length switch
        {
            1 => Below512<OneWord>(query, codes, limit, rows, firstRow, hits, ref found),
            2 => Below512<TwoWords>(query, codes, limit, rows, firstRow, hits, ref found),
            4 => Below512<FourWords>(query, codes, limit, rows, firstRow, hits, ref found),
            8 => Below512<EightWords>(query, codes, limit, rows, firstRow, hits, ref found),
            _ => Below512<SixteenWords>(query, codes, limit, rows, firstRow, hits, ref found),
        };

    private static int Distances512<TWidth>(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
        where TWidth : struct, IWidth512
    {
        int count = codes.Length / TWidth.Words / 32 * 32;
        _ = distances[..count];
        Target target = Repeated512<TWidth>(query);
        ref ulong code = ref MemoryMarshal.GetReference(codes);
        ref ushort distance = ref MemoryMarshal.GetReference(distances);
        for (int i = 0; i < count; i += 32)
        {
            Vector512<ulong> a = TWidth.InOrder(TWidth.Eight(ref code, target));
            Vector512<ulong> b = TWidth.InOrder(TWidth.Eight(ref Unsafe.Add(ref code, 8 * TWidth.Words), target));
            Vector512<ulong> c = TWidth.InOrder(TWidth.Eight(ref Unsafe.Add(ref code, 16 * TWidth.Words), target));
            Vector512<ulong> d = TWidth.InOrder(TWidth.Eight(ref Unsafe.Add(ref code, 24 * TWidth.Words), target));
            InOrder(a | b << 16 | c << 32 | d << 48).StoreUnsafe(ref distance, (nuint)i);
            code = ref Unsafe.Add(ref code, 32 * TWidth.Words);
        }
        return count;
    }

    private static int Below512<TWidth>(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, ref int found)
        where TWidth : struct, IWidth512
    {
        int count = codes.Length / TWidth.Words / 32 * 32;
        Target target = Repeated512<TWidth>(query);
        Vector512<ulong> bound = Vector512.Create((ulong)limit);
        Span<ulong> distances = stackalloc ulong[32];
        ref ulong first = ref MemoryMarshal.GetReference(codes);
        bool filtered = !rows.PassesAll;
        for (int i = 0; i < count; i += 32)
        {
            ref ulong code = ref Unsafe.Add(ref first, i * TWidth.Words);
            Vector512<ulong> a = TWidth.Eight(ref code, target);
            Vector512<ulong> b = TWidth.Eight(ref Unsafe.Add(ref code, 8 * TWidth.Words), target);
            Vector512<ulong> c = TWidth.Eight(ref Unsafe.Add(ref code, 16 * TWidth.Words), target);
            Vector512<ulong> d = TWidth.Eight(ref Unsafe.Add(ref code, 24 * TWidth.Words), target);
            if (!Vector512.LessThanAny(Vector512.Min(Vector512.Min(a, b), Vector512.Min(c, d)), bound))
                continue;

            (a, b, c, d) = (TWidth.InOrder(a), TWidth.InOrder(b), TWidth.InOrder(c), TWidth.InOrder(d));
            uint near = LessThan(a, bound) | LessThan(b, bound) << 8 | LessThan(c, bound) << 16 | LessThan(d, bound) << 24;
            if (filtered && (near &= (uint)rows.PassingFrom(firstRow + i)) == 0)
                continue;
            a.CopyTo(distances);
            b.CopyTo(distances[8..]);
            c.CopyTo(distances[16..]);
            d.CopyTo(distances[24..]);
            for (; near != 0; near &= near - 1)
            {
                int place = BitOperations.TrailingZeroCount(near);
                hits[found++] = new Hit(i + place, (int)distances[place]);
            }
            if (hits.Length - found < GroupLength)
                return i + 32;
        }
        return count;
    }

    // How many words a code has, and the distances of eight codes, one a word. A type, so that each length compiles to a loop of its own.
    private interface IWidth512
    {
        static abstract int Words { get; }

        // In an order of the width's own, which the scan needs to know only for the few groups with a hit.
        static abstract Vector512<ulong> Eight(ref ulong code, Target target);

        static abstract Vector512<ulong> InOrder(Vector512<ulong> eight);
    }

    private readonly partial struct OneWord : IWidth512
    {
        public static int Words => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Target target) => SumOfBytes(CountBits(ref code, 0, target.First));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> InOrder(Vector512<ulong> eight) => eight;
    }

    private readonly partial struct TwoWords : IWidth512
    {
        public static int Words => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Target target) => SumOfBytes(AddPairs(ref code, 0, target.First));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> InOrder(Vector512<ulong> eight) =>
            Avx512F.PermuteVar8x64(eight, Vector512.Create(0UL, 2, 4, 6, 1, 3, 5, 7)); // codes 0, 4, 1, 5, 2, 6, 3, 7
    }

    private readonly partial struct FourWords : IWidth512
    {
        public static int Words => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Target target) =>
            SumOfBytes(AddLanes(AddPairs(ref code, 0, target.First), AddPairs(ref code, 2, target.First)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> InOrder(Vector512<ulong> eight) =>
            Avx512F.PermuteVar8x64(eight, Vector512.Create(0UL, 2, 1, 3, 4, 6, 5, 7)); // codes 0, 2, 1, 3, 4, 6, 5, 7
    }

    private readonly struct EightWords : IWidth512
    {
        public static int Words => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Target target) => SumOfBytes(AddLanes(
            AddLanes(AddPairs(ref code, 0, target.First), AddPairs(ref code, 2, target.First)),
            AddLanes(AddPairs(ref code, 4, target.First), AddPairs(ref code, 6, target.First))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> InOrder(Vector512<ulong> eight) => eight;
    }

    private readonly struct SixteenWords : IWidth512
    {
        public static int Words => 16;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Target target) => SumOfBytes(AddLanes(
            AddLanes(AddPairs(Halves(ref code, 0, target), Halves(ref code, 1, target)), AddPairs(Halves(ref code, 2, target), Halves(ref code, 3, target))),
            AddLanes(AddPairs(Halves(ref code, 4, target), Halves(ref code, 5, target)), AddPairs(Halves(ref code, 6, target), Halves(ref code, 7, target)))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> InOrder(Vector512<ulong> eight) => eight;

        // The two vectors of code number `number`, added byte by byte; of all sixteen words up to 128, so no byte overflows.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<byte> Halves(ref ulong code, int number, Target target) =>
            CountBits(ref code, 2 * number, target.First) + CountBits(ref code, 2 * number + 1, target.Second);
    }

    // A vector of the query: repeated where it is shorter, and a second one where it is longer.
    private readonly record struct Target(Vector512<ulong> First, Vector512<ulong> Second);

    // The bits that differ from the target in each byte of vector number `vector` after code.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> CountBits(ref ulong code, int vector, Vector512<ulong> target)
    {
        Vector512<ulong> words = Vector512.LoadUnsafe(ref code, (nuint)(8 * vector)) ^ target;
        Vector512<byte> bitsOfNibble = Vector512.Create(
            (byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        Vector512<byte> nibble = Vector512.Create((byte)15);
        Vector512<byte> low = Avx512BW.Shuffle(bitsOfNibble, words.AsByte() & nibble);
        Vector512<byte> high = Avx512BW.Shuffle(bitsOfNibble, (words.AsUInt16() >>> 4).AsByte() & nibble);
        return low + high;
    }

    // Vectors (a0, a1, .. a7), (b0, .. b7) to (a0 + a1, b0 + b1, a2 + a3, b2 + b3, .. b6 + b7), byte by byte: of eight words up to 64, so no byte overflows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> AddPairs(Vector512<byte> a, Vector512<byte> b) =>
        Avx512F.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsByte() + Avx512F.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> AddPairs(ref ulong code, int vector, Vector512<ulong> target) =>
        AddPairs(CountBits(ref code, vector, target), CountBits(ref code, vector + 1, target));

    // Quarters (a0, a1, a2, a3), (b0, b1, b2, b3) to (a0 + a1, a2 + a3, b0 + b1, b2 + b3).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> AddLanes(Vector512<byte> a, Vector512<byte> b) =>
        Avx512F.Shuffle4x128(a.AsUInt64(), b.AsUInt64(), 0b10_00_10_00).AsByte()
        + Avx512F.Shuffle4x128(a.AsUInt64(), b.AsUInt64(), 0b11_01_11_01).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> SumOfBytes(Vector512<byte> counts) =>
        Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();

    // Bit i: whether distance i is below the bound.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LessThan(Vector512<ulong> distances, Vector512<ulong> bound) =>
        (uint)Vector512.LessThan(distances, bound).ExtractMostSignificantBits();

    private static Target Repeated512<TWidth>(ReadOnlySpan<ulong> query)
        where TWidth : struct, IWidth512 => new(
            Vector512.Create(
                query[0], query[1 % TWidth.Words], query[2 % TWidth.Words], query[3 % TWidth.Words],
                query[4 % TWidth.Words], query[5 % TWidth.Words], query[6 % TWidth.Words], query[7 % TWidth.Words]),
            TWidth.Words > Vector512<ulong>.Count ? Vector512.Create(query[Vector512<ulong>.Count..]) : default);

    // (a0, b0, c0, d0, a1, b1, .. d7) to (a0, a1, .. a7, b0, .. d7): one permutation, where narrowing twice would take three times as long.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> InOrder(Vector512<ulong> interleaved) => Avx512BW.PermuteVar32x16(
        interleaved.AsUInt16(),
        Vector512.Create((ushort)0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29,
            2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31));
}
