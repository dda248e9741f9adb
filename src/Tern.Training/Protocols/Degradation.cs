using Tern.Imaging;

namespace Tern.Training.Protocols;

/// <summary>Makes pictures worse than those that were learned from. Integer arithmetic throughout: every machine gives the same bytes.</summary>
public static class Degradation
{
    private const int BoxPasses = 3, SidePerRadius = 32, Gain = 77, GainBits = 8, Reduction = 4;

    /// <summary>
    /// Three passes each way of a box 2r + 1 pixels wide, r a 32nd of the shorter side and at least 1; pixels at the edge repeat. Nearly a Gaussian: its deviation is
    /// 2.4 pixels for a side of 64, 1.4 below.
    /// </summary>
    public static Picture Blur(Picture picture)
    {
        int radius = Math.Max(1, Math.Min(picture.Width, picture.Height) / SidePerRadius), channels = picture.Channels;
        byte[] pixels = picture.Pixels.ToArray();
        for (int pass = 0; pass < BoxPasses; pass++)
        {
            pixels = Box(pixels, picture.Width, channels, radius);
            pixels = Box(pixels, picture.Height, channels * picture.Width, radius);
        }
        return new Picture(picture.Width, picture.Height, channels, pixels);
    }

    /// <summary>Every value times 77/256 (.3), rounded: as under a third of the light, with a third of the levels.</summary>
    public static Picture Darken(Picture picture) => new(
        picture.Width, picture.Height, picture.Channels, [.. picture.Pixels.ToArray().Select(value => (byte)((value * Gain + (1 << GainBits - 1)) >> GainBits))]);

    /// <summary>Down to a quarter of each side, and back: as a face far away.</summary>
    public static Picture Shrink(Picture picture) => Resizer.Resize(
        Resizer.Resize(picture, Math.Max(1, picture.Width / Reduction), Math.Max(1, picture.Height / Reduction)), picture.Width, picture.Height);

    /// <summary>The mean of the 2r + 1 values around each along an axis of <paramref name="length"/> places, <paramref name="stride"/> bytes apart.</summary>
    private static byte[] Box(byte[] pixels, int length, int stride, int radius)
    {
        var blurred = new byte[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            int place = i / stride % length, first = i - place * stride, sum = 0;
            for (int offset = -radius; offset <= radius; offset++) sum += pixels[first + Math.Clamp(place + offset, 0, length - 1) * stride];
            blurred[i] = (byte)((sum + radius) / (2 * radius + 1));
        }
        return blurred;
    }
}
