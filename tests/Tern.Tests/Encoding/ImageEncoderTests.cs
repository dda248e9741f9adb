using Tern.Encoding;

namespace Tern.Tests.Encoding;

public class ImageEncoderTests
{
    [Fact]
    public void Model_says_what_it_takes_and_gives()
    {
        using var file = new TemporaryModel(Models.Encoder().Seal());
        ImageEncoder encoder = ImageEncoder.Open(file.Path);
        Assert.Equal((12, 7, 16, 16, 3), (encoder.Bits, encoder.EmbeddingSize, encoder.Width, encoder.Height, encoder.Channels));
        Assert.Equal((Tern.Imaging.ResizePolicy.Crop, "tiny"), (encoder.Resize, encoder.Metadata["tern.network"]));
        Assert.Equal(encoder.Metadata["tern.sha256"], encoder.ModelIdentity);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(3)]
    public void Code_is_the_signs_of_the_hash(int bits)
    {
        using TemporaryModel file = Models.Encoder(bits: bits).Save();
        EncodedBatch batch = ImageEncoder.Open(file.Path).Encode(Images(5, 16 * 16 * 3), 5);
        int bytes = (bits + 7) / 8;
        for (int image = 0; image < 5; image++)
        {
            var expected = new byte[bytes];
            for (int bit = 0; bit < bits; bit++)
                expected[bit / 8] |= (byte)(batch.Hash[image * bits + bit] > 0 ? 1 << bit % 8 : 0);
            Assert.Equal(expected, batch.Codes[(image * bytes)..((image + 1) * bytes)]);
        }
        Assert.Contains(batch.Codes, code => code != batch.Codes[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Image_is_encoded_alike_alone_and_in_any_batch(int threads)
    {
        using TemporaryModel file = Models.Encoder().Save();
        ImageEncoder encoder = ImageEncoder.Open(file.Path, new EncoderOptions(threads));
        byte[] images = Images(37, 16 * 16 * 3);
        EncodedBatch together = encoder.Encode(images, 37);
        for (int image = 0; image < 37; image += 6)
        {
            EncodedBatch alone = encoder.Encode(images.AsMemory(image * 768, 768), 1);
            Assert.Equal(alone.Hash, together.Hash[(image * 12)..((image + 1) * 12)]);
            Assert.Equal(alone.Embedding, together.Embedding[(image * 7)..((image + 1) * 7)]);
        }
    }

    [SkippableTheory]
    [InlineData(3, 16)]
    [InlineData(1, 13)]
    public void Whole_model_agrees_with_onnxruntime(int channels, int size)
    {
        Skip.If(Judge.Absent is not null, Judge.Absent);
        using var file = new TemporaryModel(Models.Encoder(channels: channels, size: size).Seal());
        byte[] images = Images(6, size * size * channels);
        EncodedBatch ours = ImageEncoder.Open(file.Path).Encode(images, 6);
        var judged = Judge.Run(file.Path, new Dictionary<string, OnnxTensor>
        {
            ["image"] = OnnxTensor.Create<byte>(images, 6, size, size, channels),
        });
        AssertClose(judged["embedding"].Values<float>().ToArray(), ours.Embedding);
        AssertClose(judged["hash"].Values<float>().ToArray(), ours.Hash);
        Assert.Equal(judged["code"].Values<byte>().ToArray(), ours.Codes);
    }

    [Fact]
    public void Threads_of_the_caller_do_not_disturb_each_other()
    {
        using TemporaryModel file = Models.Encoder().Save();
        ImageEncoder encoder = ImageEncoder.Open(file.Path, new EncoderOptions(1));
        byte[] images = Images(24, 768);
        EncodedBatch expected = encoder.Encode(images, 24);
        Parallel.For(0, 24, image =>
        {
            for (int repeat = 0; repeat < 20; repeat++)
            {
                EncodedBatch alone = encoder.Encode(images.AsMemory(image * 768, 768), 1);
                Assert.Equal(expected.Hash[(image * 12)..((image + 1) * 12)], alone.Hash);
            }
        });
    }

    [Fact]
    public void No_images_give_an_empty_batch()
    {
        using TemporaryModel file = Models.Encoder().Save();
        Assert.Empty(ImageEncoder.Open(file.Path).Encode(ReadOnlyMemory<byte>.Empty, 0).Codes);
    }

    [Fact]
    public void Wrong_number_of_pixels_names_both_numbers()
    {
        using TemporaryModel file = Models.Encoder().Save();
        ImageEncoder encoder = ImageEncoder.Open(file.Path);
        var fault = Assert.Throws<TernException>(() => encoder.Encode(new byte[767], 1));
        Assert.Contains("1 x 768 values were expected; got 767", fault.Message);
    }

    [Fact]
    public void Model_that_needs_more_memory_than_allowed_is_refused()
    {
        using TemporaryModel file = Models.Encoder().Save();
        var fault = Assert.Throws<TernException>(() => ImageEncoder.Open(file.Path, new EncoderOptions(MemoryLimit: 10_000)));
        Assert.Contains("memory limit of 10000 bytes", fault.Message);
    }

    [Fact]
    public void Metadata_that_contradicts_the_network_is_refused()
    {
        ModelBuilder model = Models.Encoder(bits: 12);
        model.Model.MetadataProps.Single(entry => entry.Key == "tern.bits").Value = "16";
        using TemporaryModel file = model.Save();
        var fault = Assert.Throws<TernException>(() => ImageEncoder.Open(file.Path));
        Assert.Contains("hash is Float [2, 12]; Float [2, 16] was expected", fault.Message);
    }

    [Fact]
    public void Foreign_model_is_pointed_to_the_session()
    {
        ModelBuilder model = Models.Encoder();
        model.Model.MetadataProps.Clear();
        using TemporaryModel file = model.Save();
        Assert.Contains("OnnxSession", Assert.Throws<TernException>(() => ImageEncoder.Open(file.Path)).Message);
        Assert.Equal(["image"], OnnxSession.Open(file.Path).Inputs.Select(input => input.Name));
    }

    private static byte[] Images(int count, int length)
    {
        var images = new byte[count * length];
        new Random(3).NextBytes(images);
        return images;
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4 + 1e-4 * MathF.Abs(expected[i]));
    }
}
