namespace Tern.Imaging;

/// <summary>A decoded picture: upright, 8 bits a channel, rows from the top, channels interleaved (H, W, C). Not to be changed.</summary>
public sealed class Picture
{
    private readonly byte[] _pixels;

    /// <summary>Wraps <paramref name="pixels"/> (not copied; do not change it afterwards).</summary>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">3 (red, green, blue) or 1 (grey).</param>
    /// <param name="pixels">Exactly height x width x channels bytes.</param>
    /// <exception cref="ArgumentException">The sizes do not agree.</exception>
    public Picture(int width, int height, int channels, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (width < 1 || height < 1 || channels is not (1 or 3) || (long)width * height * channels != pixels.Length)
            throw new ArgumentException($"{pixels.Length} bytes are not a picture of {width} x {height} and {channels} channels (1 or 3).");
        (Width, Height, Channels, _pixels) = (width, height, channels, pixels);
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>3 (red, green, blue) or 1 (grey).</summary>
    public int Channels { get; }

    /// <summary>Height x Width x Channels bytes: the layout of a model's uint8 input.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>The same bytes for code that must hold on to them.</summary>
    public ReadOnlyMemory<byte> Memory => _pixels;

    /// <summary>A part of the picture.</summary>
    /// <param name="left">First column.</param>
    /// <param name="top">First row.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is empty or does not lie within the picture.</exception>
    public Picture Crop(int left, int top, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width - left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height - top);
        int row = width * Channels;
        byte[] part = GC.AllocateUninitializedArray<byte>(row * height);
        for (int y = 0; y < height; y++)
            _pixels.AsSpan(((top + y) * Width + left) * Channels, row).CopyTo(part.AsSpan(y * row));
        return new Picture(width, height, Channels, part);
    }

    /// <summary>The picture with 1 (grey) or 3 (RGB) channels; itself where it has them already.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another number of channels.</exception>
    public Picture ToChannels(int channels) => channels switch
    {
        1 => ToGrey(),
        3 => ToRgb(),
        _ => throw new ArgumentOutOfRangeException(nameof(channels), channels, "A picture has 1 (grey) or 3 (RGB) channels."),
    };

    /// <summary>
    /// ITU-R 601 luma in 16-bit fixed point, as Pillow computes it: (19595 R + 38470 G + 7471 B + 2^15) / 2^16.
    /// The weights add up to 2^16, so a grey value that was spread over R, G and B comes back exactly.
    /// </summary>
    public Picture ToGrey()
    {
        if (Channels == 1) return this;
        byte[] grey = GC.AllocateUninitializedArray<byte>(Width * Height);
        ReadOnlySpan<byte> rgb = _pixels;
        for (int i = 0, at = 0; i < grey.Length; i++, at += 3)
            grey[i] = (byte)((rgb[at] * 19595 + rgb[at + 1] * 38470 + rgb[at + 2] * 7471 + 0x8000) >> 16);
        return new Picture(Width, Height, 1, grey);
    }

    /// <summary>Every grey value three times; an RGB picture is returned as it is.</summary>
    public Picture ToRgb()
    {
        if (Channels == 3) return this;
        byte[] rgb = GC.AllocateUninitializedArray<byte>(checked(_pixels.Length * 3));
        for (int i = 0, at = 0; i < _pixels.Length; i++, at += 3)
            rgb[at] = rgb[at + 1] = rgb[at + 2] = _pixels[i];
        return new Picture(Width, Height, 3, rgb);
    }
}
