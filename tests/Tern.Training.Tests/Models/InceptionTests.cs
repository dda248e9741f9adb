using System.Text.Json;
using Tern.Torch;
using Tern.Training.Export;
using Tern.Training.Models;
using Tern.Training.Recipes;

namespace Tern.Training.Tests.Models;

/// <summary>SE-ResNet-50, BN-Inception and Inception-ResNet v1 against the same networks as functions of plain PyTorch: fixtures/make_inceptions.py.</summary>
public sealed class InceptionTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    public static TheoryData<string, LastStride> Variants
    {
        get
        {
            var variants = new TheoryData<string, LastStride>();
            foreach (string network in new[] { "seResNet", "bnInception", "inceptionResNet" })
                foreach (LastStride stride in Enum.GetValues<LastStride>()) variants.Add(network, stride);
            return variants;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Outputs_and_gradients_are_PyTorchs(string name, LastStride stride)
    {
        JsonElement expected = Expected(name, stride);
        ConvolutionalNet network = Spec(name, stride, expected.GetProperty("factor").GetDouble()).BuildNet(channels: 3);
        IReadOnlyDictionary<string, Tensor> state = network.StateDict;
        Assert.Equal(expected.GetProperty("tensors").GetInt32(), state.Count);
        network.Load(state.Where(named => !named.Key.EndsWith("tracked", StringComparison.Ordinal)).ToDictionary(named => named.Key, named => Weight(named.Key, named.Value.Shape)));

        Tensor images = Uniform("images", [4, 3, expected.GetProperty("height").GetInt64(), expected.GetProperty("width").GetInt64()]) * 2 - 1;
        network.Train(false);
        AssertEqual(expected.GetProperty("evaluated"), network[images], 16, tolerance: 1e-4);
        network.Train();
        Tensor trained = network[images];
        AssertEqual(expected.GetProperty("trained"), trained, 16, tolerance: 1e-3);                  // batch statistics over a few values amplify float32's rounding
        (trained * (Uniform("probe", trained.Shape) * 2 - 1)).Sum().Backward();
        // As for ResNet-50: a rounding that turns a ReLU on or off shows in the gradients below it, in PyTorch's float32 as in ours.
        foreach (JsonProperty gradient in expected.GetProperty("gradients").EnumerateObject()) AssertEqual(gradient.Value, state[gradient.Name].Gradient!, 64, tolerance: 1e-2);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Multiply_adds_are_those_of_the_convolutions_PyTorch_runs(string name, LastStride stride)
    {
        JsonElement expected = Expected(name, stride);
        var shape = new ImageShape(expected.GetProperty("height").GetInt32(), expected.GetProperty("width").GetInt32(), 3);
        HashingNetwork network = Spec(name, stride, expected.GetProperty("factor").GetDouble()).Build(shape, bits: 12, classes: 10);
        int features = ((ConvolutionalNet)network.Backbone).Features;
        Assert.Equal(expected.GetProperty("multiplyAdds").GetInt64() + features * 12 + 12 * 10, ModelCost.MultiplyAddsOf(network, shape));
    }

    [Theory]
    [InlineData("seResNet", 1000 * 2049, 28_088_024)]
    [InlineData("bnInception", 1000 * 1025, 11_295_240)]
    [InlineData("inceptionResNet", 512 * 1792 + 2 * 512 + 8631 * 513, 27_910_327)]                   // 512 features, their normalisation, the 8,631 people of VGGFace2
    public void With_the_published_last_layers_there_are_as_many_parameters_as_published(string name, long last, long published) =>
        Assert.Equal(published, Spec(name, LastStride.Kept).BuildNet(channels: 3).ParameterCount + last);

    [Theory]
    [InlineData("seResNet", 96, 2048, 3, 6, 6)]
    [InlineData("bnInception", 96, 1024, 3, 6, 6)]
    [InlineData("inceptionResNet", 160, 1792, 3, 6, 7)]
    public void Without_a_halving_the_last_map_is_twice_as_large(string name, int side, int features, int kept, int a, int b)
    {
        using var noGrad = new NoGrad();
        foreach ((LastStride stride, int map) in new[] { (LastStride.Kept, kept), (LastStride.A, a), (LastStride.B, b) })
            Assert.Equal([1L, features, map, map], Spec(name, stride).BuildNet(channels: 1).Map(Tensor.Zeros([1, 1, side, side])).Shape);
    }

    [Theory]
    [InlineData("bnInception", LastStride.Kept)]
    [InlineData("bnInception", LastStride.A)]
    [InlineData("bnInception", LastStride.B)]
    [InlineData("inceptionResNet", LastStride.Kept)]
    [InlineData("inceptionResNet", LastStride.A)]
    [InlineData("inceptionResNet", LastStride.B)]
    public void A_picture_is_refused_exactly_where_the_network_cannot_take_it(string name, LastStride stride)
    {
        ConvolutionalSpec spec = Spec(name, stride, width: 0.125);
        ConvolutionalNet network = spec.BuildNet(channels: 1);
        for (int side = 8; side <= 80; side++)
        {
            string[] problems = [.. spec.Problems(new ImageShape(side, side, 1))];
            Assert.True(problems.Length == 0 == Runs(network, side), $"side {side}: {string.Join("; ", problems)}");
        }
    }

    [Fact]
    public void Specs_say_what_they_cannot_build()
    {
        Assert.Contains("at least 32x32 and is made for larger ones; got 31x64", Assert.Single(new SeResNetSpec().Problems(new ImageShape(31, 64, 3))));
        Assert.Empty(new SeResNetSpec().Problems(new ImageShape(32, 32, 3)));
        Assert.Contains("31 to 38 pixels or a multiple of 32 more, where maps halve evenly; got 224x48", Assert.Single(new BnInceptionSpec().Problems(new ImageShape(224, 48, 3))));
        Assert.Empty(new BnInceptionSpec(LastStride.A).Problems(new ImageShape(224, 48, 3)));
        Assert.Contains("at least 75x75; got 112x60", Assert.Single(new InceptionResNetSpec().Problems(new ImageShape(112, 60, 3))));
        Assert.Empty(new InceptionResNetSpec(LastStride: LastStride.B).Problems(new ImageShape(112, 60, 3)));
        foreach (double width in new[] { 0, -1, 5, double.NaN })
            Assert.Contains($"width: must lie in 0.05..4; got {width}", Assert.Single(new InceptionResNetSpec(width).Problems(new ImageShape(160, 160, 3))));
    }

    [Theory]
    [InlineData(1.0, 384 + 256 + 256 + 896)]
    [InlineData(0.5, 192 + 128 + 128 + 448)]
    [InlineData(0.3, 112 + 80 + 80 + 272)]
    [InlineData(0.05, 16 + 16 + 16 + 48)]
    public void A_width_scales_channels_to_multiples_of_eight(double width, int features)
    {
        var network = new InceptionResNet(channels: 3, width);
        Assert.Equal(features, network.Features);
        Assert.All(network.StateDict.Where(named => named.Value.Shape.Length == 4), named => Assert.Equal(0, named.Value.Shape[0] % 8));
    }

    [Fact]
    public void Convolutions_of_SE_ResNet_start_from_Hes_normal()
    {
        float[] weight = new SeResNet(channels: 3).StateDict["layer4.2.conv2.weight"].ToArray<float>();
        Assert.Equal(Math.Sqrt(2.0 / (512 * 9)), Math.Sqrt(weight.Average(value => (double)value * value)), 1e-4);       // 0.0208 over 2.4 million values
    }

    [Fact]
    public void Recipes_name_them_by_type()
    {
        ModelSpec Read(string json) => JsonSerializer.Deserialize<ModelSpec>(json, RecipeFile.Options)!;
        Assert.Equal(new SeResNetSpec(), Read("""{ "type": "seResNet" }"""));
        Assert.Equal(new BnInceptionSpec(LastStride.B), Read("""{ "type": "bnInception", "lastStride": "b" }"""));
        Assert.Equal(new InceptionResNetSpec(0.5, LastStride.A), Read("""{ "type": "inceptionResNet", "width": 0.5, "lastStride": "a" }"""));
    }

    private static ConvolutionalSpec Spec(string name, LastStride stride, double width = 1) => name switch
    {
        "seResNet" => new SeResNetSpec(stride),
        "bnInception" => new BnInceptionSpec(stride),
        _ => new InceptionResNetSpec(width, stride),
    };

    private static bool Runs(ConvolutionalNet network, int side)
    {
        using var inner = new TensorScope();
        using var noGrad = new NoGrad();
        network.Train(false);
        try
        {
            network.Map(Tensor.Zeros([1, 1, side, side]));
            return true;
        }
        catch (TorchException)
        {
            return false;
        }
    }

    private static JsonElement Expected(string name, LastStride stride) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "inceptions.json"))).RootElement
            .GetProperty(name).GetProperty(stride.ToString().ToLowerInvariant());

    private static void AssertEqual(JsonElement expected, Tensor actual, int step, double tolerance)
    {
        float[] wanted = [.. expected.EnumerateArray().Select(value => value.GetSingle())], all = actual.ToArray<float>();
        float scale = wanted.Max(MathF.Abs);
        for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], all[i * step], tolerance * scale);
    }

    private static Tensor Weight(string name, long[] shape)
    {
        Tensor u = Uniform(name, shape);
        if (shape.Length == 4) return (u * 2 - 1) * Math.Sqrt(6.0 / (shape[1] * shape[2] * shape[3]));
        if (name.EndsWith("bn3.weight", StringComparison.Ordinal)) return u * 0.2 + 0.1;
        return name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal) ? u + 0.5 : u * 0.2 - 0.1;
    }

    /// <summary>In [0, 1): a hash of the name and the position.</summary>
    private static Tensor Uniform(string name, long[] shape)
    {
        uint start = name.Aggregate(0u, (hash, letter) => 31 * hash + letter);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (uint i = 0; i < values.Length; i++)
        {
            uint x = start + i * 2654435761;
            x = (x ^ (x >> 16)) * 0x45d9f3b;
            x = (x ^ (x >> 16)) * 0x45d9f3b;
            values[i] = (float)((x ^ (x >> 16)) / 4294967296.0);
        }
        return Tensor.From(values, shape);
    }
}
