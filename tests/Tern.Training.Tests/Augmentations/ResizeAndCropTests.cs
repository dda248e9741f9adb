using Tern.Imaging;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

public sealed class ResizeAndCropTests
{
    private static readonly ImageShape Shape = new(18, 36, 3);

    [Fact]
    public void A_scale_of_one_changes_nothing() => Assert.Equal(Picture(), Cropped(new ResizeAndCrop(1), 1));

    /// <summary>36 x 18 at 1.125 is the window 32 x 16 enlarged: every place it may lie at comes, and no other.</summary>
    [Fact]
    public void It_is_one_of_the_windows_of_its_size_enlarged_and_every_one_comes()
    {
        var picture = new Picture(36, 18, 3, Picture());
        var windows = new Dictionary<string, int>();
        for (int top = 0; top <= 2; top++)
            for (int left = 0; left <= 4; left++)
                windows.Add(Convert.ToHexString(Resizer.Resize(picture.Crop(left, top, 32, 16), 36, 18).Pixels), 0);
        for (ulong seed = 0; seed < 400; seed++) windows[Convert.ToHexString(Cropped(new ResizeAndCrop(), seed))]++;
        Assert.All(windows.Values, count => Assert.True(count > 0));
    }

    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(0.9, 1)]
    [InlineData(40.0, 1)]
    [InlineData(double.NaN, 1)]
    public void Scales_that_leave_no_picture_are_refused(double scale, int problems) => Assert.Equal(problems, new ResizeAndCrop(scale).Problems(Shape).Count());

    private static byte[] Picture() => [.. Enumerable.Range(0, 18 * 36 * 3).Select(i => (byte)(i * 7919 % 251))];

    private static byte[] Cropped(ResizeAndCrop crop, ulong seed)
    {
        byte[] pixels = Picture();
        var random = new Randomness(seed);
        crop.Apply(pixels, Shape, default, ref random);
        return pixels;
    }
}
