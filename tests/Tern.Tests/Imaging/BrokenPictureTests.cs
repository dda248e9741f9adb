using System.Buffers.Binary;
using System.Text;
using Tern.Imaging;

namespace Tern.Tests.Imaging;

public class BrokenPictureTests
{
    [Theory]
    [InlineData("rgb420.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    [InlineData("orientation6.jpg")]
    [InlineData("palette-clear.png")]
    [InlineData("interlaced.png")]
    [InlineData("orientation6.png")]
    [InlineData("lossy-alpha.webp")]
    [InlineData("lossless.webp")]
    [InlineData("orientation6.webp")]
    public void A_file_cut_at_any_byte_is_an_error_that_names_it(string name)
    {
        byte[] bytes = Fixtures.Read(name);
        for (int length = 0; length < bytes.Length; length++)
        {
            TernException error = Assert.Throws<TernException>(() => ImageDecoder.Decode(bytes.AsSpan(0, length), name));
            Assert.Contains(name, error.Message);
        }
    }

    [Theory]
    [InlineData("rgb420.jpg")]
    [InlineData("rgba.png")]
    [InlineData("lossless.webp")]
    public void Bytes_after_the_end_change_nothing(string name)
    {
        byte[] bytes = Fixtures.Read(name);
        Assert.Equal(ImageDecoder.Decode(bytes, name).Pixels, ImageDecoder.Decode([.. bytes, 1, 2, 3], name).Pixels);
    }

    /// <summary>1 to 8 bytes replaced at random. A picture may come out; a crash, another exception or a huge allocation may not.</summary>
    [Theory]
    [InlineData("rgb420.jpg", 1)]
    [InlineData("progressive.jpg", 2)]
    [InlineData("orientation6.jpg", 3)]
    [InlineData("palette-clear.png", 4)]
    [InlineData("interlaced.png", 5)]
    [InlineData("lossy-alpha.webp", 6)]
    [InlineData("lossless.webp", 7)]
    public void Changed_bytes_give_a_picture_or_an_error(string name, int seed)
    {
        Random random = new(seed);
        byte[] original = Fixtures.Read(name);
        DecodeLimits limits = new(MaxPixels: 100_000);
        int errors = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. original];
            for (int change = random.Next(1, 9); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Picture picture = ImageDecoder.Decode(bytes, name, channels: 3, limits);
                Assert.InRange(picture.Width * picture.Height, 1, limits.MaxPixels);
            }
            catch (TernException)
            {
                errors++;
            }
        }
        Assert.InRange(errors, 1, 2000);
    }

    [Fact]
    public void Padding_before_the_end_marker_of_a_jpeg_is_harmless()
    {
        byte[] jpeg = Fixtures.Read("rgb420.jpg");
        byte[] padded = [.. jpeg[..^2], 0, 0, 0, .. jpeg[^2..]];
        Assert.Equal(ImageDecoder.Decode(jpeg, "a").Pixels, ImageDecoder.Decode(padded, "b").Pixels);
    }

    [Theory]
    [InlineData("GIF89a..............", "GIF")]
    [InlineData("BM....\0\0\0\0........", "BMP")]
    [InlineData("II*\0................", "TIFF")]
    [InlineData("MM\0*................", "TIFF")]
    [InlineData("\0\0\0\u0018ftypheic........", "HEIC")]
    [InlineData("\0\0\0\u0018ftypmif1........", "HEIC")]
    [InlineData("\0\0\0\u0018ftypavif........", "AVIF")]
    [InlineData("\0\0\0\u0018ftypisom........", "video")]
    [InlineData("\0\0\0\u000CJXL ............", "JPEG XL")]
    [InlineData("<svg xmlns=''/>", "SVG")]
    public void A_known_format_is_named_with_the_way_out(string bytes, string format)
    {
        TernException error = Assert.Throws<TernException>(() => ImageDecoder.Decode(System.Text.Encoding.Latin1.GetBytes(bytes), "p.jpg"));
        Assert.StartsWith($"'p.jpg' is a {format}", error.Message);
        Assert.Contains("convert it to JPEG, PNG or WebP", error.Message);
    }

