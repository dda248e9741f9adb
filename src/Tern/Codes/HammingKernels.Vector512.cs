using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

/// <remarks>
/// Population count by table: a byte shuffle looks up the bits of each half byte, and the sum of absolute differences with zero
/// adds the eight bytes of each word (Mula, Kurz and Lemire 2018, arXiv:1611.07612). Codes of 2, 4 or 8 words add neighbouring words
/// pairwise until one word is left per code, which keeps the codes in order.
/// </remarks>
internal static partial class HammingKernels
{
    /// <summary>The first N - N % 32 distances; returns how many it wrote. Query length 1, 2, 4 or 8 words.</summary>
    internal static int Distances512(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances) => query.Length switch
    {
        1 => Distances512<One>(query, codes, distances),
        2 => Distances512<Twice<One>>(query, codes, distances),
        4 => Distances512<Twice<Twice<One>>>(query, codes, distances),
        _ => Distances512<Twice<Twice<Twice<One>>>>(query, codes, distances),
    };

    private static int Distances512<TWidth>(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
        where TWidth : struct, IWidth
    {
        int count = codes.Length / TWidth.Words / 32 * 32;
        _ = distances[..count];
        Vector512<ulong> target = Vector512.Create(
            query[0], query[1 % TWidth.Words], query[2 % TWidth.Words], query[3 % TWidth.Words],
            query[4 % TWidth.Words], query[5 % TWidth.Words], query[6 % TWidth.Words], query[7 % TWidth.Words]);
        ref ulong code = ref MemoryMarshal.GetReference(codes);
        ref ushort distance = ref MemoryMarshal.GetReference(distances);
        for (int i = 0; i < count; i += 32)
        {
            Vector512<ulong> a = TWidth.Eight(ref code, target);
            Vector512<ulong> b = TWidth.Eight(ref Unsafe.Add(ref code, 8 * TWidth.Words), target);
            Vector512<ulong> c = TWidth.Eight(ref Unsafe.Add(ref code, 16 * TWidth.Words), target);
            Vector512<ulong> d = TWidth.Eight(ref Unsafe.Add(ref code, 24 * TWidth.Words), target);
            InOrder(a | b << 16 | c << 32 | d << 48).StoreUnsafe(ref distance, (nuint)i);
            code = ref Unsafe.Add(ref code, 32 * TWidth.Words);
        }
        return count;
    }

    // How many words a code has, and the distances of several codes, one a word. A type, so that each length compiles to a loop of its own.
    private interface IWidth
    {
        static abstract int Words { get; }

        static abstract Vector512<ulong> Eight(ref ulong code, Vector512<ulong> target);

        static abstract Vector256<ulong> Four(ref ulong code, Vector256<ulong> target);
    }

    private readonly struct One : IWidth
    {
        public static int Words => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Vector512<ulong> target) => CountBits(Vector512.LoadUnsafe(ref code) ^ target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Four(ref ulong code, Vector256<ulong> target) => CountBits(Vector256.LoadUnsafe(ref code) ^ target);
    }

    private readonly struct Twice<TWidth> : IWidth where TWidth : struct, IWidth
    {
        public static int Words => 2 * TWidth.Words;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<ulong> Eight(ref ulong code, Vector512<ulong> target) =>
            AddPairs(TWidth.Eight(ref code, target), TWidth.Eight(ref Unsafe.Add(ref code, 8 * TWidth.Words), target));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Four(ref ulong code, Vector256<ulong> target) =>
            AddPairs(TWidth.Four(ref code, target), TWidth.Four(ref Unsafe.Add(ref code, 4 * TWidth.Words), target));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> CountBits(Vector512<ulong> words)
    {
        Vector512<byte> bitsOfNibble = Vector512.Create(
            (byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        Vector512<byte> nibble = Vector512.Create((byte)15);
        Vector512<byte> low = Avx512BW.Shuffle(bitsOfNibble, words.AsByte() & nibble);
        Vector512<byte> high = Avx512BW.Shuffle(bitsOfNibble, (words.AsUInt16() >>> 4).AsByte() & nibble);
        return Avx512BW.SumAbsoluteDifferences(low + high, Vector512<byte>.Zero).AsUInt64();
    }

    // (a0, b0, c0, d0, a1, b1, .. d7) to (a0, a1, .. a7, b0, .. d7): one permutation, where narrowing twice would take three times as long.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> InOrder(Vector512<ulong> interleaved) => Avx512BW.PermuteVar32x16(
        interleaved.AsUInt16(),
        Vector512.Create((ushort)0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29,
            2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31));

    // (a0, a1, .. a7), (b0, .. b7) to (a0 + a1, a2 + a3, .. b6 + b7).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> AddPairs(Vector512<ulong> a, Vector512<ulong> b)
    {
        Vector512<ulong> pairs = Vector512.Narrow(a, b).AsUInt64();
        return (pairs >>> 32) + (pairs & Vector512.Create(0xFFFFFFFFUL));
    }
}
