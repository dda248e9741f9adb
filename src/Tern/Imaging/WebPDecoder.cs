using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tern.Imaging;

/// <summary>WebP (lossy and lossless) through libwebp's simple interface, which decodes no animation, not even its first frame.</summary>
internal static unsafe partial class WebPDecoder
{
    private const string Library = "libwebp.so.7";
    private const int AbiVersion = 0x0209;                                                         // WEBP_DECODER_ABI_VERSION

    public static Picture Decode(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        int orientation = ReadOrientation(bytes, name);
        try
        {
            return ExifOrientation.Upright(DecodeRgb(bytes, name, limits), orientation);
        }
        catch (DllNotFoundException e)
        {
            throw ImageLibrary.Missing(name, "WebP", Library, "libwebp7", e);
        }
    }

    private static Picture DecodeRgb(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        fixed (byte* source = bytes)
        {
            WebPFeatures features = default;
            int status = WebPGetFeaturesInternal(source, (nuint)bytes.Length, &features, AbiVersion);
            if (status != 0) throw ImageLibrary.Broken(name, "WebP", $"its header gives libwebp status {status}");
            if (features.HasAnimation != 0)
                throw new TernException($"'{name}' is an animated WebP, which is not supported: save one frame of it.");
            limits.RequirePixels(name, features.Width, features.Height);

            int channels = features.HasAlpha != 0 ? 4 : 3, stride = features.Width * channels;
            byte[] pixels = GC.AllocateUninitializedArray<byte>(stride * features.Height);
            fixed (byte* target = pixels)
            {
                byte* decoded = channels == 4
                    ? WebPDecodeRGBAInto(source, (nuint)bytes.Length, target, (nuint)pixels.Length, stride)
                    : WebPDecodeRGBInto(source, (nuint)bytes.Length, target, (nuint)pixels.Length, stride);
                if (decoded == null) throw ImageLibrary.Broken(name, "WebP", "its pixels cannot be decoded");
            }
            return new Picture(features.Width, features.Height, 3, channels == 4 ? ColourConversion.OnWhite(pixels) : pixels);
        }
    }

    /// <summary>The orientation in the EXIF chunk. It comes after the pixels: a file cut there would decode, but lie on its side.</summary>
    private static int ReadOrientation(ReadOnlySpan<byte> webp, string name)
    {
        const int chunkHeader = 8;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(webp[4..]);                          // of all that follows
        if (length > webp.Length - chunkHeader)
            throw ImageLibrary.Broken(name, "WebP", $"it says it has {length + 8L} bytes, but only {webp.Length} are there");
        ReadOnlySpan<byte> rest = webp[12..];
        while (rest.Length >= chunkHeader)
        {
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (size > rest.Length - chunkHeader) break;
            ReadOnlySpan<byte> data = rest.Slice(chunkHeader, (int)size);
            if (rest.StartsWith("EXIF"u8)) return ExifOrientation.Read(data.StartsWith("Exif\0\0"u8) ? data[6..] : data);
            rest = rest[Math.Min(rest.Length, chunkHeader + (int)(size + (size & 1)))..];          // chunks are padded to even sizes
        }
        return 1;
    }

    /// <summary>WebPBitstreamFeatures of webp/decode.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WebPFeatures
    {
        public int Width, Height, HasAlpha, HasAnimation, Format;
        public fixed uint Padding[5];
    }

    [LibraryImport(Library)]
    private static partial int WebPGetFeaturesInternal(byte* data, nuint size, WebPFeatures* features, int version);

    [LibraryImport(Library)]
    private static partial byte* WebPDecodeRGBInto(byte* data, nuint size, byte* output, nuint outputSize, int stride);

    [LibraryImport(Library)]
    private static partial byte* WebPDecodeRGBAInto(byte* data, nuint size, byte* output, nuint outputSize, int stride);
}
