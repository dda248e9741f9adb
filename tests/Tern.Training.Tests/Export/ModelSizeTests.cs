using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Data;
using Tern.Training.Export;
using Tern.Training.Models;
using Tern.Training.Quantization;

namespace Tern.Training.Tests.Export;

public sealed class ModelSizeTests : IDisposable
{
    private static readonly DataSpec Data = new("test", 16, 16, 1, [0.5], [0.5], 2);
    private static readonly byte[] Compressed = new byte[1234];                                 // only its length counts here
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(10, 1.5)]                     // z = .5: .5 * 1 + 2 * .25 * 2
    [InlineData(16, 0.92193)]                 // z = .8: .8 * .32193 + 2 * .1 * 3.32193
    [InlineData(0, 1)]
    public void The_entropy_of_ternary_weights_is_the_papers_where_signs_balance(int zeros, double entropy)
    {
        int each = (20 - zeros) / 2;
        LayerSize size = LayerSize.Of("fc", Layer([.. Enumerable.Repeat(1f, each), .. Enumerable.Repeat(-1f, each), .. new float[zeros]], new TernaryLimit(0.5)));
        double z = zeros / 20.0;
        Assert.Equal(z, size.ZeroRatio, 1e-12);
        Assert.Equal(entropy, size.Entropy, 1e-4);
        Assert.Equal((z > 0 ? -z * Math.Log2(z) : 0) - (1 - z) * Math.Log2((1 - z) / 2), size.Entropy, 1e-12);
    }

    [Fact]
    public void Signs_out_of_balance_say_less()
    {
        LayerSize size = LayerSize.Of("fc", Layer([.. Enumerable.Repeat(1f, 10), .. new float[10]], new TernaryLimit(0.5)));
        Assert.Equal(1, size.Entropy, 1e-12);                                                   // one bit: zero or not; H(.5) is 1.5
    }

    [Fact]
    public void Fully_connected_layers_of_the_dsh_network_are_a_sixteenth_when_ternary()
    {
        ModelSize size = Measure(new QuantizeSpec(), out byte[] model);
        Assert.Equal(["backbone.fc1", "hash"], size.Layers.Select(layer => layer.Name));
        Assert.All(size.Layers, layer => Assert.Equal(layer.FloatBytes, 16 * layer.PackedBytes));
        Assert.Equal([500 * 256, 12 * 500], size.Layers.Select(layer => layer.Weights));
        Assert.Equal((model.Length, Compressed.Length), (size.PackedBytes, size.CompressedBytes));
        // All that changes between the files is the weights, and the node and the function that unpack them.
        Assert.InRange(size.FloatBytes - size.PackedBytes, size.Layers.Sum(layer => layer.FloatBytes - layer.PackedBytes) - 1500, size.Layers.Sum(layer => layer.FloatBytes - layer.PackedBytes));
    }

    [Theory]
    [InlineData(1, 32)]
    [InlineData(8, 4)]
    public void Other_bits_are_what_they_say(int bits, int times)
    {
        ModelSize size = Measure(new QuantizeSpec(Bits: bits), out _);
        Assert.Equal(500 * 256 * 4 / times, size.Layers[0].PackedBytes);
        Assert.InRange(size.Layers[0].Entropy, bits == 1 ? 0.99 : 6, bits);
    }

    [Fact]
    public void More_zeros_make_the_compressed_file_smaller_and_never_smaller_than_the_entropy_by_much()
    {
        LayerSize half = Measure(new QuantizeSpec(ZeroRatio: 0.5), out _).Layers[0], most = Measure(new QuantizeSpec(ZeroRatio: 0.9), out _).Layers[0];
        Assert.True(most.CompressedBytes < half.CompressedBytes);
        foreach (LayerSize layer in new[] { half, most }) Assert.InRange(8.0 * layer.CompressedBytes / layer.Weights, 0.99 * layer.Entropy, 1.25 * layer.Entropy);
    }

    [Fact]
    public void A_network_without_quantised_layers_has_none_and_its_two_plain_sizes_are_one()
    {
        ModelSize size = Measure(null, out byte[] model);
        Assert.Empty(size.Layers);
        Assert.Equal((model.Length, model.Length), (size.FloatBytes, size.PackedBytes));
    }

    [Fact]
    public void A_layer_that_is_not_in_the_file_costs_nothing() =>
        Assert.Equal(["hash"], Measure(new QuantizeSpec(Layers: ["hash", "classifier"]), out _).Layers.Select(layer => layer.Name));

    [Fact]
    public void Sizes_read_back_as_they_were_written()
    {
        ModelSize size = Measure(new QuantizeSpec(), out _), again = ModelSize.FromJson(size.ToJson());
        Assert.Equal((size.FloatBytes, size.PackedBytes, size.CompressedBytes), (again.FloatBytes, again.PackedBytes, again.CompressedBytes));
        Assert.Equal(size.Layers, again.Layers);
    }

    private static Linear Layer(float[] weights, TernaryLimit limit)
    {
        var layer = new Linear(weights.Length, 1);
        using (new NoGrad()) layer.Weight.Copy_(Tensor.From(weights, 1, weights.Length));
        layer.Parametrization = new TernaryWeight(layer.Weight, limit);
        return layer;
    }

    private static ModelSize Measure(QuantizeSpec? spec, out byte[] model)
    {
        TorchRuntime.Seed(5);
        HashingNetwork network = new DshSpec().Build(Data.Shape, 12, 3);
        spec?.Apply(network, new DshSpec());
        model = OnnxExporter.Export(network, Data, new Lineage("test", "recipe", "data", "teacher"));
        return ModelSize.Of(network, Data, model, Compressed);
    }
}
