using System.Text.Json;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

/// <summary>The same weights in torchvision's networks and in ours: fixtures/make_resnets.py.</summary>
public sealed class ResNetTests : IDisposable
{
    private static readonly JsonElement Fixture = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "resnets.json"))).RootElement;
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(18)]
    [InlineData(34)]
    [InlineData(50)]
    public void Outputs_and_gradients_are_torchvisions(int depth)
    {
        JsonElement expected = Fixture.GetProperty($"{depth}");
        var network = new ResNet(channels: 3, depth);
        IReadOnlyDictionary<string, Tensor> state = network.StateDict;
        Assert.Equal(expected.GetProperty("tensors").GetInt32(), state.Count);
        network.Load(state.Where(named => !named.Key.EndsWith("tracked", StringComparison.Ordinal)).ToDictionary(named => named.Key, named => Weight(named.Key, named.Value.Shape)));

        Tensor images = Uniform("images", [4, 3, 48, 72]) * 2 - 1;
        network.Train(false);
        AssertEqual(expected.GetProperty("evaluated"), network[images], 8);
        network.Train();
        Tensor trained = network[images];
        AssertEqual(expected.GetProperty("trained"), trained, 8);
        (trained * (Uniform("probe", trained.Shape) * 2 - 1)).Sum().Backward();
        JsonElement gradients = expected.GetProperty("gradients");
        AssertEqual(gradients.GetProperty("layer4.0.downsample.0.weight"), state["layer4.0.downsample.0.weight"].Gradient!, 64);
        // Fifty layers of ReLU lie above the stem: a rounding that turns one of them on or off shows in its gradient, in PyTorch's float32 as in ours.
        AssertEqual(gradients.GetProperty("conv1.weight"), state["conv1.weight"].Gradient!, 64, tolerance: 1e-2);
    }

    [Theory]
    [InlineData(18, 32, 512)]
    [InlineData(50, 33, 2048)]
    [InlineData(18, 97, 512)]
    public void Pictures_of_any_size_from_32_give_features_of_the_published_width(int depth, int side, int features)
    {
        HashingNetwork network = new ResNetSpec(depth).Build(new ImageShape(side, side, 1), 12, 5);
        Assert.Equal([2L, features], network.Run(Tensor.RandomNormal(2, 1, side, side)).Embedding.Shape);
    }

    [Theory]
    [InlineData(18, 11_689_512)]
    [InlineData(34, 21_797_672)]
    [InlineData(50, 25_557_032)]
    public void With_a_last_layer_of_1000_classes_there_are_as_many_parameters_as_torchvision_states(int depth, long parameters)
    {
        var network = new ResNet(3, depth);
        Assert.Equal(parameters, network.ParameterCount + 1000 * (network.Features + 1));
    }

    [Fact]
    public void Specs_refuse_what_cannot_be_built()
    {
        Assert.Contains("depth: must be 18, 34 or 50; got 101", Assert.Single(new ResNetSpec(101).Problems(new ImageShape(224, 224, 3))));
        Assert.Contains("at least 32x32", Assert.Single(new ResNetSpec(18).Problems(new ImageShape(64, 28, 3))));
        Assert.Empty(new ResNetSpec(50).Problems(new ImageShape(32, 32, 3)));
    }

    private static void AssertEqual(JsonElement expected, Tensor actual, int step, double tolerance = 1e-4)
    {
        float[] wanted = [.. expected.EnumerateArray().Select(value => value.GetSingle())], all = actual.ToArray<float>();
        float scale = wanted.Max(MathF.Abs);
        for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], all[i * step], tolerance * scale);
    }

    private static Tensor Weight(string name, long[] shape)
    {
        Tensor u = Uniform(name, shape);
        if (shape.Length == 4) return (u * 2 - 1) * Math.Sqrt(6.0 / (shape[1] * shape[2] * shape[3]));
        if (name.EndsWith("bn2.weight", StringComparison.Ordinal) || name.EndsWith("bn3.weight", StringComparison.Ordinal)) return u * 0.2 + 0.1;
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