    [Fact]
    public void Text_and_nothing_are_not_pictures()
    {
        Assert.Equal("'p.png' is not a JPEG, PNG or WebP picture, whatever its name says: it begins with the bytes 68 65 6C 6C 6F.",
            Assert.Throws<TernException>(() => ImageDecoder.Decode("hello"u8, "p.png")).Message);
        Assert.Equal("'p.png' is empty (0 bytes): fetch it again.",
            Assert.Throws<TernException>(() => ImageDecoder.Decode([], "p.png")).Message);
    }

    [Fact]
    public void An_animated_webp_is_refused_by_name() =>
        Assert.Contains("is an animated WebP, which is not supported: save one frame",
            Assert.Throws<TernException>(() => ImageDecoder.Open(Fixtures.PathOf("animated.webp"))).Message);

    /// <summary>8000 x 7500 = 60 million pixels, claimed by a header; the few bytes that follow would never fill them.</summary>
    [Theory]
    [InlineData("rgb420.jpg")]
    [InlineData("rgb.png")]
    [InlineData("lossy.webp")]
    public void Too_many_pixels_are_refused_before_anything_is_allocated(string name)
    {
        byte[] bytes = Fixtures.Read(name);
        WriteSize(bytes, 8000, 7500);
        long before = GC.GetAllocatedBytesForCurrentThread();
        TernException error = Assert.Throws<TernException>(() => ImageDecoder.Decode(bytes, name));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal($"'{name}' is 8000 x 7500 = 60,000,000 pixels, over the limit of 50,000,000:"
            + " shrink it, or raise DecodeLimits.MaxPixels.", error.Message);
        Assert.Contains("broken", Assert.Throws<TernException>(() =>
            ImageDecoder.Decode(bytes, name, limits: new DecodeLimits(MaxPixels: 60_000_000))).Message);
    }

    [Fact]
    public void Too_many_bytes_are_refused() =>
        Assert.Contains("over the limit of 500", Assert.Throws<TernException>(() =>
            ImageDecoder.Open(Fixtures.PathOf("rgb420.jpg"), limits: new DecodeLimits(MaxBytes: 500))).Message);

    [Fact]
    public void A_path_that_cannot_be_read_is_named()
    {
        Assert.StartsWith("'no/such.jpg' cannot be read: ", Assert.Throws<TernException>(() => ImageDecoder.Open("no/such.jpg")).Message);
        Assert.Equal($"'{Path.GetTempPath()}' is a folder: give a picture in it.", Assert.Throws<TernException>(() => ImageDecoder.Open(Path.GetTempPath())).Message);
    }

    [Fact]
    public void A_missing_library_is_named_with_its_package() =>
        Assert.Equal("'a.jpg' is a JPEG, but the library libturbojpeg.so.0 that decodes it is not installed:"
            + " run 'apt-get install libturbojpeg0' (or your system's package of it).",
            ImageLibrary.Missing("a.jpg", "JPEG", "libturbojpeg.so.0", "libturbojpeg0", new DllNotFoundException()).Message);

    /// <summary>Writes width and height where each format keeps them.</summary>
    private static void WriteSize(byte[] bytes, ushort width, ushort height)
    {
        switch (ImageSignature.Identify(bytes))
        {
            case "JPEG":                                                                           // SOF0: length, depth, height, width
                int frame = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 5), height);
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 7), width);
                break;
            case "PNG":                                                                            // IHDR with its checksum
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), width);
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), height);
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), SlowCrc(bytes.AsSpan(12, 17)));
                break;
            default:                                                                               // VP8: 14 bits each, after a start code
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(26), width);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(28), height);
                break;
        }
    }

    private static uint SlowCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        return ~crc;
    }
}
