using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

public class AlternatingFlipTests
{
    [Fact]
    public void Each_picture_is_seen_from_both_sides_in_turn()
    {
        for (int picture = 0; picture < 100; picture++)
        {
            bool first = Turned(picture, 0);
            for (int epoch = 1; epoch < 6; epoch++) Assert.Equal(first ^ (epoch % 2 == 1), Turned(picture, epoch));
        }
    }

    /// <summary>1,000 pictures at 0.5: 500 expected, standard deviation 16.</summary>
    [Fact]
    public void In_each_epoch_half_of_the_pictures_are_turned() =>
        Assert.InRange(Enumerable.Range(0, 1000).Count(picture => Turned(picture, 3)), 420, 580);

    private static bool Turned(int picture, int epoch)
    {
        byte[] pixels = [1, 2, 3];
        Randomness random = new((ulong)picture);
        new AlternatingFlip().Apply(pixels, new ImageShape(1, 3, 1), new Look(picture, epoch), ref random);
        Assert.Equal(2, pixels[1]);
        return pixels[0] == 3;
    }
}
