namespace Tern.Imaging;

/// <summary>Tells file formats apart by their first bytes; extensions lie.</summary>
internal static class ImageSignature
{
    /// <summary>How many bytes <see cref="Identify"/> looks at.</summary>
    public const int Length = 32;

    /// <summary>"JPEG", "PNG" and "WebP" can be decoded; other names serve the error message; null is unknown.</summary>
    public static string? Identify(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "JPEG";
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])) return "PNG";
        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8)) return "WebP";
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8)) return "GIF";
        if (bytes.Length >= 14 && bytes.StartsWith("BM"u8) && bytes[6..10].IndexOfAnyExcept((byte)0) < 0) return "BMP";
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8)) return "TIFF";
        if (bytes.StartsWith("8BPS"u8)) return "Photoshop document";
        if (bytes.StartsWith("%PDF"u8)) return "PDF";
        if (bytes.StartsWith("<svg"u8) || bytes.StartsWith("<?xml"u8)) return "SVG or another XML file";
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || (bytes.Length >= 8 && bytes[4..].StartsWith("JXL "u8))) return "JPEG XL";
        if (bytes.Length >= 8 && bytes[4..].StartsWith("jP  "u8)) return "JPEG 2000";
        return bytes.Length >= 12 && bytes[4..].StartsWith("ftyp"u8) ? IdentifyBrand(bytes[8..12]) : null;
    }

    /// <summary>ISO base media files (HEIC, AVIF, MP4 ...) differ by the brand in their first box.</summary>
    private static string? IdentifyBrand(ReadOnlySpan<byte> brand)
    {
        if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8)) return "AVIF";
        bool heic = brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8);
        return heic || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8) ? "HEIC" : "video (MP4 or a relative)";
    }
}
