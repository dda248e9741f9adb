using System.Runtime.Intrinsics.X86;
using Tern.Codes;

namespace Tern.Tests.Codes;

public class HammingKernelsTests
{
    private delegate int Finder(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, out int found);

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
        Check((query, codes, distances) => HammingKernels.HasWideKernel(query.Length)
            ? HammingKernels.Distances512(query, codes, distances) : 0);
    }

    [SkippableFact]
    public void The_256_bit_kernel_is_exact()
    {
        Skip.IfNot(Avx2.IsSupported, "this machine has no AVX2");
        Check((query, codes, distances) => HammingKernels.HasWideKernel(query.Length)
            ? HammingKernels.Distances256(query, codes, distances) : 0);
    }

    [Fact]
    public void The_chosen_kernel_finds_what_is_below_the_limit_and_passes() => CheckHits(HammingKernels.Below);

    [SkippableFact]
    public void The_512_bit_kernel_finds_what_is_below_the_limit_and_passes()
    {
        Skip.IfNot(Avx512BW.IsSupported, "this machine has no AVX-512");
        CheckHits((ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, out int found) =>
        {
            found = 0;
            int read = HammingKernels.HasWideKernel(query.Length)
                ? HammingKernels.Below512(query, codes, limit, rows, firstRow, hits, ref found) : 0;
            return Rest(query, codes, limit, rows, firstRow, read, hits, ref found);
        });
    }

    [SkippableFact]
    public void The_256_bit_kernel_finds_what_is_below_the_limit_and_passes()
    {
        Skip.IfNot(Avx2.IsSupported, "this machine has no AVX2");
        CheckHits((ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, Span<Hit> hits, out int found) =>
        {
            found = 0;
            int read = HammingKernels.HasWideKernel(query.Length)
                ? HammingKernels.Below256(query, codes, limit, rows, firstRow, hits, ref found) : 0;
            return Rest(query, codes, limit, rows, firstRow, read, hits, ref found);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]                                                          // by the widest vectors, and one by itself
    public void The_largest_distance_fits(int count)
    {
        ulong[] ones = Enumerable.Repeat(ulong.MaxValue, 16).ToArray();
        ushort[] distances = new ushort[count];
        HammingKernels.Distances(ones, new ulong[16 * count], distances);
        Assert.All(distances, distance => Assert.Equal(1024, distance));
        Hit[] hits = new Hit[128];
        Assert.Equal(count, HammingKernels.Below(ones, new ulong[16 * count], 1025, new RowFilter(null, null), 0, hits, out int found));
        Assert.Equal(Enumerable.Range(0, count).Select(place => new Hit(place, 1024)), hits[..found]);
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

    // As a scan does: one by one where few pass, and then again not.
    [Fact]
    public void One_by_one_and_by_vectors_in_turn_they_find_the_same()
    {
        int turn = 0;
        CheckHits((query, codes, limit, rows, firstRow, hits, out found) => turn++ % 2 == 0
            ? HammingKernels.BelowOfFew(query, codes, limit, rows, firstRow, hits, out found)
            : HammingKernels.Below(query, codes, limit, rows, firstRow, hits, out found));
    }

    private static int Rest(
        ReadOnlySpan<ulong> query, ReadOnlySpan<ulong> codes, int limit, RowFilter rows, int firstRow, int read, Span<Hit> hits, ref int found) =>
        hits.Length - found < HammingKernels.GroupLength ? read : HammingKernels.BelowScalar(query, codes, limit, rows, firstRow, read, hits, ref found);

    private static RowMarks Removed(ulong[] words) => RowMarks.FromWords(words, 64 * words.Length);

    // Calls on, as a scan does, until all codes are read; the definition is the truth.
    private static void CheckHits(Finder finder)
    {
        Random random = new(4);
        foreach (int words in Enumerable.Range(1, 16))
            foreach (int count in new[] { 0, 1, 31, 32, 33, 64, 100, 300 })
            {
                PackedCodes codes = RandomCodes.Many(random, 64 * words, count);
                BinaryCode query = RandomCodes.One(random, 64 * words);
                ulong[] marks = [.. Enumerable.Range(0, count / 64 + 1).Select(word => word % 2 == 0 ? (ulong)random.NextInt64() : 0)];
                foreach (RowFilter rows in new RowFilter[] { new(null, null), new(marks, null), new(null, Removed(marks)), new(marks, Removed([.. marks.Select(word => word >> 7)])) })
                    foreach (int limit in new[] { 0, 1, 32 * words, 64 * words + 1 })
                        foreach (int room in new[] { HammingKernels.GroupLength, 82, 1000 })
                        {
                            List<(int, int)> found = [];
                            Hit[] hits = new Hit[room];
                            for (int at = 0, read; at < count; at += read)
                            {
                                read = finder(query.Words, codes.Words[(at * words)..], limit, rows, at, hits, out int more);
                                Assert.InRange(read, 1, count - at);
                                for (int i = 0; i < more; i++)
                                    found.Add((at + hits[i].Place, hits[i].Distance));
                            }
                            Assert.Equal(
                                Enumerable.Range(0, count).Where(row => rows.Passes(row)).Select(row => (row, query.Distance(codes[row])))
                                    .Where(hit => hit.Item2 < limit),
                                found);
                        }
            }
    }
}
