using FsCheck;
using FsCheck.Fluent;
using Tern.Imaging;

namespace Tern.Tests.Imaging;

public class ResizerTests
{
    [Theory]
    [InlineData(31, 24)]
    [InlineData(66, 51)]
    [InlineData(1, 1)]
    [InlineData(61, 20)]
    [InlineData(7, 47)]
    [InlineData(5, 60)]
    [InlineData(40, 3)]
    public void Every_byte_is_that_of_Pillow(int width, int height)
    {
        foreach (string kind in new[] { "rgb", "grey" })
            Assert.Equal(
                Fixtures.Read($"resize-{kind}-{width}-{height}.raw"), Resizer.Resize(Fixtures.ResizeInput(kind), width, height).Pixels);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    public void Crop_on_a_square_is_that_of_torchvision(int side)
    {
        foreach (string kind in new[] { "rgb", "grey" })
            Assert.Equal(
                Fixtures.Read($"crop-{kind}-{side}.raw"), Resizer.Fit(Fixtures.ResizeInput(kind), side, side, ResizePolicy.Crop).Pixels);
    }

    [Fact]
    public void Any_size_gives_the_bytes_of_the_plain_definition()
    {
        Gen<int> side = Gen.Choose(1, 70);
        Arbitrary<int[]> cases = Gen.Choose(0, int.MaxValue).SelectMany(seed =>
            Gen.ArrayOf(side, 4).Select(sides => (int[])[seed, .. sides])).ToArbitrary();
        Prop.ForAll(cases, c => new[] { 1, 3 }.All(channels =>
        {
            Picture picture = Noise(c[0], c[1], c[2], channels);
            return Resizer.Resize(picture, c[3], c[4]).Pixels.SequenceEqual(ReferenceResize.Resize(picture, c[3], c[4]).Pixels);
        })).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Crop_is_the_centre_of_the_whole_resize()
    {
        Arbitrary<int[]> cases = Gen.ArrayOf(Gen.Choose(1, 60), 4).ToArbitrary();
        Prop.ForAll(cases, c =>
        {
            Picture picture = Noise(1, c[0], c[1], 3);
            (int width, int height) = (c[2], c[3]);
            double scale = Math.Max((double)width / picture.Width, (double)height / picture.Height);
            int scaledWidth = Math.Max(width, (int)(picture.Width * scale + 1e-9));
            int scaledHeight = Math.Max(height, (int)(picture.Height * scale + 1e-9));
            Picture whole = Resizer.Resize(picture, scaledWidth, scaledHeight);
            int left = (int)Math.Round((scaledWidth - width) / 2.0), top = (int)Math.Round((scaledHeight - height) / 2.0);
            return Resizer.Fit(picture, width, height, ResizePolicy.Crop).Pixels.SequenceEqual(Cut(whole, left, top, width, height));
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>
    /// 40 x 20 into 10 x 10: scaled to 10 x 5, two black rows above, three below.
    /// 1 x 50 into 8 x 8: scaled to 1 x 8 (never to nothing), three columns left of it.
    /// </summary>
    [Fact]
    public void Pad_centres_the_whole_picture_on_black()
    {
        Picture picture = Noise(1, 40, 20, 3);
        Picture padded = Resizer.Fit(picture, 10, 10, ResizePolicy.Pad);
        Assert.Equal((10, 10), (padded.Width, padded.Height));
        Assert.Equal(Resizer.Resize(picture, 10, 5).Pixels, Cut(padded, 0, 2, 10, 5));
        Assert.All(Cut(padded, 0, 0, 10, 2), value => Assert.Equal(0, value));
        Assert.All(Cut(padded, 0, 7, 10, 3), value => Assert.Equal(0, value));
        Picture line = Noise(2, 1, 50, 1);
        Assert.Equal(Resizer.Resize(line, 1, 8).Pixels, Cut(Resizer.Fit(line, 8, 8, ResizePolicy.Pad), 3, 0, 1, 8));
    }

    [Fact]
    public void A_picture_of_the_wanted_size_is_returned_as_it_is()
    {
        Picture picture = Noise(1, 12, 9, 3);
        Assert.All(Enum.GetValues<ResizePolicy>(), policy => Assert.Same(picture, Resizer.Fit(picture, 12, 9, policy)));
    }

    /// <summary>A line of 1 x 50,000 pixels would be 224 x 11,200,000 if the whole covering picture were made.</summary>
    [Fact]
    public void Crop_and_stretch_of_a_line_take_memory_for_the_result_only()
    {
        Picture line = new(1, 50_000, 1, new byte[50_000]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Resizer.Fit(line, 224, 224, ResizePolicy.Crop);
        Resizer.Fit(line, 224, 224, ResizePolicy.Stretch);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void White_stays_white_and_black_black()
    {
        foreach (byte value in new byte[] { 0, 255 })
        {
            byte[] pixels = new byte[3000 * 2];
            pixels.AsSpan().Fill(value);
            Assert.All(Resizer.Resize(new Picture(3000, 2, 1, pixels), 7, 5).Pixels.ToArray(), result => Assert.Equal(value, result));
        }
    }

    private static Picture Noise(int seed, int width, int height, int channels)
    {
        byte[] pixels = new byte[width * height * channels];
        new Random(seed).NextBytes(pixels);
        return new Picture(width, height, channels, pixels);
    }

    private static byte[] Cut(Picture picture, int left, int top, int width, int height) =>
        [.. Enumerable.Range(top, height).SelectMany(y =>
            picture.Memory.Slice((y * picture.Width + left) * picture.Channels, width * picture.Channels).ToArray())];
}
