using Tern.Imaging;

namespace Tern.Tests.Imaging;

public class ExifOrientationTests
{
    /// <summary>"II*\0", directory at 8; one entry: tag 0x0112, type 3 (short), count 1, value 6.</summary>
    private static readonly byte[] s_little =
        [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0];

    private static readonly byte[] s_big =
        [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0];

    [Fact]
    public void Both_byte_orders_are_read() => Assert.Equal((6, 6), (ExifOrientation.Read(s_little), ExifOrientation.Read(s_big)));

    [Fact]
    public void A_block_cut_anywhere_counts_as_upright()
    {
        for (int length = 0; length < s_little.Length; length++)
            Assert.Equal(1, ExifOrientation.Read(s_little.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(18, 9)]                                                                            // orientations end at 8
    [InlineData(18, 0)]
    [InlineData(12, 2)]                                                                            // a text is no orientation
    [InlineData(7, 0xFF)]                                                                          // a directory 4 GB away
    [InlineData(10, 0x13)]                                                                         // another tag
    [InlineData(2, 43)]                                                                            // not TIFF
    public void A_malformed_block_counts_as_upright(int at, byte value)
    {
        byte[] block = [.. s_little];
        block[at] = value;
        Assert.Equal(1, ExifOrientation.Read(block));
    }

    /// <summary>0 1 2 / 3 4 5 as stored; what each orientation makes of it, by hand.</summary>
    [Theory]
    [InlineData(1, 3, "012345")]
    [InlineData(2, 3, "210543")]
    [InlineData(3, 3, "543210")]
    [InlineData(4, 3, "345012")]
    [InlineData(5, 2, "031425")]
    [InlineData(6, 2, "304152")]
    [InlineData(7, 2, "524130")]
    [InlineData(8, 2, "251403")]
    public void Pixels_turn_as_the_standard_says(int orientation, int width, string expected)
    {
        Picture stored = new(3, 2, 3, [.. Enumerable.Range(0, 18).Select(i => (byte)(i / 3))]);
        Picture upright = ExifOrientation.Upright(stored, orientation);
        Assert.Equal(width, upright.Width);
        Assert.Equal(expected, string.Concat(upright.ToGrey().Pixels.ToArray()));
    }
}
