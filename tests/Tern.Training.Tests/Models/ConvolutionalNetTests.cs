using System.Text.Json;
using Tern.Torch;
using Tern.Training.Models;
using Tern.Training.Recipes;

namespace Tern.Training.Tests.Models;

/// <summary>The same weights in torchvision's networks and in ours: fixtures/make_backbones.py.</summary>
public sealed class ConvolutionalNetTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> Cases =>
    [
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet18 a", "resnet50 b",
        "mobilenet", "mobilenet0.5", "mobilenet a", "mobilenet b", "mobilenet tensorflow", "mobilenet tensorflow a",
        "squeezenet", "squeezenet a", "squeezenet b", "shufflenet", "shufflenet0.5", "shufflenet a", "shufflenet b", "densenet", "densenet a", "densenet b",
    ];

    /// <summary>The network a case of the fixture is about: its name, then what is not as published.</summary>
    internal static ConvolutionalSpec Spec(string name)
    {
        string[] words = name.Split(' ');
        LastStride lastStride = words.Contains("a") ? LastStride.A : words.Contains("b") ? LastStride.B : LastStride.Kept;
        return words[0] switch
        {
            "mobilenet" => new MobileNetV2Spec(1, words.Contains("tensorflow") ? StridePadding.TensorFlow : StridePadding.Symmetric, lastStride),
            "mobilenet0.5" => new MobileNetV2Spec(0.5, LastStride: lastStride),
            "squeezenet" => new SqueezeNetSpec(lastStride),
            "shufflenet" => new ShuffleNetV2Spec(1, lastStride),
            "shufflenet0.5" => new ShuffleNetV2Spec(0.5, lastStride),
            "densenet" => new DenseNetSpec(lastStride),
            _ => new ResNetSpec(int.Parse(words[0]["resnet".Length..]), lastStride),
        };
    }

    /// <remarks>
    /// What is compared after normalising with the statistics of a batch is computed in float64, as the fixture is: in float32 a rounding grows from layer to layer there, in PyTorch as in ours, and one
    /// that turns a ReLU on or off shows in every gradient below it.
    /// </remarks>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Maps_and_gradients_are_torchvisions(string name)
    {
        foreach (JsonElement run in Fixture(name))
        {
            long[] shape = Sizes(run.GetProperty("shape"));
            ConvolutionalNet network = Spec(name).BuildNet((int)shape[1]);
            IReadOnlyDictionary<string, Tensor> state = network.StateDict;
            Assert.Equal(run.GetProperty("tensors").GetInt32(), state.Count);
            HashedWeights.Load(network);
            Tensor images = HashedWeights.Uniform("images", shape).To(DType.Float64) * 2 - 1;

            network.Train(false);
            Tensor evaluated = network.Map(images.To(DType.Float32));
            Assert.Equal(Sizes(run.GetProperty("map")), evaluated.Shape);
            AssertEqual(run.GetProperty("evaluated"), evaluated, 997, 1e-4);
            network.Train();
            network.To(DType.Float64);
            HashedWeights.Load(network);
            Tensor trained = network.Map(images);
            AssertEqual(run.GetProperty("trained"), trained, 997, 1e-6);
            (trained * (HashedWeights.Uniform("probe", trained.Shape).To(DType.Float64) * 2 - 1)).Sum().Backward();
            foreach (JsonProperty gradient in run.GetProperty("gradients").EnumerateObject())
                AssertEqual(gradient.Value, state[gradient.Name].Gradient!, 61, 1e-6);
        }
    }

    [Theory]
    [InlineData("mobilenet tensorflow")]
    [InlineData("squeezenet")]
    [InlineData("shufflenet0.5")]
    [InlineData("densenet")]
    public void They_learn_in_bfloat16_too(string name)
    {
        ConvolutionalNet network = Spec(name).BuildNet(3);
        Tensor features;
        using (new Autocast(DType.BFloat16)) features = network[Tensor.RandomNormal(4, 3, 64, 64)];
        features.To(DType.Float32).Sum().Backward();
        Assert.All(network.NamedParameters, named => Assert.True(named.Tensor.Gradient is { } gradient && gradient.AllFinite(), named.Name));
    }

    [Theory]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("resnet34", 21_797_672)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("resnet101", 44_549_160)]
    [InlineData("mobilenet", 3_504_872)]
    [InlineData("squeezenet", 1_235_496)]
    [InlineData("shufflenet0.5", 1_366_792)]
    [InlineData("shufflenet", 2_278_604)]
    [InlineData("densenet", 7_978_856)]
    public void With_a_last_layer_of_1000_classes_there_are_as_many_parameters_as_torchvision_states(string name, long parameters)
    {
        ConvolutionalNet network = Spec(name).BuildNet(3);
        Assert.Equal(parameters, network.ParameterCount + 1000 * (network.Features + 1));
    }

    [Theory]
    [InlineData("resnet18", 32)]
    [InlineData("mobilenet", 32)]
    [InlineData("mobilenet tensorflow", 32)]
    [InlineData("shufflenet", 32)]
    [InlineData("squeezenet", 25)]
    [InlineData("squeezenet a", 25)]
    [InlineData("squeezenet b", 21)]
    [InlineData("densenet", 29)]
    [InlineData("densenet a", 29)]
    [InlineData("densenet b", 21)]
    public void The_smallest_pictures_end_in_a_map_of_one_value_and_smaller_ones_are_refused(string name, int side)
    {
        ConvolutionalSpec spec = Spec(name);
        Assert.Empty(spec.Problems(new ImageShape(side, side, 3)));
        Assert.Contains($"at least {side}x{side}", Assert.Single(spec.Problems(new ImageShape(side + 9, side - 1, 3))));
        ConvolutionalNet network = spec.BuildNet(3);
        Assert.Equal([2L, network.Features, 1, 1], network.Map(Tensor.RandomNormal(2, 3, side, side)).Shape);
        if (name.StartsWith("densenet", StringComparison.Ordinal)) Assert.Throws<TorchException>(() => network.Map(Tensor.RandomNormal(2, 3, side - 1, side - 1)));
    }

    [Fact]
    public void A_linear_layer_behind_the_mean_makes_an_embedding_as_wide_as_wanted()
    {
        ConvolutionalSpec spec = new SqueezeNetSpec(Width: 0.25) { Embedding = 24 };
        HashingNetwork network = spec.Build(new ImageShape(40, 40, 1), 12, 3);
        Tensor images = Tensor.RandomNormal(2, 1, 40, 40);
        Tensor mean = ((ConvolutionalNet)network.Backbone.Children["net"]).Map(images).Mean(2, 3);                       // [2, 128]
        float[] expected = mean.Linear(network.StateDict["backbone.embedding.weight"], network.StateDict["backbone.embedding.bias"]).ToArray<float>(), actual = network.Run(images).Embedding.ToArray<float>();
        Assert.Equal(2 * 24, actual.Length);
        for (int i = 0; i < actual.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5 * expected.Max(MathF.Abs));
        Assert.Equal((24, 12L * 24), (network.Features, network.StateDict["hash.weight"].Elements));
        Assert.Equal(["backbone.embedding", "hash"], spec.FullyConnected);
        Assert.Equal(["hash"], (spec with { Embedding = null }).FullyConnected);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("mobilenet")]
    [InlineData("squeezenet")]
    [InlineData("shufflenet")]
    [InlineData("densenet")]
    public void The_width_of_an_embedding_is_checked_and_has_no_place_where_descriptors_make_it(string name)
    {
        var shape = new ImageShape(64, 64, 3);
        Assert.Equal("embedding: must lie in 1..4096, or be left out for the mean over the map; got 0", Assert.Single((Spec(name) with { Embedding = 0 }).Problems(shape)));
        Assert.StartsWith("backbone.embedding: descriptors read the map itself", Assert.Single(new CgdSpec(Spec(name) with { Embedding = 24 }).Problems(shape)));
        Assert.DoesNotContain("embedding", System.Text.Json.JsonSerializer.Serialize<ModelSpec>(Spec(name), RecipeFile.Options));       // nothing new in the inputs of networks that are trained
    }

    [Theory]
    [InlineData("mobilenet0.5")]
    [InlineData("squeezenet")]
    [InlineData("shufflenet")]
    [InlineData("densenet")]
    public void As_a_layer_a_network_is_the_mean_over_its_map_whatever_the_stride(string name)
    {
        Tensor images = Tensor.RandomNormal(2, 1, 40, 56);
        string[] tensors = [.. Spec(name).BuildNet(1).StateDict.Select(Shape)];
        foreach (string stride in new[] { "", " a", " b" })
        {
            ConvolutionalNet network = Spec(name + stride).BuildNet(1);
            Assert.Equal(tensors, network.StateDict.Select(Shape));
            network.Train(false);
            float[] expected = network.Map(images).Mean(2, 3).ToArray<float>(), actual = network[images].ToArray<float>();
            Assert.Equal(2 * network.Features, actual.Length);
            for (int i = 0; i < actual.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5 * expected.Max(MathF.Abs));
        }
    }

    [Theory]
    [InlineData(32, 1, 32)]
    [InlineData(24, 0.35, 8)]                                                  // 8.4 to the nearest multiple
    [InlineData(32, 1.4, 48)]                                                  // 44.8
    [InlineData(96, 0.1, 16)]                                                  // 9.6: 8 would be more than a tenth below
    [InlineData(16, 0.1, 8)]                                                   // never below 8
    public void Widths_are_multiples_of_eight(int published, double width, int expected) => Assert.Equal(expected, MobileNetV2.Divisible(published * width));

    /// <summary>torchvision: kaiming_normal_ (fan-out for MobileNet-v2, fan-in for DenseNet), kaiming_uniform_ for SqueezeNet, PyTorch's own for ShuffleNet-v2.</summary>
    [Theory]
    [InlineData("mobilenet", "features.18.0.weight", 2.0 / 1280)]
    [InlineData("mobilenet", "features.17.conv.1.0.weight", 2.0 / (960 * 9))]
    [InlineData("squeezenet", "features.12.expand3x3.weight", 2.0 / (64 * 9))]
    [InlineData("shufflenet", "conv5.0.weight", 1.0 / (3 * 464))]
    [InlineData("densenet", "features.denseblock4.denselayer16.conv2.weight", 2.0 / (128 * 9))]
    public void Weights_start_as_torchvisions(string name, string weight, double variance)
    {
        TorchRuntime.Seed(4);
        ConvolutionalNet network = Spec(name).BuildNet(3);
        float[] values = network.StateDict[weight].ToArray<float>();
        Assert.Equal(variance, values.Average(value => (double)value * value), 0.05 * variance);
        if (name is "squeezenet" or "shufflenet") Assert.InRange(values.Max(MathF.Abs), 0.99 * Math.Sqrt(3 * variance), 1.0001 * Math.Sqrt(3 * variance));
        if (name == "squeezenet") Assert.All(network.StateDict["features.0.bias"].ToArray<float>(), value => Assert.Equal(0f, value));
    }

    [Theory]
    [InlineData("""{"type":"resNet","depth":101}""", "resnet101")]
    [InlineData("""{"type":"resNet","depth":50,"lastStride":"b"}""", "resnet50 b")]
    [InlineData("""{"type":"mobileNetV2","width":1,"padding":"tensorFlow","lastStride":"a"}""", "mobilenet tensorflow a")]
    [InlineData("""{"type":"squeezeNet","lastStride":"kept","width":1}""", "squeezenet")]
    [InlineData("""{"type":"shuffleNetV2","width":0.5,"lastStride":"kept"}""", "shufflenet0.5")]
    [InlineData("""{"type":"denseNet","lastStride":"b","width":1}""", "densenet b")]
    public void Specs_are_read_and_written_as_recipes_name_them(string json, string name)
    {
        ModelSpec spec = JsonSerializer.Deserialize<ModelSpec>(json, RecipeFile.Options)!;
        Assert.Equal(Spec(name), spec);
        Assert.Equal(json, JsonSerializer.Serialize(spec, new JsonSerializerOptions(RecipeFile.Options) { WriteIndented = false }));
    }

    [Fact]
    public void Specs_refuse_widths_that_do_not_exist()
    {
        var shape = new ImageShape(64, 64, 3);
        Assert.Contains("width: must lie in 0.1..4; got 0", Assert.Single(new MobileNetV2Spec(0).Problems(shape)));
        Assert.Contains("width: must lie in 0.1..4; got 0.05", Assert.Single(new ShuffleNetV2Spec(0.05).Problems(shape)));
        Assert.Empty(new MobileNetV2Spec(0.35).Problems(shape));
        Assert.Empty(new ShuffleNetV2Spec(0.5).Problems(shape));
    }

    private static IEnumerable<JsonElement> Fixture(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "backbones.json"))).RootElement.GetProperty(name).EnumerateArray();

    private static long[] Sizes(JsonElement list) => [.. list.EnumerateArray().Select(size => size.GetInt64())];

    private static void AssertEqual(JsonElement expected, Tensor actual, int step, double tolerance)
    {
        double[] wanted = [.. expected.EnumerateArray().Select(value => value.GetDouble())], all = actual.To(DType.Float64).ToArray<double>();
        double scale = wanted.Max(Math.Abs);
        for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], all[i * step], tolerance * scale);
    }

    private static string Shape(KeyValuePair<string, Tensor> named) => $"{named.Key} {string.Join(",", named.Value.Shape)}";
}
