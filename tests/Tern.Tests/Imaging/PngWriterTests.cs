using FsCheck;
using FsCheck.Fluent;
using Tern.Imaging;

namespace Tern.Tests.Imaging;

public class PngWriterTests
{
    [Fact]
    public void What_is_written_decodes_to_the_same_pixels()
    {
        Arbitrary<int[]> cases = Gen.ArrayOf(Gen.Choose(1, 40), 3).ToArbitrary();
        Prop.ForAll(cases, c =>
        {
            int channels = c[2] % 2 == 0 ? 1 : 3;
            byte[] pixels = new byte[c[0] * c[1] * channels];
            new Random(c[2]).NextBytes(pixels);
            byte[] png = PngWriter.Encode(new Picture(c[0], c[1], channels, pixels));
            Picture decoded = ImageDecoder.Decode(png, "written.png", channels);
            return (decoded.Width, decoded.Height) == (c[0], c[1]) && decoded.Pixels.SequenceEqual(pixels);
        }).QuickCheckThrowOnFailure();
    }
}
