using Tern.Imaging;
using Tern.Training.Protocols;

namespace Tern.Training.Tests.Protocols;

public class DegradationTests
{
    /// <summary>Means of 3, three times: 243 becomes 81 81 81, then 27 54 81 54 27, then 9 27 54 63 54 27 9.</summary>
    [Fact]
    public void A_point_is_blurred_by_three_boxes()
    {
        byte[] row = [0, 0, 0, 0, 0, 243, 0, 0, 0, 0, 0], expected = [0, 0, 9, 27, 54, 63, 54, 27, 9, 0, 0];
        Assert.Equal(expected, Degradation.Blur(new Picture(11, 1, 1, row)).Pixels.ToArray());
        Assert.Equal(expected, Degradation.Blur(new Picture(1, 11, 1, row)).Pixels.ToArray());
    }

    [Fact]
    public void Colours_do_not_run_into_each_other()
    {
        byte[] red = [.. new byte[] { 0, 0, 0, 243, 0, 0, 0 }.SelectMany(value => new byte[] { value, 7, 0 })];
        byte[] expected = [.. new byte[] { 9, 27, 54, 63, 54, 27, 9 }.SelectMany(value => new byte[] { value, 7, 0 })];
        Assert.Equal(expected, Degradation.Blur(new Picture(7, 1, 3, red)).Pixels.ToArray());
    }

    /// <summary>Of a side of 64 the boxes are 5 wide: a point spreads over 13 pixels each way, brightest where it was.</summary>
    [Fact]
    public void A_larger_picture_has_larger_boxes()
    {
        var pixels = new byte[64 * 64];
        pixels[32 * 64 + 32] = 255;
        byte[] blurred = Degradation.Blur(new Picture(64, 64, 1, pixels)).Pixels.ToArray();
        int[] lit = [.. Enumerable.Range(0, blurred.Length).Where(i => blurred[i] > 0)];
        Assert.All(lit, i => Assert.True(Math.Abs(i % 64 - 32) <= 6 && Math.Abs(i / 64 - 32) <= 6));
        Assert.Equal(blurred.Max(), blurred[32 * 64 + 32]);
        Assert.InRange(blurred.Max(), 5, 7);                                              // 255 times the square of 19/125, the middle of three boxes of 5: 5.9
    }

    /// <summary>100 x 77 / 256 is 30.08; 255 x 77 / 256 is 76.7.</summary>
    [Fact]
    public void Darkness_leaves_three_tenths() =>
        Assert.Equal(new byte[] { 0, 0, 1, 30, 77 }, Degradation.Darken(new Picture(5, 1, 1, [0, 1, 2, 100, 255])).Pixels.ToArray());

    [Fact]
    public void A_picture_made_small_and_large_again_has_lost_its_detail()
    {
        byte[] squares = [.. Enumerable.Range(0, 32 * 32).Select(i => (byte)((i / 32 + i) % 2 * 255))];
        Picture seen = Degradation.Shrink(new Picture(32, 32, 1, squares));
        Assert.Equal((32, 32, 1), (seen.Width, seen.Height, seen.Channels));
        Assert.All(seen.Pixels.ToArray(), value => Assert.InRange(value, 120, 135));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Nothing_happens_to_a_plain_picture_but_darkness(int channels)
    {
        var plain = new Picture(9, 5, channels, [.. Enumerable.Repeat((byte)200, 45 * channels)]);
        foreach (Func<Picture, Picture> degrade in new Func<Picture, Picture>[] { Degradation.Blur, Degradation.Shrink }) Assert.Equal(plain.Pixels.ToArray(), degrade(plain).Pixels.ToArray());
        Assert.All(Degradation.Darken(plain).Pixels.ToArray(), value => Assert.Equal(60, value));
    }
}
