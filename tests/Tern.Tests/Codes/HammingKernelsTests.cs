using System.Runtime.Intrinsics.X86;
using Tern.Codes;

namespace Tern.Tests.Codes;

public class HammingKernelsTests
{
    private delegate int Kernel(ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, Span<ushort> distances);

    [Fact]
    public void The_chosen_kernel_is_exact_for_every_code_length_and_block_length() => Check((query, codes, distances) =>
    {
        HammingKernels.Distances(query, codes, distances);
        return distances.Length;
    });

    [SkippableFact]
    public void The_512_bit_kernel_is_exact()
    {
        Skip.IfNot(Avx512BW.IsSupported, "this machine has no AVX-512");
        Check((query, codes, distances) => HammingKernels.IsPowerOfTwoUpToEight(query.Length)
            ? HammingKernels.Distances512(query, codes, distances) : 0);
    }

    [SkippableFact]
    public void The_256_bit_kernel_is_exact()
    {
        Skip.IfNot(Avx2.IsSupported, "this machine has no AVX2");
        Check((query, codes, distances) => HammingKernels.IsPowerOfTwoUpToEight(query.Length)
            ? HammingKernels.Distances256(query, codes, distances) : 0);
    }

    [Fact]
    public void The_largest_distance_fits()
    {
        ulong[] ones = Enumerable.Repeat(ulong.MaxValue, 16).ToArray();
        ushort[] distance = new ushort[1];
        HammingKernels.Distances(ones, new ulong[16], distance);
        Assert.Equal(1024, distance[0]);
    }

    // Distance bit by bit is the truth; what lies past the written part must be untouched.
    private static void Check(Kernel kernel)
    {
        Random random = new(3);
        foreach (int words in Enumerable.Range(1, 16))
            foreach (int count in new[] { 0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100 })
            {
                PackedCodes codes = RandomCodes.Many(random, 64 * words, count);
                BinaryCode query = RandomCodes.One(random, 64 * words);
                ushort[] distances = Enumerable.Repeat((ushort)9999, count).ToArray();
                int written = kernel(query.Words, codes.Words, distances);
                for (int i = 0; i < count; i++)
                    Assert.Equal(i < written ? query.Distance(codes[i]) : 9999, distances[i]);
            }
    }
}
