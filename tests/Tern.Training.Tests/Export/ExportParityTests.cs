using Tern.Encoding;
using Tern.Tests.Encoding;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Descriptors;
using Tern.Training.Export;
using Tern.Training.Fitting;
using Tern.Training.Models;
using Tern.Training.Quantization;
using Tern.Training.Tests.Models;

namespace Tern.Training.Tests.Export;

/// <summary>What the managed encoder and onnxruntime compute from an exported model is what libtorch computes from the network.</summary>
public sealed class ExportParityTests : IDisposable
{
    private const string FashionMnist = "/usr/share/datasets/fashion-mnist";
    private readonly string folder = Directory.CreateTempSubdirectory("tern-").FullName;
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<string> Models =>
    [
        "dsh", "dsh none", "dsh local", "resnet20", "resnet stem 2", "resnet widths", "resnet18", "resnet50", "cgd SMG", "cgd sum", "cgd B learned p", "airbench", "airbench mirror", "separable", "linear separable", "faceResNet", "ternary faceResNet", "ternary", "ternary threshold 0.5", "ternary zeros 0.7", "ternary convolutions", "ternary resnet", "ternary resnet18 embedding",
        "binary", "binary convolutions", "linear", "linear convolutions", "mixed",
        .. Backbones,
        "seResNet", "bnInception", "inceptionResNet", "ternary inceptionResNet",
    ];

    /// <summary>With hashed weights (and "separable"), so that nothing fades on the way through them.</summary>
    private static readonly string[] Backbones =
        ["resnet50 a", "mobilenet", "mobilenet tensorflow", "squeezenet", "squeezenet smallest", "shufflenet", "shufflenet0.5 b", "densenet a", "densenet smallest"];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_managed_encoder_agrees_with_libtorch(string model)
    {
        PixelStore pictures = Pictures(model, 1000);
        (HashingNetwork network, DataSpec data) = Build(model, pictures);
        ImageEncoder encoder = Export(network, data, out _);
        float[] expected = Hash(network, pictures);
        EncodedBatch actual = encoder.Encode(Pixels(pictures), pictures.Count);
        AssertAgree(expected, actual.Hash, actual.Codes, network.Bits);
    }

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Onnxruntime_agrees_with_libtorch(string model)
    {
        Skip.If(Judge.Absent is not null, Judge.Absent);
        PixelStore pictures = Pictures(model, 32);
        (HashingNetwork network, DataSpec data) = Build(model, pictures);
        Export(network, data, out string path);
        OnnxTensor image = OnnxTensor.Create<byte>(Pixels(pictures), pictures.Count, data.Height, data.Width, data.Channels);
        Dictionary<string, OnnxTensor> outputs = Judge.Run(path, new Dictionary<string, OnnxTensor> { ["image"] = image });
        AssertAgree(Hash(network, pictures), outputs["hash"].Values<float>(), outputs["code"].Values<byte>(), network.Bits);
    }

    [Fact]
    public void A_ternary_layer_is_a_sixteenth_of_its_floats_on_disk()
    {
        PixelStore pictures = Pictures(4);
        (HashingNetwork plain, DataSpec data) = Build("dsh", pictures);
        (HashingNetwork ternary, _) = Build("ternary", pictures);
        Export(plain, data, out string plainPath);
        Export(ternary, data, out string ternaryPath);
        // fc1 [500, 576] and hash [48, 500] are the layers: (288,000 + 24,000) weights of 4 bytes become 2 bits; the function itself takes under 1 KiB.
        long saved = new FileInfo(plainPath).Length - new FileInfo(ternaryPath).Length;
        Assert.InRange(saved, (288_000 + 24_000) * 15 / 4 - 1500, (288_000 + 24_000) * 15 / 4);
    }

    [Fact]
    public void A_border_is_written_out_where_it_is_read_by_something_else_than_a_convolution()
    {
        PixelStore pictures = Pictures(20);
        var border = new FunctionLayer(input => input.Pad(left: 3, right: 1, top: 0, bottom: 2).MaxPool2d(2, 2).Flatten());      // [N, 1, 28, 28] to [N, 1, 30, 32] to [N, 240]
        var network = new CodeNetwork(border, 240, 8, 2);
        var data = new DataSpec("test", 28, 28, 1, [0.286], [0.353], 2);
        ImageEncoder encoder = Export(network, data, out string path);
        Assert.Single(Operators(path), "Pad");
        EncodedBatch actual = encoder.Encode(Pixels(pictures), pictures.Count);
        AssertAgree(Hash(network, pictures), actual.Hash, actual.Codes, network.Bits);
    }

