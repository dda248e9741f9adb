using System.Globalization;

namespace Tern.Imaging;

/// <summary>What a picture may cost before it is refused: both are checked before anything is allocated for it.</summary>
/// <param name="MaxPixels">Width x height a header may claim. Decoding takes up to 12 bytes a pixel (a progressive CMYK JPEG).</param>
/// <param name="MaxBytes">Size of the file. The default holds an uncompressed 16-bit RGBA picture of 50 million pixels.</param>
public sealed record DecodeLimits(int MaxPixels = 50_000_000, int MaxBytes = 512 * 1024 * 1024)
{
    /// <summary>50 million pixels and 512 MiB.</summary>
    public static DecodeLimits Default { get; } = new();

    internal void RequirePixels(string name, long width, long height)
    {
        long limit = Math.Min(MaxPixels, Array.MaxLength / 4);                                     // one array holds RGBA at most
        if (width * height > limit)
            throw new TernException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' is {width} x {height} = {width * height:N0} pixels, over the limit of {limit:N0}:"
                + $" shrink it, or raise DecodeLimits.MaxPixels."));
    }

    internal void RequireBytes(string name, long bytes)
    {
        if (bytes > MaxBytes)
            throw new TernException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' has {bytes:N0} bytes, over the limit of {MaxBytes:N0}: shrink it, or raise DecodeLimits.MaxBytes."));
    }
}
