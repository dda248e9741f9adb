using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Tern.Codes;

/// <summary>Distances from one query to a block of codes. All versions give the same numbers; the widest the machine has is
/// taken.</summary>
internal static partial class HammingKernels
{
    /// <summary>Sets distances[i] to the Hamming distance between query [W] and codes[i, :] of codes [N, W], for i = 0..N-1.</summary>
    public static void Distances(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
    {
        int done = 0;
        if (IsPowerOfTwoUpToEight(query.Length))
        {
            if (Avx512BW.IsSupported)
                done = Distances512(query, codes, distances);
            else if (Avx2.IsSupported)
                done = Distances256(query, codes, distances);
        }
        DistancesScalar(query, codes[(done * query.Length)..], distances[done..]);
    }

    /// <summary>The obvious version, for the last few codes, for odd lengths and for machines without wide vectors.</summary>
    internal static void DistancesScalar(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances)
    {
        int count = codes.Length / query.Length;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<ulong> code = codes.Slice(i * query.Length, query.Length);
            int distance = 0;
            for (int w = 0; w < code.Length; w++)
                distance += BitOperations.PopCount(query[w] ^ code[w]);
            distances[i] = (ushort)distance;
        }
    }

    // These lengths divide a vector of eight words, so one vector can hold the query repeated.
    internal static bool IsPowerOfTwoUpToEight(int words) => words is 1 or 2 or 4 or 8;
}
