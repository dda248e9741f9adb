using FsCheck;
using FsCheck.Fluent;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

/// <summary>What holds for every augmentation.</summary>
public class AugmentationTests
{
    public static TheoryData<string> Names => ["flip", "padAndCrop", "padAndReflect", "randomResizedCrop", "resizeAndCrop", "colourJitter"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_picture_and_seeds_differ(string name)
    {
        foreach (int channels in new[] { 1, 3 })
        {
            byte[] picture = MadeData.Picture(0, 0, channels: channels).Pixels.ToArray();
            string[] outcomes = [.. Enumerable.Range(0, 20).Select(seed => Apply(name, picture, channels, (ulong)seed))];
            Assert.Equal(outcomes, Enumerable.Range(0, 20).Select(seed => Apply(name, picture, channels, (ulong)seed)));
            Assert.InRange(outcomes.Distinct().Count(), 2, 20);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_shape_keeps_its_number_of_bytes(string name) => Prop.ForAll(
        Gen.Choose(8, 33).ToArbitrary(), Gen.Choose(8, 33).ToArbitrary(), Gen.Elements(1, 3).ToArbitrary(), (height, width, channels) =>
        {
            var shape = new ImageShape(height, width, channels);
            var pixels = new byte[shape.Bytes + 2];
            Array.Fill<byte>(pixels, 100);
            var random = new Randomness((ulong)(height * 100 + width));
            Make(name).Apply(pixels.AsSpan(1, shape.Bytes), shape, default, ref random);
            Assert.Equal((100, 100), (pixels[0], pixels[^1]));                          // nothing beyond the span
        }).QuickCheckThrowOnFailure();

    /// <summary>A picture of one colour has nothing to move: only jitter changes it, and black comes in at the edges of one that is moved within it.</summary>
    [Fact]
    public void A_plain_picture_stays_plain_under_flip_and_crop()
    {
        foreach (string name in new[] { "flip", "padAndReflect", "randomResizedCrop", "resizeAndCrop" })
        {
            byte[] plain = [.. Enumerable.Range(0, 16 * 16 * 3).Select(i => (byte)(i % 3 * 50))];
            Assert.Equal(Convert.ToHexString(plain), Apply(name, plain, 3, 5));
        }
    }

    internal static Augmentation Make(string name) => name switch
    {
        "flip" => new Flip(),
        "padAndCrop" => new PadAndCrop(),
        "padAndReflect" => new PadAndCrop(4, Border.Reflect),
        "randomResizedCrop" => new RandomResizedCrop(),
        "resizeAndCrop" => new ResizeAndCrop(),
        _ => new ColourJitter(),
    };

    private static string Apply(string name, byte[] picture, int channels, ulong seed)
    {
        byte[] pixels = [.. picture];
        var random = new Randomness(seed);
        Make(name).Apply(pixels, new ImageShape(16, 16, channels), default, ref random);
        return Convert.ToHexString(pixels);
    }
}
