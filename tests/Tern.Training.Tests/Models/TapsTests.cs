using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

public sealed class TapsTests : IDisposable
{
    private const string Stage = "backbone.stage2", Block = "backbone.stage1.blocks.0", Branch = "backbone.stage1.blocks.0.prelu2";
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Layers_inside_are_seen_as_they_put_out_and_the_output_is_the_same()
    {
        HashingNetwork network = Network();
        Tensor images = Tensor.RandomNormal(2, 1, 36, 40);
        NetworkOutput plain = network.Run(images), seen = Run(network, images, Stage, "backbone.fc5", Block, Branch, Taps.Hash);
        Assert.Null(plain.Inside);
        Assert.Equal(plain.Hash.ToArray<float>(), seen.Hash.ToArray<float>());
        Assert.Equal(new[] { Stage, "backbone.fc5", Block, Branch }.Order(), seen.Inside!.Keys.Order());
        Assert.Equal([2L, 16, 7, 8], seen.At(Stage).Shape);                              // 36 x 40: 34 x 38, 32 x 36, 16 x 18, 14 x 16, 7 x 8
        Assert.Equal(plain.Embedding.ToArray<float>(), seen.At("backbone.fc5").ToArray<float>());
        Assert.Same(seen.Hash, seen.At("hash"));
        // The block adds its input to the branch in place; what was seen of the branch stays.
        Assert.NotEqual(seen.At(Block).ToArray<float>(), seen.At(Branch).ToArray<float>());
    }

    [Fact]
    public void A_gradient_goes_from_what_was_seen_to_the_weights_before_it()
    {
        HashingNetwork network = Network();
        Run(network, Tensor.RandomNormal(2, 1, 36, 40), Branch).At(Branch).Pow(2).Sum().Backward();
        Assert.NotNull(network.StateDict["backbone.conv1a.weight"].Gradient);
        Assert.Null(network.StateDict["backbone.stage2.conv.weight"].Gradient);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        HashingNetwork network = Network();
        Tensor images = Tensor.RandomNormal(2, 1, 36, 40);
        long before = Tensor.Live;
        for (int i = 0; i < 3; i++)
        {
            using var step = new TensorScope();
            Run(network, images, Stage, Block);
        }
        Assert.InRange(Tensor.Live, 0, before);                                           // fewer: an earlier test's leavings were finalised meanwhile
        Assert.All(network.Backbone.Children.Values.OfType<Layer>(), layer => Assert.Null(layer.Watcher));
    }

    [Fact]
    public void A_name_that_no_layer_has_is_refused_with_the_nearest()
    {
        string message = Assert.Throws<TernException>(() => new Taps(Network(), ["backbone.stage5"], "teacher")).Message;
        Assert.StartsWith("objective: the teacher's layers: unknown 'backbone.stage5'; did you mean 'backbone.stage", message);
        Assert.Contains("embedding, hash, logits, backbone, backbone.conv1a", message);
        Assert.DoesNotContain("blocks.0.conv1", message);
    }

    [Fact]
    public void A_layer_that_its_network_takes_apart_is_refused()
    {
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), "SG", 32).Build(new ImageShape(32, 32, 1), 8, 3);
        Assert.Contains("the layer backbone does not run by itself", Assert.Throws<TernException>(() => Run(network, Tensor.RandomNormal(2, 1, 32, 32), "backbone")).Message);
        Assert.Null(network.Backbone.Watcher);
    }

    private static NetworkOutput Run(HashingNetwork network, Tensor images, params string[] names) => new Taps(network, names, "network").Run(images);

    private static HashingNetwork Network() => new FaceResNetSpec(0.125, [1, 0, 2, 1], 24).Build(new ImageShape(36, 40, 1), 12, 10);
}
