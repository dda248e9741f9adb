using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

public class PadAndCropTests
{
    /// <summary>All nine moves of a 2 x 2 picture 1 2 / 3 4 by one pixel, written by hand; black (0) comes in.</summary>
    private static readonly string[] Moves =
    [
        "1 2 3 4", "0 1 0 3", "2 0 4 0",            // stays, right, left
        "0 0 1 2", "0 0 0 1", "0 0 2 0",            // down, and right, and left
        "3 4 0 0", "0 3 0 0", "4 0 0 0",            // up, and right, and left
    ];

    [Fact]
    public void A_picture_moves_by_up_to_the_padding_each_way_and_black_comes_in()
    {
        string[] seen = [.. Enumerable.Range(0, 300).Select(seed => string.Join(' ', Moved([1, 2, 3, 4], new ImageShape(2, 2, 1), 1, (ulong)seed))).Distinct()];
        Assert.Equal(Moves.Order(), seen.Order());
    }

    [Fact]
    public void Colours_move_together()
    {
        byte[] picture = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        for (ulong seed = 0; seed < 50; seed++)
        {
            byte[] moved = Moved(picture, new ImageShape(2, 2, 3), 1, seed);
            string firsts = string.Join(' ', moved.Where((_, i) => i % 3 == 0).Select(value => (value + 2) / 3));      // 1, 4, 7, 10 back to 1, 2, 3, 4
            Assert.Contains(firsts, Moves);
            for (int i = 0; i < 12; i += 3) Assert.True(moved[i] == 0 ? moved[i + 2] == 0 : moved[i + 2] == moved[i] + 2);
        }
    }

    /// <summary>All nine moves of 1 2 3 / 4 5 6 / 7 8 9 by one pixel with mirrored borders, by hand: numpy.pad(mode="reflect") and a crop.</summary>
    [Fact]
    public void Borders_may_be_mirrored()
    {
        string[] moves =
        [
            "1 2 3 4 5 6 7 8 9", "2 1 2 5 4 5 8 7 8", "2 3 2 5 6 5 8 9 8",
            "4 5 6 1 2 3 4 5 6", "5 4 5 2 1 2 5 4 5", "5 6 5 2 3 2 5 6 5",
            "4 5 6 7 8 9 4 5 6", "5 4 5 8 7 8 5 4 5", "5 6 5 8 9 8 5 6 5",
        ];
        var shape = new ImageShape(3, 3, 1);
        string[] seen = [.. Enumerable.Range(0, 300).Select(seed => string.Join(' ', Moved([1, 2, 3, 4, 5, 6, 7, 8, 9], shape, 1, (ulong)seed, Border.Reflect))).Distinct()];
        Assert.Equal(moves.Order(), seen.Order());
    }

    /// <summary>The slow way: a border of zeros, then a crop of the old size at the same offset.</summary>
    [Fact]
    public void It_is_padding_and_cropping_back()
    {
        var shape = new ImageShape(9, 12, 3);
        byte[] picture = [.. Enumerable.Range(0, shape.Bytes).Select(i => (byte)(1 + i % 255))];
        for (ulong seed = 0; seed < 30; seed++)
        {
            var random = new Randomness(seed);
            int right = random.NextInt(9) - 4, down = random.NextInt(9) - 4;
            var expected = new byte[shape.Bytes];
            for (int y = 0; y < 9; y++)
                for (int x = 0; x < 12; x++)
                    for (int c = 0; c < 3; c++)
                        if (y - down is >= 0 and < 9 && x - right is >= 0 and < 12) expected[(y * 12 + x) * 3 + c] = picture[((y - down) * 12 + x - right) * 3 + c];
            Assert.Equal(expected, Moved(picture, shape, 4, seed));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(7, 0)]
    [InlineData(8, 1)]
    public void A_padding_out_of_range_is_told(int padding, int problems) =>
        Assert.Equal(problems, new PadAndCrop(padding).Problems(new ImageShape(8, 30, 1)).Count());

    private static byte[] Moved(byte[] picture, ImageShape shape, int padding, ulong seed, Border border = Border.Black)
    {
        byte[] pixels = [.. picture];
        var random = new Randomness(seed);
        new PadAndCrop(padding, border).Apply(pixels, shape, default, ref random);
        return pixels;
    }
}
