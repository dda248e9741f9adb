using System.Buffers.Binary;
using Tern.Imaging;

namespace Tern.Training.Tests;

/// <summary>Files that are called pictures and cannot be read.</summary>
internal static class BrokenPicture
{
    /// <summary>The kinds of <see cref="Write"/>, each with a word its error must say.</summary>
    public static TheoryData<string, string> Kinds => new()
    {
        { "text.png", "not a JPEG, PNG or WebP" },
        { "empty.png", "0 bytes" },
        { "cut.jpg", "cut.jpg" },
        { "cut.png", "cut.png" },
        { "huge.png", "60,000,000 pixels" },
        { "link.png", "cannot be read" },
    };

    /// <summary>Writes one of <see cref="Kinds"/> into a folder and returns its path.</summary>
    public static string Write(string folder, string kind)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, kind);
        if (kind == "link.png") File.CreateSymbolicLink(path, Path.Combine(folder, "nowhere.png"));
        else File.WriteAllBytes(path, Bytes(kind));
        return path;
    }

    private static byte[] Bytes(string kind)
    {
        byte[] jpeg = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "grey.jpg"));
        byte[] png = PngWriter.Encode(MadeData.Picture(0, 0));
        return kind switch
        {
            "text.png" => "this is no picture\n"u8.ToArray(),
            "empty.png" => [],
            "cut.jpg" => jpeg[..(jpeg.Length / 2)],
            "cut.png" => png[..(png.Length / 2)],
            "huge.png" => Claiming(png, 10_000, 6_000),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    /// <summary>Another width and height in the header of a PNG, with the checksum they need: it is not found out by that.</summary>
    private static byte[] Claiming(byte[] png, int width, int height)
    {
        byte[] claiming = [.. png];
        BinaryPrimitives.WriteInt32BigEndian(claiming.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(claiming.AsSpan(20), height);
        uint crc = uint.MaxValue;
        foreach (byte value in claiming.AsSpan(12, 17))             // "IHDR" and its 13 bytes
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(claiming.AsSpan(29), ~crc);
        return claiming;
    }
}
