using Tern.Imaging;

namespace Tern.Tests.Imaging;

public class PictureTests
{
    /// <summary>
    /// Red 255 x 19595 + 32768 = 5,029,493 / 65536 = 76.7; green 255 x 38470 + 32768 = 150.2; blue 29.6: 76, 150, 29 as in Pillow.
    /// (10, 20, 30): 195,950 + 769,400 + 224,130 + 32,768 = 1,222,248 / 65536 = 18.6.
    /// </summary>
    [Fact]
    public void Grey_is_the_luma_of_Pillow()
    {
        Picture rgb = new(4, 1, 3, [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]);
        Assert.Equal<byte>([76, 150, 29, 18], rgb.ToGrey().Pixels.ToArray());
    }

    [Fact]
    public void Every_grey_value_survives_rgb_and_back()
    {
        Picture grey = new(256, 1, 1, [.. Enumerable.Range(0, 256).Select(value => (byte)value)]);
        Assert.Equal(grey.Pixels, grey.ToRgb().ToGrey().Pixels);
        Assert.Same(grey, grey.ToChannels(1));
        Assert.Equal(3, grey.ToChannels(3).Channels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_part_has_the_pixels_of_its_place(int channels)
    {
        Picture picture = new(5, 4, channels, [.. Enumerable.Range(0, 5 * 4 * channels).Select(value => (byte)value)]), part = picture.Crop(1, 2, 3, 2);
        Assert.Equal((3, 2, channels), (part.Width, part.Height, part.Channels));
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 3; x++)
                for (int c = 0; c < channels; c++)
                    Assert.Equal(((y + 2) * 5 + x + 1) * channels + c, part.Pixels[(y * 3 + x) * channels + c]);
        Assert.Equal(picture.Pixels, picture.Crop(0, 0, 5, 4).Pixels);
    }

    [Theory]
    [InlineData(-1, 0, 2, 2)]
    [InlineData(0, -1, 2, 2)]
    [InlineData(4, 0, 2, 2)]
    [InlineData(0, 3, 2, 2)]
    [InlineData(6, 0, 1, 1)]
    [InlineData(0, 0, 0, 2)]
    [InlineData(0, 0, 2, 0)]
    public void A_part_lies_within(int left, int top, int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Picture(5, 4, 1, new byte[20]).Crop(left, top, width, height));

    [Theory]
    [InlineData(2, 2, 3, 11)]
    [InlineData(0, 2, 3, 0)]
    [InlineData(2, 2, 4, 16)]
    public void Sizes_must_agree(int width, int height, int channels, int bytes) =>
        Assert.Throws<ArgumentException>(() => new Picture(width, height, channels, new byte[bytes]));
}
