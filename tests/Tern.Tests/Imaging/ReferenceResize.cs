using Tern.Imaging;

namespace Tern.Tests.Imaging;

/// <summary>The resize as its definition says it, a pixel at a time: what the vector passes are held against.</summary>
internal static class ReferenceResize
{
    public static Picture Resize(Picture source, int width, int height)
    {
        byte[] narrow = new byte[width * source.Height * source.Channels];
        for (int x = 0; x < width; x++)
            for (int y = 0; y < source.Height; y++)
                for (int c = 0; c < source.Channels; c++)
                    narrow[(y * width + x) * source.Channels + c] =
                        Weigh(x, source.Width, width, from => source.Pixels[(y * source.Width + from) * source.Channels + c]);
        int row = width * source.Channels;
        byte[] result = new byte[row * height];
        for (int y = 0; y < height; y++)
            for (int i = 0; i < row; i++)
                result[y * row + i] = Weigh(y, source.Height, height, from => narrow[from * row + i]);
        return new Picture(width, height, source.Channels, result);
    }

    /// <summary>Triangle weights over every source pixel, normalised, then rounded to 22 fractional bits.</summary>
    private static byte Weigh(int index, int source, int target, Func<int, byte> pixel)
    {
        double scale = (double)source / target, width = Math.Max(1, scale), centre = (index + 0.5) * scale;
        double[] weights = [.. Enumerable.Range(0, source).Select(from => Math.Max(0, 1 - Math.Abs((from - centre + 0.5) * (1 / width))))];
        double sum = weights.Sum();
        long value = 1 << 21;
        for (int from = 0; from < source; from++)
            value += (long)Math.Floor(weights[from] / sum * (1 << 22) + 0.5) * pixel(from);
        return (byte)Math.Min(255, value >> 22);
    }
}
