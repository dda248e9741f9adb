using System.Buffers.Binary;
using System.IO.Compression;

namespace Tern.Imaging;

/// <summary>Writes a picture as a PNG, for reports: managed code only, no library needed.</summary>
public static class PngWriter
{
    private static readonly uint[] s_crc = [.. Enumerable.Range(0, 256).Select(CrcOfByte)];

    private static readonly byte[] s_colourTypes = [0, 4, 2, 6];

    /// <summary>The bytes of an 8-bit grey or RGB PNG, as the picture has 1 or 3 channels.</summary>
    public static byte[] Encode(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Encode(picture.Pixels, picture.Width, picture.Height, picture.Channels);
    }

    /// <summary>Pixels [height, width, channels] as PNG: grey, grey and opacity, RGB, or RGB and opacity.</summary>
    internal static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int channels)
    {
        if (channels is < 1 or > 4 || width < 1 || height < 1 || pixels.Length != width * height * channels)
            throw new ArgumentException($"{pixels.Length} bytes are not a picture of {width}x{height} with {channels} channels");
        byte[] header = new byte[13];                                                              // then compression, filter, interlace: 0
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, s_colourTypes[channels - 1]);

        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, Compress(pixels, width * channels, channels));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    /// <summary>Each row as differences from the pixel to the left (filter 1, "Sub"), deflated.</summary>
    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> pixels, int length, int channels)
    {
        MemoryStream compressed = new();
        using (ZLibStream deflate = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] line = new byte[1 + length];
            line[0] = 1;
            for (; pixels.Length > 0; pixels = pixels[length..])
            {
                for (int x = 0; x < length; x++)
                    line[1 + x] = (byte)(pixels[x] - (x < channels ? 0 : pixels[x - channels]));
                deflate.Write(line);
            }
        }
        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        png.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            crc = s_crc[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    /// <summary>CRC-32 of PNG (polynomial 0xEDB88320, reflected), a bit at a time.</summary>
    private static uint CrcOfByte(int value)
    {
        uint crc = (uint)value;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        return crc;
    }
}
