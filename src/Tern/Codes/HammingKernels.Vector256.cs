using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

internal static partial class HammingKernels
{
    /// <summary>The first N - N % 16 distances; returns how many it wrote. Query length 1, 2, 4 or 8 words.</summary>
    internal static int Distances256(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances) => query.Length switch
    {
        1 => Distances256<One>(query, codes, distances),
        2 => Distances256<Twice<One>>(query, codes, distances),
        4 => Distances256<Twice<Twice<One>>>(query, codes, distances),
        _ => 0, // eight words are more than one vector of the query; left to the scalar version
    };

    private static int Distances256<TWidth>(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
        where TWidth : struct, IWidth
    {
        int count = codes.Length / TWidth.Words / 16 * 16;
        _ = distances[..count];
        Vector256<ulong> target = Vector256.Create(query[0], query[1 % TWidth.Words], query[2 % TWidth.Words], query[3 % TWidth.Words]);
        ref ulong code = ref MemoryMarshal.GetReference(codes);
        ref ushort distance = ref MemoryMarshal.GetReference(distances);
        for (int i = 0; i < count; i += 16)
        {
            Vector256<ulong> a = TWidth.Four(ref code, target);
            Vector256<ulong> b = TWidth.Four(ref Unsafe.Add(ref code, 4 * TWidth.Words), target);
            Vector256<ulong> c = TWidth.Four(ref Unsafe.Add(ref code, 8 * TWidth.Words), target);
            Vector256<ulong> d = TWidth.Four(ref Unsafe.Add(ref code, 12 * TWidth.Words), target);
            Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).StoreUnsafe(ref distance, (nuint)i);
            code = ref Unsafe.Add(ref code, 16 * TWidth.Words);
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> CountBits(Vector256<ulong> words)
    {
        Vector256<byte> bitsOfNibble = Vector256.Create(
            (byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> low = Avx2.Shuffle(bitsOfNibble, words.AsByte() & nibble);
        Vector256<byte> high = Avx2.Shuffle(bitsOfNibble, (words.AsUInt16() >>> 4).AsByte() & nibble);
        return Avx2.SumAbsoluteDifferences(low + high, Vector256<byte>.Zero).AsUInt64();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> AddPairs(Vector256<ulong> a, Vector256<ulong> b)
    {
        Vector256<ulong> pairs = Vector256.Narrow(a, b).AsUInt64();
        return (pairs >>> 32) + (pairs & Vector256.Create(0xFFFFFFFFUL));
    }
}
