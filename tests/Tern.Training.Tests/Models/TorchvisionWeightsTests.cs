using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

/// <summary>Files with torchvision's weights, as they are published.</summary>
public sealed class TorchvisionWeightsTests : IDisposable
{
    private const string PublicWeights = "TERN_WEIGHTS";
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("mobilenet0.5", "classifier", "classifier.1")]
    [InlineData("squeezenet", "classifier", "classifier.1")]
    [InlineData("shufflenet0.5", "fc", "fc")]
    [InlineData("densenet", "classifier", "classifier")]
    public void A_file_of_torchvisions_loads_strictly_but_for_its_classifier(string name, string ignored, string classifier)
    {
        ConvolutionalNet source = ConvolutionalNetTests.Spec(name).BuildNet(3);
        HashedWeights.Load(source);
        Dictionary<string, Tensor> file = source.StateDict.ToDictionary();
        file[$"{classifier}.weight"] = Tensor.Ones([10, source.Features]);
        file[$"{classifier}.bias"] = Tensor.Zeros([10]);
        string path = Save(file);
        HashingNetwork network = ConvolutionalNetTests.Spec(name).Build(new ImageShape(64, 64, 3), 12, 5);
        string message = Assert.Throws<TernException>(() => new StartSpec(path, Fresh: ["hash", "classifier"], Into: "backbone").Load(network)).Message;
        Assert.Contains($"{classifier}.bias [10]: in the file, without a place in the network; add \"{classifier}\" to start.ignore", message);
        new StartSpec(path, Fresh: ["hash", "classifier"], Ignore: [ignored], Into: "backbone").Load(network);
        foreach ((string key, Tensor tensor) in network.Backbone.StateDict) Assert.Equal(Bytes(file[key]), Bytes(tensor));
    }

    /// <summary>torchvision renames what stands in the file it publishes: norm.1, conv.1, norm.2 and conv.2 of each of its 58 dense layers, ten tensors a layer.</summary>
    [Fact]
    public void DenseNets_published_names_are_understood_and_no_other_networks_are_changed()
    {
        ConvolutionalNet source = new DenseNetSpec().BuildNet(3);
        HashedWeights.Load(source);
        Dictionary<string, Tensor> weights = source.StateDict.Where(named => !named.Key.EndsWith("tracked", StringComparison.Ordinal)).ToDictionary();
        Dictionary<string, Tensor> published = weights.ToDictionary(
            named => named.Key.Contains("denselayer") ? named.Key.Replace("norm", "norm.").Replace("conv", "conv.") : named.Key, named => named.Value);
        Assert.Equal(58 * 10, published.Keys.Except(weights.Keys).Count());
        Assert.Contains("features.denseblock4.denselayer16.conv.2.weight", published.Keys);
        HashingNetwork network = new DenseNetSpec().Build(new ImageShape(64, 64, 3), 12, 5);
        new StartSpec(Save(published), Fresh: ["hash", "classifier"], Into: "backbone").Load(network);
        foreach ((string key, Tensor tensor) in weights) Assert.Equal(Bytes(tensor), Bytes(network.Backbone.StateDict[key]));

        published["features.denseblock1.denselayer1.norm1.bias"] = Tensor.Zeros([64]);
        Assert.Contains("denselayer1.norm.1.bias [64]: in the file, without a place", Assert.Throws<TernException>(() => new StartSpec(Save(published)).Load(source)).Message);
        ConvolutionalNet other = new SqueezeNetSpec().BuildNet(3);
        Dictionary<string, Tensor> stray = other.StateDict.ToDictionary();
        stray["denselayer1.norm.1.weight"] = Tensor.Ones([2]);
        Assert.Contains("denselayer1.norm.1.weight [2]: in the file, without a place", Assert.Throws<TernException>(() => new StartSpec(Save(stray)).Load(other)).Message);
    }

    /// <summary>A folder with public weights, named by an environment variable, lets this run.</summary>
    [SkippableFact]
    public void ImageNets_MobileNet_loads_strictly_and_sees_something()
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable(PublicWeights) ?? "", "mobilenet_v2_imagenet.safetensors");
        Skip.IfNot(File.Exists(path), $"set {PublicWeights} to a folder with mobilenet_v2_imagenet.safetensors");
        HashingNetwork network = new MobileNetV2Spec(Padding: StridePadding.TensorFlow).Build(new ImageShape(224, 224, 3), 12, 5);
        new StartSpec(path, Fresh: ["hash", "classifier"], Ignore: ["classifier"], Into: "backbone").Load(network);
        network.Train(false);
        float[] features = network.Run(HashedWeights.Uniform("images", [2, 3, 224, 224]) * 4 - 2).Embedding.ToArray<float>();   // [2, 1280]
        Assert.All(features, value => Assert.InRange(value, 0, 6));                       // means of what ReLU6 gives
        Assert.True(features.Count(value => value > 0) > 100, "hardly a feature is on");
    }

    private string Save(IReadOnlyDictionary<string, Tensor> tensors)
    {
        string path = folder["weights.safetensors"];
        using FileStream stream = File.Create(path);
        SafetensorsFile.Write(stream, tensors);
        return path;
    }

    private static byte[] Bytes(Tensor tensor) => tensor.Detach().Contiguous().Span<byte>().ToArray();
}
