using System.IO.Compression;
using Tern.Encoding;
using Tern.Index;
using Tern.Tests.Index;

namespace Tern.Tests.Encoding;

public class CompressedModelTests
{
    private static readonly byte[] Model = Models.Encoder().Seal(), Compressed = CompressedModel.Compress(Model);

    [Fact]
    public void Compressed_model_is_the_same_model()
    {
        using TemporaryFolder folder = new();
        ImageEncoder plain = ImageEncoder.Open(Write(folder, "m.onnx", Model)), compressed = ImageEncoder.Open(Write(folder, "m.onnx.br", Compressed));
        Assert.Equal(plain.ModelIdentity, compressed.ModelIdentity);
        var pixels = new byte[2 * 16 * 16 * 3];
        new Random(1).NextBytes(pixels);
        Assert.Equal(plain.Encode(pixels, 2).Hash, compressed.Encode(pixels, 2).Hash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(3 << 20)]
    public void Any_brotli_reads_what_is_written_and_what_any_brotli_writes_is_read(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content.AsSpan(0, length / 2));
        using var read = new MemoryStream();
        using (var brotli = new BrotliStream(new MemoryStream(CompressedModel.Compress(content)), CompressionMode.Decompress)) brotli.CopyTo(read);
        Assert.Equal(content, read.ToArray());

        using var written = new MemoryStream();
        using (var brotli = new BrotliStream(written, CompressionLevel.Fastest, leaveOpen: true)) brotli.Write(content);
        Assert.Equal(content, CompressedModel.Decompress("m.br", written.ToArray(), 4 << 20));
    }

    [Fact]
    public void Every_file_that_is_cut_short_is_refused()
    {
        using TemporaryFolder folder = new();
        for (int length = 1; length < Compressed.Length; length += 7)
            Assert.Contains("cut short", Refused(folder, Compressed[..length]));
        Assert.Contains("empty", Refused(folder, []));
    }

    [Fact]
    public void Damage_never_passes()
    {
        using TemporaryFolder folder = new();
        var random = new Random(6);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. Compressed];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            string path = Write(folder, "m.onnx.br", damaged);
            // A flipped bit that changes no content is possible in theory; one that changes the content is not, for the checksum would have to match.
            try { Assert.Equal(ImageEncoder.Open(path).ModelIdentity, ImageEncoder.Open(Write(folder, "m.onnx", Model)).ModelIdentity); }
            catch (TernException refused) { Assert.StartsWith(path, refused.Message); }
        }
        Assert.Contains("not a Brotli-compressed model, or damaged", Refused(folder, Model));
        Assert.Contains("3 bytes follow the compressed model", Refused(folder, [.. Compressed, 1, 2, 3]));
    }

    [Fact]
    public void File_that_expands_without_end_is_stopped_at_the_memory_limit()
    {
        using TemporaryFolder folder = new();
        byte[] bomb = CompressedModel.Compress(new byte[40 << 20]);
        Assert.True(bomb.Length < 1000);
        string path = Write(folder, "m.onnx.br", bomb);
        string message = Assert.Throws<TernException>(() => ImageEncoder.Open(path, new EncoderOptions(MemoryLimit: 8 << 20))).Message;
        Assert.Equal($"{path}: it expands to more than the limit of {8 << 20} bytes.", message);
    }

    [Fact]
    public void Index_made_with_a_compressed_model_holds_it_plain()
    {
        using TemporaryFolder folder = new();
        string path = folder.New();
        using (ImageIndex.Create(path, Write(folder, "m.onnx.br", Compressed))) { }
        Assert.Equal(Model, File.ReadAllBytes(Path.Combine(path, ImageIndex.ModelFile)));
        Assert.Empty(ImageIndex.Verify(path));
    }

    [Fact]
    public void Index_whose_creation_was_killed_before_its_last_step_is_created_again()
    {
        using TemporaryFolder folder = new();
        string path = folder.New(), model = Write(folder, "m.onnx", Model);
        ImageIndex.Create(path, model).Dispose();
        File.Delete(Path.Combine(path, "manifest.json"));
        File.WriteAllBytes(Path.Combine(path, ImageIndex.ModelFile), Model[..(Model.Length / 2)]);
        using (ImageIndex again = ImageIndex.Create(path, model))
            Assert.Equal(ImageEncoder.Open(model).ModelIdentity, again.Codes.ModelIdentity);
        ImageIndex.Open(path).Dispose();
        Assert.Empty(ImageIndex.Verify(path));
        Assert.Contains("is not empty", Assert.Throws<TernException>(() => ImageIndex.Create(path, model)).Message);
    }

    private static string Refused(TemporaryFolder folder, byte[] content)
    {
        string path = Write(folder, "m.onnx.br", content), message = Assert.Throws<TernException>(() => ImageEncoder.Open(path)).Message;
        Assert.StartsWith(path, message);
        return message;
    }

    private static string Write(TemporaryFolder folder, string name, byte[] content)
    {
        string path = folder.New(name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
