using System.Text.Json;
using Tern.Torch.Weights;

namespace Tern.Torch.Tests.Weights;

public sealed class WeightFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tern-").FullName;
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_pth_file_reads_as_PyTorch_wrote_it()
    {
        IReadOnlyDictionary<string, Tensor> state = PthFile.Read(Fixtures.PathOf("small.pth"));
        JsonElement expected = Fixtures.Json("small.json");
        Assert.Equal(expected.EnumerateObject().Select(entry => entry.Name).Order(), state.Keys.Order());
        foreach (JsonProperty entry in expected.EnumerateObject())
        {
            Assert.Equal(entry.Value.GetProperty("shape").Longs(), state[entry.Name].Shape);
            Assert.Equal(entry.Value.GetProperty("values").Floats(), state[entry.Name].To(DType.Float32).ToArray<float>());
        }
    }

    [Fact]
    public void Safetensors_come_back_as_they_were_written()
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["weight"] = Tensor.RandomNormal(3, 4),
            ["steps"] = Tensor.From([5L]),
            ["half"] = Tensor.RandomNormal(7).To(DType.BFloat16),
            ["none"] = Tensor.Empty([0, 4]),
            ["scalar"] = Tensor.Zeros([], DType.Int64),
        };
        string path = Write(tensors);
        SafetensorsContent read = SafetensorsFile.Read(path);
        Assert.Equal("yes", read.Metadata["tern"]);
        Assert.Equal(tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach ((string name, Tensor tensor) in tensors)
        {
            Assert.Equal((tensor.DType, string.Join(",", tensor.Shape)), (read.Tensors[name].DType, string.Join(",", read.Tensors[name].Shape)));
            Assert.Equal(tensor.Span<byte>().ToArray(), read.Tensors[name].Span<byte>().ToArray());
        }
    }

    [Fact]
    public void A_safetensors_file_laid_out_by_hand_is_read()
    {
        // The format's own definition: length, header, bytes. 1.0f and -2.0f little endian.
        string header = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        byte[] bytes = [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0];
        string path = Path.Combine(folder, "hand.safetensors");
        File.WriteAllBytes(path, bytes);
        Assert.Equal([1f, -2f], SafetensorsFile.Read(path).Tensors["a"].ToArray<float>());
    }

    [Fact]
    public void Every_truncation_of_a_safetensors_file_is_an_error_that_names_it()
    {
        byte[] whole = File.ReadAllBytes(Write(new Dictionary<string, Tensor> { ["a"] = Tensor.RandomNormal(4), ["b"] = Tensor.RandomNormal(2) }));
        string path = Path.Combine(folder, "cut.safetensors");
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("cut.safetensors", Assert.Throws<WeightFileException>(() => SafetensorsFile.Read(path)).Message);
        }
    }

    [Fact]
    public void Truncated_and_flipped_pth_files_are_errors_or_tensors_never_crashes()
    {
        byte[] whole = File.ReadAllBytes(Fixtures.PathOf("small.pth"));
        string path = Path.Combine(folder, "damaged.pth");
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = i % 2 == 0 ? whole[..random.Next(whole.Length)] : (byte[])whole.Clone();
            if (i % 2 == 1) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            Exception? error = Record.Exception(() => PthFile.Read(path));
            if (i % 2 == 0) Assert.IsType<WeightFileException>(error);
            else Assert.True(error is null or WeightFileException, error?.ToString());
        }
    }

    [Fact]
    public void A_header_that_lies_about_its_sizes_is_refused()
    {
        foreach (string header in new[]
        {
            """{"a":{"dtype":"F32","shape":[999999999999,999999999999],"data_offsets":[0,8]}}""",
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""",
            """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""",
            """{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""",
            """{"a":{"shape":[2]}}""",
            """not json at all, sir""",
        })
        {
            string path = Path.Combine(folder, "lies.safetensors");
            File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), .. new byte[8]]);
            Assert.Throws<WeightFileException>(() => SafetensorsFile.Read(path));
        }
    }

    private string Write(IReadOnlyDictionary<string, Tensor> tensors)
    {
        string path = Path.Combine(folder, "written.safetensors");
        using FileStream stream = File.Create(path);
        SafetensorsFile.Write(stream, tensors, new Dictionary<string, string> { ["tern"] = "yes" });
        return path;
    }
}
