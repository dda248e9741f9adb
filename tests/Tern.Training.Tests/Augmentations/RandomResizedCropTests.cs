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
    /// A picture whose value is its column, 0, 10, ..., 150: a part is enlarged, so its columns span less, and they still rise from left to right.
    /// A part of the area a and aspect 1 has sqrt(a) of the columns: with a = 0.25, 8 of 16, so the ends differ by about 70 of the 150.
    /// </summary>
    [Fact]
    public void A_quarter_of_the_area_shows_half_the_columns()
    {
        var shape = new ImageShape(16, 16, 1);
        byte[] columns = [.. Enumerable.Range(0, 256).Select(i => (byte)(i % 16 * 10))];
        var starts = new HashSet<int>();
        for (ulong seed = 0; seed < 100; seed++)
        {
            byte[] row = Cropped(columns, shape, new RandomResizedCrop(0.25, 1), seed)[..16];
            Assert.Equal(row.Order(), row);
            Assert.InRange(row[15] - row[0], 60, 150);
            starts.Add(row[0]);
        }
        Assert.True(starts.Count > 3);
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
        crop.Apply(pixels, shape, ref random);
        return pixels;
    }
}
