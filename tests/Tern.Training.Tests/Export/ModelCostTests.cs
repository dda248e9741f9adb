using Tern.Torch;
using Tern.Training.Export;
using Tern.Training.Models;
using Tern.Training.Quantization;

namespace Tern.Training.Tests.Export;

public sealed class ModelCostTests : IDisposable
{
    private static readonly ImageShape Cifar = new(32, 32, 3);
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(12, 597_970)]
    [InlineData(24, 604_102)]
    [InlineData(36, 610_234)]
    [InlineData(48, 616_366)]
    public void The_DSH_network_costs_what_is_counted_by_hand(int bits, long parameters)
    {
        ModelCost cost = ModelCost.Of(new DshSpec(Normalization.None), Cifar, bits, 10);
        // 5x5 from 3 to 32 at 32x32, 32 to 32 at 16x16, 32 to 64 at 8x8; 4x4x64 to 500; 500 to K; K to 10.
        Assert.Equal(2_457_600 + 6_553_600 + 3_276_800 + 512_000 + 500 * bits + bits * 10, cost.MultiplyAdds);
        Assert.Equal(parameters, cost.Parameters);
        Assert.InRange(cost.Bytes, 4 * (parameters - 11 * bits - 10), 4 * parameters + 4096);         // the file has no classifier
    }

    [Theory]
    [InlineData(18, 1_814_073_344)]
    [InlineData(34, 3_663_761_408)]
    [InlineData(50, 4_089_184_256)]
    public void Residual_networks_cost_at_224_what_the_literature_states(int depth, long published)
    {
        // The counts everyone gives for torchvision's (1.8, 3.7 and 4.1 G) with the last layer of 1,000 classes, which ours does not have.
        var network = new ResNetSpec(depth).Build(new ImageShape(224, 224, 3), 12, 10);
        int features = depth == 50 ? 2048 : 512;
        Assert.Equal(published - 1000L * features + features * 12 + 12 * 10, ModelCost.Of(network, new ImageShape(224, 224, 3)).MultiplyAdds);
    }

    [Fact]
    public void A_light_residual_network_costs_no_more_than_the_DSH_network_and_takes_fewer_bytes_than_its_ternary_form()
    {
        var dsh = new DshSpec(Normalization.Batch);
        HashingNetwork network = dsh.Build(Cifar, 48, 10);
        new QuantizeSpec().Apply(network, dsh);
        ModelCost ternary = ModelCost.Of(network, Cifar), light = ModelCost.Of(new CifarResNetSpec(8, 16), Cifar, 48, 10);
        // Stem 27*16 at 32x32; two 144*16 there; 144*32, 288*32 and a shortcut 16*32 at 16x16; 288*64, 576*64 and 32*64 at 8x8; 64 to 48; 48 to 10.
        Assert.Equal(442_368 + 4_718_592 + 1_179_648 + 2_359_296 + 131_072 + 1_179_648 + 2_359_296 + 131_072 + 3_072 + 480, light.MultiplyAdds);
        Assert.Equal(12_824_480, ternary.MultiplyAdds);
        Assert.True(light.MultiplyAdds <= ternary.MultiplyAdds);
        Assert.InRange(light.Bytes, 1, ternary.Bytes);
    }

    [Fact]
    public void Counting_leaves_the_network_as_it_was()
    {
        HashingNetwork network = new CifarResNetSpec(8, 8).Build(Cifar, 12, 10);
        var before = network.StateDict.ToDictionary(named => named.Key, named => Bytes(named.Value));
        ModelCost.Of(network, Cifar);
        Assert.True(network.Training);
        foreach ((string name, Tensor tensor) in network.StateDict) Assert.Equal(before[name], Bytes(tensor));
    }

    private static byte[] Bytes(Tensor tensor) => tensor.Detach().Contiguous().Span<byte>().ToArray();
}
