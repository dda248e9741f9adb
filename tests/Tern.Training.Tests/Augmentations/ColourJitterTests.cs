using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Augmentations;

public class ColourJitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Without_strength_every_byte_stays(int channels)
    {
        var shape = new ImageShape(16, 16, channels);
        for (int index = 0; index < 20; index++)
        {
            var random = new Randomness((ulong)index);
            byte[] pixels = [.. Enumerable.Range(0, shape.Bytes).Select(_ => (byte)random.NextInt(256))];
            Assert.Equal(pixels, Jittered(pixels, shape, new ColourJitter(0, 0, 0), (ulong)index));
        }
    }

    /// <summary>Each on its own, with the factor f drawn as the n-th number of the sequence, 1 + s (2u - 1):
    /// brightness x f; contrast m + (x - m) f about the mean luma m; saturation l + (x - l) f about the pixel's own luma l.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_part_is_its_formula(int part)
    {
        byte[] pixels = [10, 20, 30, 200, 150, 100, 128, 128, 128, 60, 0, 90];
        double[] strengths = [0, 0, 0];
        strengths[part] = 0.4;
        for (ulong seed = 0; seed < 10; seed++)
        {
            var random = new Randomness(seed);
            double factor = 1;
            for (int i = 0; i <= part; i++) factor = 1 + 0.4 * (2 * random.NextDouble() - 1);
            double Luma(int pixel) => 0.299 * pixels[3 * pixel] + 0.587 * pixels[3 * pixel + 1] + 0.114 * pixels[3 * pixel + 2];
            double mean = Enumerable.Range(0, 4).Average(Luma);
            byte[] actual = Jittered(pixels, new ImageShape(2, 2, 3), new ColourJitter(strengths[0], strengths[1], strengths[2]), seed);
            for (int i = 0; i < pixels.Length; i++)
            {
                double centre = part == 0 ? 0 : part == 1 ? mean : Luma(i / 3);
                Assert.InRange(actual[i] - Math.Clamp(centre + (pixels[i] - centre) * factor, 0, 255), -0.51, 0.51);
            }
        }
    }

    /// <summary>A grey pixel of a colour picture has no saturation to change, and a grey picture none at all.</summary>
    [Fact]
    public void Grey_stays_grey_under_saturation()
    {
        byte[] grey = [7, 7, 7, 99, 99, 99];
        for (ulong seed = 0; seed < 10; seed++)
        {
            Assert.Equal(grey, Jittered(grey, new ImageShape(1, 2, 3), new ColourJitter(0, 0, 1), seed));
            Assert.Equal(grey, Jittered(grey, new ImageShape(2, 3, 1), new ColourJitter(0, 0, 1), seed));
        }
    }

    [Fact]
    public void Values_out_of_range_are_told_all_at_once() =>
        Assert.Equal(
            ["brightness: must lie in 0..1; got -1", "contrast: must lie in 0..1; got 2", "saturation: must lie in 0..1; got 1.1"],
            new ColourJitter(-1, 2, 1.1).Problems(new ImageShape(8, 8, 3)));

    private static byte[] Jittered(byte[] picture, ImageShape shape, ColourJitter jitter, ulong seed)
    {
        byte[] pixels = [.. picture];
        var random = new Randomness(seed);
        jitter.Apply(pixels, shape, default, ref random);
        return pixels;
    }
}
