namespace Tern.Imaging;

/// <summary>
/// Decodes JPEG, PNG and WebP, told apart by content, to 8-bit RGB or grey: turned upright (EXIF), alpha laid on white, CMYK converted.
/// </summary>
/// <remarks>
/// Strict where viewers are lenient: a truncated or damaged file is an error, never a half-grey picture. Colour profiles (ICC) are not
/// applied; the gAMA chunk of a PNG is, as in browsers. Thread-safe. The three libraries are the system's: libturbojpeg.so.0,
/// libpng16.so.16 and libwebp.so.7, each loaded when its first picture comes.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>Decodes the file at <paramref name="path"/>; otherwise as <see cref="Decode"/>.</summary>
    /// <exception cref="TernException">The file cannot be read, or as in <see cref="Decode"/>.</exception>
    public static Picture Open(string path, int channels = 3, DecodeLimits? limits = null) =>
        Decode(ReadFile(path, limits ?? DecodeLimits.Default), path, channels, limits);

    /// <summary>Decodes a whole file in memory.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What error messages call it: a path, an address, a row number.</param>
    /// <param name="channels">3: RGB. 1: grey, the luma of the RGB picture; a grey file gives exactly its own values.</param>
    /// <param name="limits">What it may cost; <see cref="DecodeLimits.Default"/> if null.</param>
    /// <exception cref="TernException">Not a JPEG, PNG or WebP; damaged; over a limit; or the library for it is not installed.</exception>
    public static Picture Decode(ReadOnlySpan<byte> bytes, string name, int channels = 3, DecodeLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        limits ??= DecodeLimits.Default;
        limits.RequireBytes(name, bytes.Length);
        Picture picture = ImageSignature.Identify(bytes) switch
        {
            "JPEG" => JpegDecoder.Decode(bytes, name, limits),
            "PNG" => PngDecoder.Decode(bytes, name, limits),
            "WebP" => WebPDecoder.Decode(bytes, name, limits),
            var other => throw NotDecodable(bytes, name, other),
        };
        return picture.ToChannels(channels);
    }

    /// <summary>Reads the first bytes before the rest, so that a wrong file costs nothing however long it is.</summary>
    private static byte[] ReadFile(string path, DecodeLimits limits)
    {
        if (Directory.Exists(path)) throw new TernException($"'{path}' is a folder: give a picture in it.");
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (!file.CanSeek) throw new TernException($"'{path}' is a pipe or a device: save the picture to a file first.");
            limits.RequireBytes(path, file.Length);
            Span<byte> start = stackalloc byte[ImageSignature.Length];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            if (ImageSignature.Identify(start) is not ("JPEG" or "PNG" or "WebP") and var other) throw NotDecodable(start, path, other);

            byte[] bytes = GC.AllocateUninitializedArray<byte>(Math.Max((int)file.Length, start.Length));
            start.CopyTo(bytes);
            file.ReadExactly(bytes.AsSpan(start.Length));
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private static TernException NotDecodable(ReadOnlySpan<byte> bytes, string name, string? format)
    {
        if (bytes.IsEmpty) return new TernException($"'{name}' is empty (0 bytes): fetch it again.");
        if (format is not null)
            return new TernException($"'{name}' is a {format}, which is not supported: convert it to JPEG, PNG or WebP.");
        string start = string.Join(' ', bytes[..Math.Min(8, bytes.Length)].ToArray().Select(value => value.ToString("X2")));
        return new TernException($"'{name}' is not a JPEG, PNG or WebP picture, whatever its name says: it begins with the bytes {start}.");
    }
}
