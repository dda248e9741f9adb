using Tern.Torch;
using Tern.Training.Models;
using Tern.Training.Quantization;

namespace Tern.Training.Tests.Quantization;

public sealed class QuantizeSpecTests : IDisposable
{
    private static readonly ImageShape Shape = new(16, 16, 1);
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Left_to_itself_it_takes_the_fully_connected_layers_and_makes_them_ternary()
    {
        Assert.Equal(["backbone.fc1: 2", "hash: 2"], Quantized(new QuantizeSpec()));
        Assert.Equal(["backbone.fc1: 2", "hash: 2"], Quantized(new QuantizeSpec(Layers: ["fullyConnected"])));
    }

    [Fact]
    public void Convolutions_are_taken_when_asked_for_all_but_the_first()
    {
        Assert.Equal(["backbone.conv2: 2", "backbone.conv3: 2"], Quantized(new QuantizeSpec(Layers: ["convolution"])));
        Assert.Equal(["backbone.conv1: 1"], Quantized(new QuantizeSpec(Bits: 1, Layers: ["backbone.conv1"])));
    }

    [Fact]
    public void A_layers_own_values_go_before_those_of_its_kind_in_any_order()
    {
        LayerChoice one = new("backbone.fc1", Bits: 8), all = "fullyConnected", convolutions = new("convolution", Bits: 1);
        string[] expected = ["backbone.conv2: 1", "backbone.conv3: 1", "backbone.fc1: 8", "hash: 2"];
        Assert.Equal(expected, Quantized(new QuantizeSpec(Layers: [one, all, convolutions])));
        Assert.Equal(expected, Quantized(new QuantizeSpec(Layers: [convolutions, all, one])));
    }

    [Fact]
    public void Threshold_and_zero_ratio_are_each_layers_own()
    {
        HashingNetwork network = new DshSpec().Build(Shape, 12, 3);
        new QuantizeSpec(ZeroRatio: 0.5, Layers: [new("backbone.fc1"), new("hash", Threshold: 0.9)]).Apply(network, new DshSpec());
        // fc1 [500, 256] has half of its weights at 0; of the uniform start of hash, nine in ten lie within .9 of the largest.
        Assert.Equal(0.5, Zeros(network, "backbone.fc1"), 1e-5);
        Assert.Equal(0.9, Zeros(network, "hash"), 0.02);
    }

    [Fact]
    public void The_names_of_the_convolutions_it_took_are_returned()
    {
        HashingNetwork network = new DshSpec().Build(Shape, 12, 3);
        Assert.Empty(new QuantizeSpec().Apply(network, new DshSpec()));
        Assert.Equal(["backbone.conv2", "backbone.conv3"], new QuantizeSpec(Layers: ["convolution", "hash"]).Apply(network, new DshSpec()));
    }

    [Fact]
    public void A_layer_that_does_not_exist_is_refused_with_those_that_do()
    {
        HashingNetwork network = new DshSpec().Build(Shape, 12, 3);
        string message = Assert.Throws<TernException>(() => new QuantizeSpec(Layers: ["hush"]).Apply(network, new DshSpec())).Message;
        Assert.Contains("unknown 'hush'; did you mean 'hash'?", message);
        Assert.Contains("fullyConnected, convolution, backbone.conv1, backbone.conv2, backbone.conv3, backbone.fc1, hash, classifier", message);
    }

    [Fact]
    public void A_resolved_choice_still_follows_the_values_for_all()
    {
        QuantizeSpec resolved = new QuantizeSpec().Resolve();
        Assert.Equal([LayerChoice.FullyConnected], resolved.Layers!);
        Assert.Equal(0.05, resolved.Threshold);
        HashingNetwork network = new DshSpec().Build(Shape, 12, 3);
        (resolved with { Threshold = 0.9 }).Apply(network, new DshSpec());
        Assert.Equal(0.9, Zeros(network, "hash"), 0.02);                     // of the uniform start, nine in ten lie within .9 of the largest

        LayerChoice[] own = ["hash", new("convolution", Threshold: 0.1), new("backbone.fc1", Bits: 8)];
        Assert.Equal(own, new QuantizeSpec(ZeroRatio: 0.4, Layers: own).Resolve().Layers!);
    }

    private static string[] Quantized(QuantizeSpec spec)
    {
        HashingNetwork network = new DshSpec().Build(Shape, 12, 3);
        spec.Apply(network, new DshSpec());
        return [.. WeightedLayers.Of(network).Where(layer => layer.Value.Parametrization is not null)
            .Select(layer => $"{layer.Key}: {((QuantizedWeight)layer.Value.Parametrization!).Levels(layer.Value.Weight).Bits}")];
    }

    private static double Zeros(HashingNetwork network, string name)
    {
        var layer = WeightedLayers.Of(network)[name];
        return ((TernaryWeight)layer.Parametrization!).Trits(layer.Weight).Average(trit => trit == 0 ? 1.0 : 0);
    }
}
