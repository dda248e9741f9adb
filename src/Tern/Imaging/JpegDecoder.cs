using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tern.Imaging;

/// <summary>JPEG through libjpeg-turbo's TurboJPEG 2 interface, with libjpeg's defaults: accurate DCT, smooth chroma upsampling.</summary>
internal static unsafe partial class JpegDecoder
{
    private const string Library = "libturbojpeg.so.0";
    private const int Rgb = 0, Cmyk = 11;                                                          // TJPF_RGB, TJPF_CMYK
    private const int CmykSpace = 3, YcckSpace = 4;                                                // TJCS_CMYK, TJCS_YCCK
    private const int StopOnWarning = 8192, LimitScans = 32768;                                    // TJFLAG_*: at most 500 scans

    public static Picture Decode(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        try
        {
            nint decoder = tjInitDecompress();
            if (decoder == 0) throw new OutOfMemoryException($"{Library} could not start a decoder.");
            try
            {
                return ExifOrientation.Upright(DecodeRgb(decoder, bytes, name, limits), ExifOrientation.Read(FindExif(bytes)));
            }
            finally
            {
                _ = tjDestroy(decoder);
            }
        }
        catch (DllNotFoundException e)
        {
            throw ImageLibrary.Missing(name, "JPEG", Library, "libturbojpeg0", e);
        }
    }

    private static Picture DecodeRgb(nint decoder, ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        fixed (byte* source = bytes)
        {
            // The header call fails on chroma samplings it has no name for, which decode well: its numbers count, not its status.
            int width = 0, height = 0, sampling, space = -1;
            _ = tjDecompressHeader3(decoder, source, (nuint)bytes.Length, &width, &height, &sampling, &space);
            if (width < 1 || height < 1 || space < 0) throw ImageLibrary.Broken(name, "JPEG", LastMessage(decoder));
            limits.RequirePixels(name, width, height);

            bool cmyk = space is CmykSpace or YcckSpace;
            byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * (cmyk ? 4 : 3));
            fixed (byte* target = pixels)
            {
                int format = cmyk ? Cmyk : Rgb, flags = StopOnWarning | LimitScans;
                int status = tjDecompress2(decoder, source, (nuint)bytes.Length, target, width, 0, height, format, flags);
                if (status != 0 && IsHarmless(LastMessage(decoder)))
                    status = tjDecompress2(decoder, source, (nuint)bytes.Length, target, width, 0, height, format, LimitScans) == 0
                        || tjGetErrorCode(decoder) == 0 ? 0 : -1;                                  // code 0: no more than a warning
                if (status != 0) throw ImageLibrary.Broken(name, "JPEG", LastMessage(decoder));
            }
            return new Picture(width, height, 3, cmyk ? ColourConversion.CmykToRgb(pixels) : pixels);
        }
    }

    /// <summary>
    /// One of libjpeg's warnings always leaves a whole picture: some cameras write padding between the last scan and the end marker.
    /// It comes when every block has been decoded, and as the first warning, so nothing before it was wrong.
    /// </summary>
    private static bool IsHarmless(string warning) => warning.EndsWith("extraneous bytes before marker 0xd9", StringComparison.Ordinal);

    private static string LastMessage(nint decoder) => Marshal.PtrToStringUTF8((nint)tjGetErrorStr2(decoder)) ?? "no reason given";

    /// <summary>The TIFF block of the first APP1 "Exif" segment before the scans, or nothing.</summary>
    private static ReadOnlySpan<byte> FindExif(ReadOnlySpan<byte> jpeg)
    {
        const byte fill = 0xFF, startOfScan = 0xDA, app1 = 0xE1;
        for (int at = 2; at + 4 <= jpeg.Length && jpeg[at] == 0xFF;)
        {
            byte marker = jpeg[at + 1];
            if (marker == startOfScan) break;
            if (marker == fill)
            {
                at++;
                continue;
            }
            int length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);                   // counts itself
            if (length < 2 || at + 2 + length > jpeg.Length) break;
            ReadOnlySpan<byte> segment = jpeg.Slice(at + 4, length - 2);
            if (marker == app1 && segment.StartsWith("Exif\0\0"u8)) return segment[6..];
            at += 2 + length;
        }
        return [];
    }

    [LibraryImport(Library)]
    private static partial nint tjInitDecompress();

    [LibraryImport(Library)]
    private static partial int tjDestroy(nint decoder);

    [LibraryImport(Library)]
    private static partial int tjDecompressHeader3(
        nint decoder, byte* source, nuint size, int* width, int* height, int* sampling, int* space);

    [LibraryImport(Library)]
    private static partial int tjDecompress2(
        nint decoder, byte* source, nuint size, byte* target, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library)]
    private static partial byte* tjGetErrorStr2(nint decoder);

    [LibraryImport(Library)]
    private static partial int tjGetErrorCode(nint decoder);
}
