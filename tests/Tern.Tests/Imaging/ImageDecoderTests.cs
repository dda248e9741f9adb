using Tern.Imaging;

namespace Tern.Tests.Imaging;

public class ImageDecoderTests
{
    /// <summary>
    /// Exact for PNG and lossless WebP. JPEG and lossy WebP get 1 level, should this system's library round otherwise than Pillow's;
    /// gamma gets 1 too, as libpng works with tables. All are exact with the versions named in make_fixtures.py.
    /// </summary>
    [Theory]
    [InlineData("rgb420.jpg", 1)]
    [InlineData("rgb422.jpg", 1)]
    [InlineData("rgb444.jpg", 1)]
    [InlineData("progressive.jpg", 1)]
    [InlineData("grey.jpg", 1)]
    [InlineData("cmyk.jpg", 1)]
    [InlineData("ycck.jpg", 1)]
    [InlineData("rgb.png", 0)]
    [InlineData("grey.png", 0)]
    [InlineData("bilevel.png", 0)]
    [InlineData("rgba.png", 0)]
    [InlineData("grey-alpha.png", 0)]
    [InlineData("palette.png", 0)]
    [InlineData("palette-clear.png", 0)]
    [InlineData("interlaced.png", 0)]
    [InlineData("deep.png", 0)]
    [InlineData("deep-grey.png", 0)]
    [InlineData("linear-gamma.png", 1)]
    [InlineData("lossy.webp", 1)]
    [InlineData("lossless.webp", 0)]
    [InlineData("lossy-alpha.webp", 1)]
    [InlineData("lossless-alpha.webp", 0)]
    public void Pixels_are_those_of_the_reference(string name, int tolerance)
    {
        Picture picture = ImageDecoder.Open(Fixtures.PathOf(name));
        Assert.Equal((33, 21, 3), (picture.Width, picture.Height, picture.Channels));
        Assert.InRange(Fixtures.LargestDifference(Fixtures.Read(name + ".raw"), picture.Pixels), 0, tolerance);
    }

    [Theory]
    [InlineData("orientation1.jpg", 24, 16)]
    [InlineData("orientation2.jpg", 24, 16)]
    [InlineData("orientation3.jpg", 24, 16)]
    [InlineData("orientation4.jpg", 24, 16)]
    [InlineData("orientation5.jpg", 16, 24)]
    [InlineData("orientation6.jpg", 16, 24)]
    [InlineData("orientation7.jpg", 16, 24)]
    [InlineData("orientation8.jpg", 16, 24)]
    [InlineData("orientation6.png", 16, 24)]
    [InlineData("orientation6.webp", 16, 24)]
    public void Pictures_come_upright(string name, int width, int height)
    {
        Picture picture = ImageDecoder.Open(Fixtures.PathOf(name));
        Assert.Equal((width, height), (picture.Width, picture.Height));
        Assert.InRange(Fixtures.LargestDifference(Fixtures.Read(name + ".raw"), picture.Pixels), 0, name.EndsWith(".jpg") ? 1 : 0);
    }

    [Fact]
    public void A_chroma_sampling_without_a_name_decodes()
    {
        Picture picture = ImageDecoder.Open(Fixtures.PathOf("odd-sampling.jpg"));
        Assert.Equal(Fixtures.Read("odd-sampling.jpg.raw"), picture.Pixels.ToArray());
    }

    [Theory]
    [InlineData("grey.jpg")]
    [InlineData("grey.png")]
    [InlineData("deep-grey.png")]
    public void A_grey_file_asked_for_as_grey_gives_its_own_values(string name)
    {
        Picture grey = ImageDecoder.Open(Fixtures.PathOf(name), channels: 1), rgb = ImageDecoder.Open(Fixtures.PathOf(name));
        byte[] own = Fixtures.Read(name + ".raw").Where((_, i) => i % 3 == 0).ToArray();
        Assert.Equal(1, grey.Channels);
        Assert.InRange(Fixtures.LargestDifference(own, grey.Pixels), 0, name.EndsWith(".jpg") ? 1 : 0);
        Assert.Equal(rgb.Pixels.ToArray().Where((_, i) => i % 3 == 1), grey.Pixels.ToArray());
    }

    [Fact]
    public void The_content_counts_and_not_the_extension()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.png");
        File.Copy(Fixtures.PathOf("rgb444.jpg"), path);
        try
        {
            Assert.Equal(33, ImageDecoder.Open(path).Width);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("rgb420.jpg")]
    [InlineData("rgba.png")]
    [InlineData("lossy-alpha.webp")]
    public void Eight_threads_decode_the_same_picture(string name)
    {
        byte[] bytes = Fixtures.Read(name);
        byte[] expected = ImageDecoder.Decode(bytes, name).Pixels.ToArray();
        int same = 0;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 50; i++)
                if (ImageDecoder.Decode(bytes, name).Pixels.SequenceEqual(expected)) Interlocked.Increment(ref same);
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(8 * 50, same);
    }
}
