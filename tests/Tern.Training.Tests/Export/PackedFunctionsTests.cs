using Tern.Training.Export;

namespace Tern.Training.Tests.Export;

/// <summary>How the levels of quantised weights lie in their bytes.</summary>
public sealed class PackedFunctionsTests
{
    [Fact]
    public void Packed_trits_are_two_bits_each_low_bits_first()
    {
        // Row 0: 1 0 -1 1 | -1 -> 2,1,0,2 = 2 + 1*4 + 0*16 + 2*64 = 134; then 0 and three unused 1s = 0 + 4 + 16 + 64 = 84.
        Assert.Equal([134, 84], PackedFunctions.Pack([2, 1, 0, 2, 0], 2, 1, 5, filler: 1));
    }

    [Fact]
    public void Packed_signs_are_a_bit_each_low_bits_first()
    {
        // Two rows of nine: 1 + 4 + 128 = 133 and 1; 0 and 0.
        Assert.Equal([133, 1, 0, 0], PackedFunctions.Pack([1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1, 2, 9, filler: 0));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(8, 256)]
    public void What_is_packed_unpacks_to_the_same_whatever_the_size(int bits, int levels)
    {
        var random = new Random(bits);
        foreach (int columns in new[] { 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33 })
        {
            byte[] given = [.. Enumerable.Range(0, 3 * columns).Select(_ => (byte)random.Next(levels))];
            byte[] packed = PackedFunctions.Pack(given, bits, 3, columns, filler: 1);
            int width = packed.Length / 3, mask = (1 << bits) - 1;
            Assert.Equal((columns * bits + 7) / 8, width);
            for (int i = 0; i < given.Length; i++)
            {
                int bit = i % columns * bits;
                Assert.Equal(given[i], packed[i / columns * width + bit / 8] >> bit % 8 & mask);
            }
        }
    }
}
