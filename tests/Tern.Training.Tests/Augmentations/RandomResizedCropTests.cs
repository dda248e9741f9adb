using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

public class RandomResizedCropTests
{
    [Theory]
    [InlineData(16, 16, 1)]
    [InlineData(16, 16, 3)]
    [InlineData(12, 20, 3)]         // no upright square of the whole area fits: left as it is
    public void The_full_area_at_its_own_aspect_is_the_picture_itself(int height, int width, int channels)
    {
        var shape = new ImageShape(height, width, channels);
        byte[] picture = [.. Enumerable.Range(0, shape.Bytes).Select(i => (byte)(i * 31))];
        for (ulong seed = 0; seed < 20; seed++) Assert.Equal(picture, Cropped(picture, shape, new RandomResizedCrop(1, 1), seed));
    }

    /// <summary>
    /// In a picture whose value is ten times its column, the first and last value of a row of the outcome are the first and last column of the part; so
    /// with rows. Side lengths are rounded, which shifts the area of a part of 8 pixels or more by at most (8.5 / 8)^2, and its aspect by as much.
    /// </summary>
    [Fact]
    public void Parts_have_the_areas_and_aspects_asked_for_and_lie_anywhere()
    {
        var shape = new ImageShape(16, 16, 1);
        var crop = new RandomResizedCrop(0.4, 1.5);
        byte[] columns = [.. Enumerable.Range(0, 256).Select(i => (byte)(i % 16 * 10))], rows = [.. Enumerable.Range(0, 256).Select(i => (byte)(i / 16 * 10))];
        var parts = new List<(int Left, int Top, int Width, int Height)>();
        for (ulong seed = 0; seed < 400; seed++)
        {
            byte[] across = Cropped(columns, shape, crop, seed), down = Cropped(rows, shape, crop, seed);
            parts.Add((across[0] / 10, down[0] / 10, (across[15] - across[0]) / 10 + 1, (down[240] - down[0]) / 10 + 1));
            Assert.Equal(across[..16].Order(), across[..16]);
        }
        const double rounding = 8.5 / 8 * 8.5 / 8;
        Assert.All(parts, part => Assert.InRange(part.Width * part.Height / 256.0, 0.4 / rounding, 1));
        Assert.All(parts, part => Assert.InRange((double)part.Width / part.Height, 1 / 1.5 / rounding, 1.5 * rounding));
        Assert.Contains(parts, part => part.Width * part.Height < 256 * 0.45);
        Assert.Contains(parts, part => part.Width * part.Height > 256 * 0.9);
        Assert.Contains(parts, part => part.Width > 1.3 * part.Height);
        Assert.Contains(parts, part => part.Height > 1.3 * part.Width);
        Assert.Contains(parts, part => part is { Left: 0, Top: > 2 });
        Assert.Contains(parts, part => part.Left > 2 && part.Left + part.Width == 16 && part.Top == 0);
    }

    [Theory]
    [InlineData(0, 1.0, 1)]
    [InlineData(1.01, 1.0, 1)]
    [InlineData(0.5, 0.9, 1)]
    [InlineData(0, 0.5, 2)]
    [InlineData(1, 1.0, 0)]
    public void Values_out_of_range_are_told(double area, double aspect, int problems) =>
        Assert.Equal(problems, new RandomResizedCrop(area, aspect).Problems(new ImageShape(8, 8, 1)).Count());

    private static byte[] Cropped(byte[] picture, ImageShape shape, RandomResizedCrop crop, ulong seed)
    {
        byte[] pixels = [.. picture];
        var random = new Randomness(seed);
        crop.Apply(pixels, shape, default, ref random);
        return pixels;
    }
}
