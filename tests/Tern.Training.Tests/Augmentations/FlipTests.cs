using FsCheck;
using FsCheck.Fluent;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

public class FlipTests
{
    [Fact]
    public void A_grey_picture_is_mirrored_row_by_row() =>
        Assert.Equal<byte>([3, 2, 1, 6, 5, 4], Flipped([1, 2, 3, 4, 5, 6], new ImageShape(2, 3, 1)));

    [Fact]
    public void The_colours_of_a_pixel_stay_in_order() =>
        Assert.Equal<byte>([4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9], Flipped([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], new ImageShape(2, 2, 3)));

    [Fact]
    public void Twice_is_the_picture_itself() => Prop.ForAll(
        Gen.Choose(1, 20).ToArbitrary(), Gen.Choose(1, 20).ToArbitrary(), Gen.Elements(1, 3).ToArbitrary(), (height, width, channels) =>
        {
            var shape = new ImageShape(height, width, channels);
            byte[] picture = [.. Enumerable.Range(0, shape.Bytes).Select(i => (byte)(i * 37))];
            Assert.Equal(picture, Flipped(Flipped(picture, shape), shape));
        }).QuickCheckThrowOnFailure();

    /// <summary>1,000 pictures at 0.3: 300 are expected to change, standard deviation 14.5.</summary>
    [Fact]
    public void The_probability_is_kept()
    {
        int Changed(double probability) => Enumerable.Range(0, 1000).Count(i =>
        {
            byte[] picture = [1, 2];
            Randomness random = Randomness.Of(1, 2, (ulong)i);
            new Flip(probability).Apply(picture, new ImageShape(1, 2, 1), default, ref random);
            return picture[0] == 2;
        });
        Assert.Equal(0, Changed(0));
        Assert.Equal(1000, Changed(1));
        Assert.InRange(Changed(0.3), 228, 372);
    }

    [Fact]
    public void A_probability_out_of_range_is_told()
    {
        Assert.Equal(["probability: must lie in 0..1; got 1.5"], new Flip(1.5).Problems(new ImageShape(8, 8, 1)));
        Assert.Single(new Flip(-0.1).Problems(new ImageShape(8, 8, 1)));
        Assert.Empty(new Flip(1).Problems(new ImageShape(8, 8, 1)));
    }

    private static byte[] Flipped(byte[] picture, ImageShape shape)
    {
        byte[] pixels = [.. picture];
        var random = new Randomness(1);
        new Flip(1).Apply(pixels, shape, default, ref random);
        return pixels;
    }
}
