using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tern.Imaging;

/// <summary>EXIF tag 0x0112: how the camera was held. 1 is upright; 2, 4, 5, 7 are mirrored; 5 to 8 swap width and height.</summary>
internal static class ExifOrientation
{
    /// <summary>The orientation, 1 to 8, in a TIFF block; 1 where it is absent or malformed, as viewers take it.</summary>
    public static int Read(ReadOnlySpan<byte> tiff)
    {
        const ushort orientationTag = 0x0112, shortType = 3, longType = 4;
        bool little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || (!little && !tiff.StartsWith("MM\0*"u8))) return 1;
        uint directory = UInt32(tiff[4..], little);
        if (directory > tiff.Length - 2) return 1;

        int entries = UInt16(tiff[(int)directory..], little);
        ReadOnlySpan<byte> entry = tiff[((int)directory + 2)..];
        for (; entries > 0 && entry.Length >= 12; entries--, entry = entry[12..])
        {
            if (UInt16(entry, little) != orientationTag) continue;
            uint value = UInt16(entry[2..], little) switch
            {
                shortType => UInt16(entry[8..], little),
                longType => UInt32(entry[8..], little),
                _ => 1,
            };
            return value is >= 1 and <= 8 ? (int)value : 1;
        }
        return 1;
    }

    /// <summary>The RGB picture turned upright.</summary>
    public static Picture Upright(Picture picture, int orientation)
    {
        if (orientation == 1) return picture;
        int w = picture.Width, h = picture.Height;
        // The source pixel of (x, y) of the result is origin + x * right + y * down, counted in pixels.
        (int origin, int right, int down) = orientation switch
        {
            2 => (w - 1, -1, w),
            3 => (w * h - 1, -1, -w),
            4 => (w * (h - 1), 1, -w),
            5 => (0, w, 1),
            6 => (w * (h - 1), -w, 1),
            7 => (w * h - 1, -w, -1),
            _ => (w - 1, w, -1),
        };
        (int width, int height) = orientation >= 5 ? (h, w) : (w, h);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * 3);
        Span<Rgb> upright = MemoryMarshal.Cast<byte, Rgb>(pixels.AsSpan());
        ReadOnlySpan<Rgb> source = MemoryMarshal.Cast<byte, Rgb>(picture.Pixels);
        for (int y = 0, to = 0; y < height; y++)
            for (int x = 0, from = origin + y * down; x < width; x++, from += right)
                upright[to++] = source[from];
        return new Picture(width, height, 3, pixels);
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    [InlineArray(3)]
    private struct Rgb
    {
        private byte _red;
    }
}
