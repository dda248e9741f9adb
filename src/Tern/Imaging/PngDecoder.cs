using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tern.Imaging;

/// <summary>PNG through libpng's simplified interface, which unpacks palettes, grey, 1 to 16 bits, alpha and interlacing.</summary>
internal static unsafe partial class PngDecoder
{
    private const string Library = "libpng16.so.16";
    private const uint Version = 1, Alpha = 1, Colour = 2;                                         // PNG_IMAGE_VERSION, PNG_FORMAT_FLAG_*
    private const uint Assume16BitIsSrgb = 4;                                                      // PNG_IMAGE_FLAG_16BIT_sRGB

    public static Picture Decode(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        int orientation = ReadOrientation(bytes, name);
        try
        {
            return ExifOrientation.Upright(DecodeRgb(bytes, name, limits), orientation);
        }
        catch (DllNotFoundException e)
        {
            throw ImageLibrary.Missing(name, "PNG", Library, "libpng16-16", e);
        }
    }

    private static Picture DecodeRgb(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        PngImage image = new() { Version = Version };
        fixed (byte* source = bytes)
        {
            try
            {
                if (png_image_begin_read_from_memory(&image, source, (nuint)bytes.Length) == 0)
                    throw ImageLibrary.Broken(name, "PNG", Message(image));
                limits.RequirePixels(name, image.Width, image.Height);

                image.Flags |= Assume16BitIsSrgb;                                                  // else they are taken as linear light
                bool alpha = (image.Format & Alpha) != 0;
                image.Format = alpha ? Colour | Alpha : Colour;
                int width = (int)image.Width, height = (int)image.Height;
                byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * (alpha ? 4 : 3));
                fixed (byte* target = pixels)
                    if (png_image_finish_read(&image, null, target, 0, null) == 0) throw ImageLibrary.Broken(name, "PNG", Message(image));
                return new Picture(width, height, 3, alpha ? ColourConversion.OnWhite(pixels) : pixels);
            }
            finally
            {
                png_image_free(&image);
            }
        }
    }

    /// <summary>
    /// Walks the chunks up to IEND, for the orientation in eXIf and for completeness: libpng stops reading at the last pixel,
    /// and a file cut behind it may have lost its eXIf.
    /// </summary>
    private static int ReadOrientation(ReadOnlySpan<byte> png, string name)
    {
        int orientation = 1;
        const int signature = 8, header = 8, checksum = 4;
        for (ReadOnlySpan<byte> rest = png[signature..]; rest.Length >= header + checksum;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - header - checksum) break;
            ReadOnlySpan<byte> type = rest[4..8], data = rest.Slice(header, (int)length);
            if (type.SequenceEqual("IEND"u8)) return orientation;
            if (type.SequenceEqual("eXIf"u8)) orientation = ExifOrientation.Read(data);
            rest = rest[(header + (int)length + checksum)..];
        }
        throw ImageLibrary.Broken(name, "PNG", "it ends before its IEND chunk");
    }

    private static string Message(PngImage image) => Marshal.PtrToStringUTF8((nint)image.Message) ?? "no reason given";

    /// <summary>png_image of png.h, filled in by the library.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PngImage
    {
        public nint Opaque;
        public uint Version, Width, Height, Format, Flags, ColormapEntries, WarningOrError;
        public fixed byte Message[64];
    }

    [LibraryImport(Library)]
    private static partial int png_image_begin_read_from_memory(PngImage* image, byte* memory, nuint size);

    [LibraryImport(Library)]
    private static partial int png_image_finish_read(PngImage* image, void* background, byte* buffer, int rowStride, void* colormap);

    [LibraryImport(Library)]
    private static partial void png_image_free(PngImage* image);
}