    [Fact]
    public void A_border_that_a_convolution_reads_becomes_its_padding()
    {
        PixelStore pictures = MadeData.Store(10, 2, Side("mobilenet tensorflow"));
        (HashingNetwork network, DataSpec data) = Build("mobilenet tensorflow", pictures);
        Export(network, data, out string path);
        Assert.DoesNotContain("Pad", Operators(path));
        var pads = Tern.Encoding.Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node.Where(node => node.OpType == "Conv")
            .Select(node => string.Join(",", node.Attribute.Single(attribute => attribute.Name == "pads").Ints)).ToArray();
        // Sides 70, 35, 18, 9, 5: even ones are padded after, odd ones on both sides as every 3x3 convolution of stride 1 is.
        Assert.Equal(2, pads.Count(text => text == "0,0,1,1"));
        Assert.Equal(16, pads.Count(text => text == "1,1,1,1"));
    }

    [Theory]
    [InlineData("ternary", "hash.packed", 48 * 125)]
    [InlineData("ternary convolutions", "backbone.conv2.packed", 32 * 200)]
    [InlineData("binary", "hash.packed", 48 * 63)]
    [InlineData("linear", "hash.packed", 48 * 500)]
    public void A_quantised_layer_is_in_the_file_packed_and_not_as_floats(string model, string name, int bytes)
    {
        PixelStore pictures = Pictures(100);
        (HashingNetwork network, DataSpec data) = Build(model, pictures);
        Export(network, data, out string path);
        var graph = Tern.Encoding.Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
        Assert.Equal(bytes, graph.Initializer.Single(tensor => tensor.Name == name).RawData.Length);
        Assert.DoesNotContain(graph.Initializer, tensor => tensor.Name == name.Replace("packed", "weight"));
    }

