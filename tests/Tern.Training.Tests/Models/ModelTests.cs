using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

public sealed class ModelTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(12, 597_970)]
    [InlineData(24, 604_102)]
    [InlineData(36, 610_234)]
    [InlineData(48, 616_366)]
    public void The_published_DSH_network_has_as_many_parameters_as_counted_by_hand(int bits, long parameters)
    {
        // conv 5x5: 3*32+... = 2,432 + 25,632 + 51,264; fc 1,024*500 + 500 = 512,500; hash 501 K; classifier 10 K + 10.
        HashingNetwork network = new DshSpec(Normalization.None).Build(new ImageShape(32, 32, 3), bits, 10);
        Assert.Equal(2_432 + 25_632 + 51_264 + 512_500 + 501 * bits + 10 * bits + 10, parameters);
        Assert.Equal(parameters, network.ParameterCount);
    }

    [Theory]
    [InlineData(28, 3)]                                                                  // Caffe: ceil((side - 3) / 2) + 1, so 28, 14, 7, 3
    [InlineData(32, 4)]
    [InlineData(64, 8)]
    public void The_DSH_network_ends_in_maps_as_large_as_Caffes(int side, int map)
    {
        HashingNetwork network = new DshSpec(Normalization.Local).Build(new ImageShape(side, side, 3), 12, 10);
        using var trace = new OperatorTrace();
        network.Run(Tensor.Zeros([1, 3, side, side]));
        trace.Stop();
        TracedCall pool = trace.Calls.Last(call => call.Name == "aten::avg_pool2d");
        Assert.Equal([1L, 64, map, map], trace.Shape(pool.Result));
        Assert.Equal([500L, 64 * map * map], network.StateDict["backbone.fc1.weight"].Shape);
    }

    /// <summary>Uniform within sqrt(3 / fan-in), so of variance 1 / fan-in; of the smallest layer, 24 x 500, the mean square is within 3 % of it by 3 standard errors.</summary>
    [Theory]
    [InlineData(Normalization.None)]
    [InlineData(Normalization.Local)]
    public void The_published_DSH_network_starts_as_Caffes_xavier(Normalization normalization)
    {
        TorchRuntime.Seed(1);
        HashingNetwork network = new DshSpec(normalization).Build(new ImageShape(32, 32, 3), 24, 10);
        foreach ((string name, double fanIn) in new[] { ("backbone.conv2", 32 * 25.0), ("backbone.conv3", 32 * 25), ("backbone.fc1", 1024), ("hash", 500) })
        {
            float[] weight = network.StateDict[name + ".weight"].ToArray<float>();
            Assert.InRange(weight.Max(), 0.99 * Math.Sqrt(3 / fanIn), Math.Sqrt(3 / fanIn));
            Assert.InRange(weight.Average(value => value * value) * fanIn, 0.97, 1.03);
            Assert.All(network.StateDict[name + ".bias"].ToArray<float>(), bias => Assert.Equal(0, bias));
        }
    }

    [Fact]
    public void Local_response_normalisation_is_Caffes_within_channel()
    {
        const int planes = 2 * 3, height = 5, width = 4;
        float[] x = (Tensor.RandomNormal(2, 3, height, width) * 200).ToArray<float>();   // large, so that alpha = 5e-5 is felt
        float[] actual = DshBackbone.LocalResponse(Tensor.From(x, 2, 3, height, width)).ToArray<float>();
        for (int plane = 0; plane < planes; plane++)
        for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++)
        {
            double sum = 0;
            for (int i = Math.Max(0, row - 1); i <= Math.Min(height - 1, row + 1); i++)
            for (int j = Math.Max(0, column - 1); j <= Math.Min(width - 1, column + 1); j++)
                sum += Math.Pow(x[(plane * height + i) * width + j], 2);
            int at = (plane * height + row) * width + column;
            double expected = x[at] * Math.Pow(1 + 5e-5 * sum / 9, -0.75);
            Assert.Equal(expected, actual[at], 1e-5 * Math.Abs(expected));
        }
    }

    [Theory]
    [InlineData(20, 16, 20, 64)]
    [InlineData(32, 16, 32, 64)]
    [InlineData(56, 16, 56, 64)]
    [InlineData(20, 24, 20, 96)]
    public void A_residual_network_of_depth_d_has_d_minus_one_convolutions_and_the_mean_of_its_last_map(int depth, int width, int layers, int features)
    {
        var spec = new CifarResNetSpec(depth, width);
        HashingNetwork network = spec.Build(new ImageShape(32, 32, 3), 48, 10);
        int convolutions = network.StateDict.Keys.Count(name => name.EndsWith("weight", StringComparison.Ordinal) && name.Contains("conv", StringComparison.Ordinal));
        Assert.Equal(layers - 1, convolutions);                                          // the last layer of the count is the fully connected one
        Assert.Equal([2L, features], network.Run(Tensor.RandomNormal(2, 3, 32, 32)).Embedding.Shape);
        Assert.Contains("backbone.layer2.0.downsample.0.weight", network.StateDict.Keys);
    }

    [Fact]
    public void Widths_and_blocks_are_given_stage_by_stage()
    {
        HashingNetwork network = new CifarResNetSpec(Widths: [12, 32, 80, 96], Blocks: [1, 3, 2, 1]).Build(new ImageShape(32, 32, 3), 48, 10);
        Assert.Equal([2L, 96], network.Run(Tensor.RandomNormal(2, 3, 32, 32)).Embedding.Shape);
        Assert.Equal([32L, 12, 3, 3], network.StateDict["backbone.layer2.0.conv1.weight"].Shape);
        Assert.Equal([80L, 80, 3, 3], network.StateDict["backbone.layer3.1.conv2.weight"].Shape);
        Assert.Equal(7, network.StateDict.Keys.Count(name => name.EndsWith("conv2.weight", StringComparison.Ordinal)));

        var shape = new ImageShape(32, 32, 3);
        HashingNetwork plain = new CifarResNetSpec(14, 8).Build(shape, 12, 10), spelled = new CifarResNetSpec(Widths: [8, 16, 32], Blocks: [2, 2, 2]).Build(shape, 12, 10);
        Assert.Equal(plain.StateDict.Select(Shape), spelled.StateDict.Select(Shape));
        Assert.Contains("for each stage (3); got [1, 2]", Assert.Single(new CifarResNetSpec(Blocks: [1, 2]).Problems(shape)));
        Assert.Contains("got [16, 0]", Assert.Single(new CifarResNetSpec(Widths: [16, 0]).Problems(shape)));
    }

    [Theory]
    [InlineData(Normalization.None)]
    [InlineData(Normalization.Local)]
    [InlineData(Normalization.Batch)]
    public void Outputs_have_the_shapes_a_recipe_asks_for_at_any_size(Normalization normalization)
    {
        foreach (int side in new[] { 16, 28, 32, 64 })
        {
            HashingNetwork network = new DshSpec(normalization).Build(new ImageShape(side, side, 1), 24, 7);
            NetworkOutput output = network.Run(Tensor.RandomNormal(3, 1, side, side));
            Assert.Equal(("3,500", "3,24", "3,7"), (Shape(output.Embedding), Shape(output.Hash), Shape(output.Logits)));
        }
    }

    [Fact]
    public void Specs_refuse_what_cannot_be_built()
    {
        var shape = new ImageShape(32, 32, 3);
        Assert.Contains("6n + 2", Assert.Single(new CifarResNetSpec(21).Problems(shape)));
        Assert.Contains("at least 16x16", Assert.Single(new DshSpec().Problems(new ImageShape(8, 8, 1))));
        Assert.Empty(new CifarResNetSpec(56).Problems(shape));
    }

    private static string Shape(KeyValuePair<string, Tensor> named) => $"{named.Key} {Shape(named.Value)}";

    private static string Shape(Tensor tensor) => string.Join(",", tensor.Shape);
}
