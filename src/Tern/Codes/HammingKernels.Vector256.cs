using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

internal static partial class HammingKernels
{
    /// <summary>The first N - N % 16 distances; returns how many it wrote. Query length 1, 2, 4, 8 or 16 words.</summary>
    internal static int Distances256(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances) => query.Length switch
    {
        1 => Distances256<OneWord>(query, codes, distances),
        2 => Distances256<TwoWords>(query, codes, distances),
        4 => Distances256<FourWords>(query, codes, distances),
        _ => 0, // more than one vector of the query; left to the scalar version
    };

    /// <summary><see cref="Below"/> for the first N - N % 16 codes. Query length 1, 2, 4, 8 or 16 words.</summary>
    internal static int Below256(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, ref int found) =>
        query.Length switch
        {
            1 => Below256<OneWord>(query, codes, limit, rows, firstRow, hits, ref found),
            2 => Below256<TwoWords>(query, codes, limit, rows, firstRow, hits, ref found),
            4 => Below256<FourWords>(query, codes, limit, rows, firstRow, hits, ref found),
            _ => 0,
        };

    private static int Distances256<TWidth>(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
        where TWidth : struct, IWidth256
    {
        int count = codes.Length / TWidth.Words / 16 * 16;
        _ = distances[..count];
        Vector256<ulong> target = Repeated256<TWidth>(query);
        ref ulong code = ref MemoryMarshal.GetReference(codes);
        ref ushort distance = ref MemoryMarshal.GetReference(distances);
        for (int i = 0; i < count; i += 16)
        {
            Vector256<ulong> a = TWidth.InOrder(TWidth.Four(ref code, target));
            Vector256<ulong> b = TWidth.InOrder(TWidth.Four(ref Unsafe.Add(ref code, 4 * TWidth.Words), target));
            Vector256<ulong> c = TWidth.InOrder(TWidth.Four(ref Unsafe.Add(ref code, 8 * TWidth.Words), target));
            Vector256<ulong> d = TWidth.InOrder(TWidth.Four(ref Unsafe.Add(ref code, 12 * TWidth.Words), target));
            Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).StoreUnsafe(ref distance, (nuint)i);
            code = ref Unsafe.Add(ref code, 16 * TWidth.Words);
        }
        return count;
    }

    private static int Below256<TWidth>(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, ref int found)
        where TWidth : struct, IWidth256
    {
        int count = codes.Length / TWidth.Words / 16 * 16;
        Vector256<ulong> target = Repeated256<TWidth>(query);
        Vector256<long> bound = Vector256.Create((long)limit);
        Span<long> distances = stackalloc long[16];
        ref ulong first = ref MemoryMarshal.GetReference(codes);
        bool filtered = !rows.PassesAll;
        for (int i = 0; i < count; i += 16)
        {
            ref ulong code = ref Unsafe.Add(ref first, i * TWidth.Words);
            Vector256<ulong> a = TWidth.Four(ref code, target);
            Vector256<ulong> b = TWidth.Four(ref Unsafe.Add(ref code, 4 * TWidth.Words), target);
            Vector256<ulong> c = TWidth.Four(ref Unsafe.Add(ref code, 8 * TWidth.Words), target);
            Vector256<ulong> d = TWidth.Four(ref Unsafe.Add(ref code, 12 * TWidth.Words), target);
            Vector256<long> any = Vector256.LessThan(a.AsInt64(), bound) | Vector256.LessThan(b.AsInt64(), bound)
                | Vector256.LessThan(c.AsInt64(), bound) | Vector256.LessThan(d.AsInt64(), bound);
            if (any == Vector256<long>.Zero)
                continue;

            (a, b, c, d) = (TWidth.InOrder(a), TWidth.InOrder(b), TWidth.InOrder(c), TWidth.InOrder(d));
            uint near = LessThan(a, bound) | LessThan(b, bound) << 4 | LessThan(c, bound) << 8 | LessThan(d, bound) << 12;
            if (filtered && (near &= (uint)rows.PassingFrom(firstRow + i)) == 0)
                continue;
            a.AsInt64().CopyTo(distances);
            b.AsInt64().CopyTo(distances[4..]);
            c.AsInt64().CopyTo(distances[8..]);
            d.AsInt64().CopyTo(distances[12..]);
            for (; near != 0; near &= near - 1)
            {
                int place = BitOperations.TrailingZeroCount(near);
                hits[found++] = new Hit(i + place, (int)distances[place]);
            }
            if (hits.Length - found < GroupLength)
                return i + 16;
        }
        return count;
    }

    private interface IWidth256
    {
        static abstract int Words { get; }

        static abstract Vector256<ulong> Four(ref ulong code, Vector256<ulong> target);

        static abstract Vector256<ulong> InOrder(Vector256<ulong> four);
    }

    private readonly partial struct OneWord : IWidth256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Four(ref ulong code, Vector256<ulong> target) => SumOfBytes(CountBits(ref code, 0, target));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> InOrder(Vector256<ulong> four) => four;
    }

    private readonly partial struct TwoWords : IWidth256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Four(ref ulong code, Vector256<ulong> target) => SumOfBytes(AddPairs(ref code, 0, target));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> InOrder(Vector256<ulong> four) => Avx2.Permute4x64(four, 0b11_01_10_00); // codes 0, 2, 1, 3
    }

    private readonly partial struct FourWords : IWidth256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> Four(ref ulong code, Vector256<ulong> target)
        {
            Vector256<byte> a = AddPairs(ref code, 0, target), b = AddPairs(ref code, 2, target);
            return SumOfBytes(Avx2.Permute2x128(a, b, 0x20) + Avx2.Permute2x128(a, b, 0x31)); // halves (a0 + a1, b0 + b1)
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> InOrder(Vector256<ulong> four) => four;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> CountBits(ref ulong code, int vector, Vector256<ulong> target)
    {
        Vector256<ulong> words = Vector256.LoadUnsafe(ref code, (nuint)(4 * vector)) ^ target;
        Vector256<byte> bitsOfNibble = Vector256.Create(
            (byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> low = Avx2.Shuffle(bitsOfNibble, words.AsByte() & nibble);
        Vector256<byte> high = Avx2.Shuffle(bitsOfNibble, (words.AsUInt16() >>> 4).AsByte() & nibble);
        return low + high;
    }

    // Vectors (a0, a1, a2, a3), (b0, .. b3) to (a0 + a1, b0 + b1, a2 + a3, b2 + b3), byte by byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> AddPairs(ref ulong code, int vector, Vector256<ulong> target)
    {
        Vector256<ulong> a = CountBits(ref code, vector, target).AsUInt64(), b = CountBits(ref code, vector + 1, target).AsUInt64();
        return Avx2.UnpackLow(a, b).AsByte() + Avx2.UnpackHigh(a, b).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> SumOfBytes(Vector256<byte> counts) =>
        Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LessThan(Vector256<ulong> distances, Vector256<long> bound) =>
        Vector256.LessThan(distances.AsInt64(), bound).ExtractMostSignificantBits();

    private static Vector256<ulong> Repeated256<TWidth>(ReadOnlySpan<ulong> query)
        where TWidth : struct, IWidth256 => Vector256.Create(query[0], query[1 % TWidth.Words], query[2 % TWidth.Words], query[3 % TWidth.Words]);
}
