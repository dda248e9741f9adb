namespace Tern.Imaging;

/// <summary>The two conversions the libraries leave to us. a * b / 255 is rounded to the nearest, exactly.</summary>
internal static class ColourConversion
{
    /// <summary>
    /// Ink to light without a profile. The bytes are read as Adobe writes them, inverted (255 is no ink), which every decoder assumes
    /// with or without Adobe's marker; then red = C K / 255 of the inverted values.
    /// </summary>
    public static byte[] CmykToRgb(ReadOnlySpan<byte> cmyk)
    {
        byte[] rgb = GC.AllocateUninitializedArray<byte>(cmyk.Length / 4 * 3);
        for (int from = 0, to = 0; from < cmyk.Length; from += 4, to += 3)
        {
            int key = cmyk[from + 3];
            rgb[to] = Multiply(cmyk[from], key);
            rgb[to + 1] = Multiply(cmyk[from + 1], key);
            rgb[to + 2] = Multiply(cmyk[from + 2], key);
        }
        return rgb;
    }

    /// <summary>A picture with straight alpha laid on white: c a / 255 + 255 - a, on sRGB values as viewers do.</summary>
    public static byte[] OnWhite(ReadOnlySpan<byte> rgba)
    {
        byte[] rgb = GC.AllocateUninitializedArray<byte>(rgba.Length / 4 * 3);
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3], white = 255 - alpha;
            rgb[to] = (byte)(Multiply(rgba[from], alpha) + white);
            rgb[to + 1] = (byte)(Multiply(rgba[from + 1], alpha) + white);
            rgb[to + 2] = (byte)(Multiply(rgba[from + 2], alpha) + white);
        }
        return rgb;
    }

    private static byte Multiply(int a, int b)
    {
        int product = a * b + 128;
        return (byte)((product + (product >> 8)) >> 8);
    }
}