    private static void AssertAgree(float[] expected, ReadOnlySpan<float> hash, ReadOnlySpan<byte> codes, int bits)
    {
        float scale = expected.Max(MathF.Abs);
        int bytes = (bits + 7) / 8;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(hash[i], expected[i] - 1e-4f * scale, expected[i] + 1e-4f * scale);
            bool bit = (codes[i / bits * bytes + i % bits / 8] >> (i % bits % 8) & 1) == 1;
            if (MathF.Abs(expected[i]) > 1e-4f * MathF.Max(10, scale)) Assert.Equal(expected[i] > 0, bit);
        }
    }

    private static string[] Operators(string path) =>
        [.. Tern.Encoding.Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node.Select(node => node.OpType)];

    /// <summary>Of a backbone's pictures; on the way down from 70 sides are even and odd (70, 35, 18, 9, 5, 3).</summary>
    private static int Side(string backbone) => backbone switch { "squeezenet smallest" => 25, "densenet smallest" => 29, _ => 70 };

    /// <summary>Networks for large pictures get fewer of them, as large as they need.</summary>
    private static PixelStore Pictures(string model, int count) => model switch
    {
        _ when Backbones.Contains(model) => MadeData.Store(10, 20, Side(model)),
        "resnet18" or "ternary resnet18 embedding" or "resnet50" or "cgd SMG" or "cgd sum" or "cgd B learned p" => Pictures(Math.Min(count, 100)),
        "seResNet" or "bnInception" => Pictures(Math.Min(count, 100), side: 32),
        "faceResNet" or "ternary faceResNet" => Pictures(Math.Min(count, 200), side: 36),
        "inceptionResNet" or "ternary inceptionResNet" => Pictures(Math.Min(count, 50), side: 75),
        _ => Pictures(count),
    };

    /// <summary>Real photographs where the package is installed, else made ones of the same shape.</summary>
    private static PixelStore Pictures(int count, int side = 28)
    {
        if (!Directory.Exists(FashionMnist)) return MadeData.Store(10, count, side);
        var spec = new DataSpec(FashionMnist, side, side, 1, [0.286], [0.353], 2);
        return PixelStore.Load(IdxReader.Open(FashionMnist).Test, spec, threads: 2, default).Select([.. Enumerable.Range(0, count)]);
    }

    private static (HashingNetwork, DataSpec) Build(string name, PixelStore pictures)
    {
        TorchRuntime.Seed(9);
        ModelSpec model = name switch
        {
            "dsh none" => new DshSpec(Normalization.None),
            "dsh local" => new DshSpec(Normalization.Local),
            "resnet20" or "ternary resnet" => new CifarResNetSpec(),
            "resnet widths" => new CifarResNetSpec(Widths: [12, 20, 32, 40], Blocks: [1, 2, 1, 1]),
            "resnet18" => new ResNetSpec(18),
            "ternary resnet18 embedding" => new ResNetSpec(18) { Embedding = 24 },
            "resnet50" => new ResNetSpec(50),
            "cgd SMG" => new CgdSpec(new ResNetSpec(18), "SMG", 48),
            "cgd sum" => new CgdSpec(new ResNetSpec(18), "GM", 40, Combination.Sum),
            "cgd B learned p" => new CgdSpec(new ResNetSpec(18), "GS", 40, Architecture: DescriptorArchitecture.B, LearnPower: true),
            "seResNet" => new SeResNetSpec(),
            "bnInception" => new BnInceptionSpec(),
            "inceptionResNet" or "ternary inceptionResNet" => new InceptionResNetSpec(0.25),
            "airbench" => new AirbenchSpec([16, 24, 32]),
            "separable" or "linear separable" => new SeparableSpec([16, 24, 32], [1, 0, 2]),
            "airbench mirror" => new AirbenchSpec([16, 24, 32], Mirror: true),
            "faceResNet" or "ternary faceResNet" => new FaceResNetSpec(0.125, [1, 0, 2, 1], 64),
            "resnet stem 2" => new CifarResNetSpec(14, 24, StemStride: 2),
            _ when Backbones.Contains(name) => ConvolutionalNetTests.Spec(name),
            _ => new DshSpec(),
        };
        var data = new DataSpec("test", pictures.Shape.Height, pictures.Shape.Width, pictures.Shape.Channels, [0.286], [0.353], 2);
        HashingNetwork network = model.Build(pictures.Shape, 48, 10);
        // As PyTorch starts convolutions they pass on a third of the variance: with statistics of few batches nothing of the picture would reach the end.
        if (model is BnInceptionSpec or InceptionResNetSpec) Initialization.HeNormal(network);
        Quantization(name)?.Apply(network, model);
        if (Backbones.Contains(name) || name == "separable") HashedWeights.Load(network.Backbone);
        else Settle(network, pictures);
        return (network, data);
    }

    private static QuantizeSpec? Quantization(string name) => name switch
    {
        "ternary" or "ternary faceResNet" or "ternary resnet18 embedding" => new QuantizeSpec(),
        "ternary threshold 0.5" => new QuantizeSpec(0.5),
        "ternary zeros 0.7" => new QuantizeSpec(ZeroRatio: 0.7),
        "ternary convolutions" or "ternary resnet" or "ternary inceptionResNet" => new QuantizeSpec(Layers: ["convolution", "hash"]),
        "binary" => new QuantizeSpec(Bits: 1),
        "binary convolutions" => new QuantizeSpec(Bits: 1, Layers: ["convolution", "backbone.conv1"]),
        "linear" => new QuantizeSpec(Bits: 8),
        "linear convolutions" or "linear separable" => new QuantizeSpec(Bits: 8, Layers: ["convolution"]),
        "mixed" => new QuantizeSpec(ZeroRatio: 0.3, Layers: ["fullyConnected", new("backbone.conv1", Bits: 8), new("backbone.conv3", Bits: 1)]),
        _ => null,
    };

    /// <summary>A few pictures in training mode give batch normalisation statistics that are not 0 and 1.</summary>
    private static void Settle(HashingNetwork network, PixelStore pictures)
    {
        using var noGrad = new NoGrad();
        network.Train();
        foreach (Batch batch in new BatchLoader(pictures, new PixelNormalization([0.286], [0.353]), 100, seed: 1).All().Take(5))
            network.Run(NetworkRunner.ToTensor(batch, pictures.Shape));
        network.Train(false);
    }

    private ImageEncoder Export(HashingNetwork network, DataSpec data, out string path)
    {
        path = Path.Combine(folder, $"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, OnnxExporter.Export(network, data, new Lineage("test", "recipe", "data", "teacher")));
        return ImageEncoder.Open(path);
    }

    private static float[] Hash(HashingNetwork network, PixelStore pictures)
    {
        var hash = new List<float>();
        NetworkRunner.RunAll(network, pictures, new PixelNormalization([0.286], [0.353]), Precision.Float32, default, (_, output) => hash.AddRange(output.Hash.ToArray<float>()));
        return [.. hash];
    }

    private static byte[] Pixels(PixelStore pictures) => [.. Enumerable.Range(0, pictures.Count).SelectMany(i => pictures[i].ToArray())];
}
