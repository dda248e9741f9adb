using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Export;
using Tern.Training.Fitting;
using Tern.Training.Models;
using Tern.Training.Recipes;

namespace Tern.Training.Tests.Models;

public sealed class FaceResNetTests : IDisposable
{
    private static readonly ImageShape Aligned = new(112, 96, 3);
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    /// <summary>The hash layer (512 x 12 + 12) and the classifier (12 x 10 + 10) come on top of the network's own.</summary>
    [Theory]
    [InlineData(27, 27_543_072, 2_113_360_256)]
    [InlineData(5, 6_812_960, 601_936_256)]
    public void The_teacher_and_the_student_made_from_it_cost_what_is_counted_by_hand(int convolutions, long parameters, long multiplyAdds)
    {
        var spec = new FaceResNetSpec(ResidualBlocks: convolutions == 5 ? [0, 0, 0, 0] : null);
        HashingNetwork network = spec.Build(Aligned, 12, 10);
        Assert.Equal(convolutions, Layers(network).OfType<Conv2d>().Count());
        Assert.Equal(convolutions, Layers(network).OfType<PRelu>().Count());             // one behind each
        ModelCost cost = new(network.ParameterCount, ModelCost.MultiplyAddsOf(network, Aligned), 0);
        Assert.Equal((parameters + 6_156 + 130, multiplyAdds + 6_144 + 120), (cost.Parameters, cost.MultiplyAdds));
        Assert.Equal([512L, 512 * 5 * 4], network.StateDict["backbone.fc5.weight"].Shape);
    }

    [Fact]
    public void It_sees_no_windows_for_its_last_layer_is_made_for_one_size() => Assert.Equal(
        ["side: this model's layers are made for one size of picture; leave window out"],
        NetworkProblems.OfWindow(new EarlyWindow(1, 48), new FaceResNetSpec(), new ImageShape(64, 64, 1)));

    [Fact]
    public void Cost_equals_a_loop_over_layers_at_any_width_and_size()
    {
        int[] blocks = [1, 0, 2, 1];
        foreach ((ImageShape shape, double width) in new[] { (new ImageShape(36, 40, 1), 0.125), (new ImageShape(64, 64, 1), 0.3), (new ImageShape(33, 50, 3), 0.01) })
        {
            int Scaled(int channels) => Math.Max(1, (int)Math.Round(channels * width));
            int inputs = Scaled(32), height = shape.Height - 2, across = shape.Width - 2;
            long parameters = shape.Channels * inputs * 9 + 2 * inputs, multiplyAdds = (long)shape.Channels * inputs * 9 * height * across;
            for (int stage = 0; stage < 4; stage++)
            {
                int outputs = Scaled(64 << stage);
                (height, across) = (height - 2, across - 2);
                parameters += inputs * outputs * 9 + 2 * outputs;
                multiplyAdds += (long)inputs * outputs * 9 * height * across;
                (height, across) = ((height + 1) / 2, (across + 1) / 2);
                parameters += 2 * blocks[stage] * (outputs * outputs * 9 + 2 * outputs);
                multiplyAdds += 2L * blocks[stage] * outputs * outputs * 9 * height * across;
                inputs = outputs;
            }
            parameters += (inputs * height * across + 1) * 24 + 25 * 12 + 13 * 10;
            multiplyAdds += inputs * height * across * 24 + 24 * 12 + 12 * 10;
            HashingNetwork network = new FaceResNetSpec(width, blocks, 24).Build(shape, 12, 10);
            Assert.Equal((parameters, multiplyAdds), (network.ParameterCount, ModelCost.MultiplyAddsOf(network, shape)));
        }
    }

    [Fact]
    public void Output_equals_the_layers_one_after_another()
    {
        HashingNetwork network = new FaceResNetSpec(0.125, [1, 0, 2, 1], 24).Build(new ImageShape(36, 40, 1), 12, 10);
        Tensor images = Tensor.RandomNormal(3, 1, 36, 40);
        Tensor Weight(string name) => network.StateDict[$"backbone.{name}"];
        Tensor Rectified(Tensor x, string name) => x.Relu() - Weight($"{name}.weight").Reshape(1, -1, 1, 1) * (-x).Relu();
        Tensor Convolved(Tensor x, string name, int padding) => x.Convolve2d(Weight($"{name}.weight"), Weight($"{name}.bias"), padding: padding);
        Tensor map = Rectified(Convolved(images, "conv1a", 0), "prelu1a");
        foreach ((int stage, int blocks) in new[] { (1, 1), (2, 0), (3, 2), (4, 1) })
        {
            map = Rectified(Convolved(map, $"stage{stage}.conv", 0), $"stage{stage}.prelu").MaxPool2d(2, 2, ceiling: true);
            for (int i = 0; i < blocks; i++)
            {
                string block = $"stage{stage}.blocks.{i}";
                map += Rectified(Convolved(Rectified(Convolved(map, $"{block}.conv1", 1), $"{block}.prelu1"), $"{block}.conv2", 1), $"{block}.prelu2");
            }
        }
        float[] expected = map.Flatten().Linear(Weight("fc5.weight"), Weight("fc5.bias")).ToArray<float>(), actual = network.Run(images).Embedding.ToArray<float>();
        float scale = expected.Max(MathF.Abs);
        foreach ((float a, float b) in expected.Zip(actual)) Assert.Equal(a, b, 1e-5f * scale);
    }

    /// <summary>
    /// He's rule with fan-in: the pre-activations of a convolution have twice the mean square of what it reads, of which a PReLU of slope 1/4 leaves (1 + 1/16) / 2. The geometric mean
    /// over ten networks; fan-out would give half of it at each stage and, of a grey picture, a thirtieth or less at the first.
    /// </summary>
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void What_goes_forward_keeps_its_size_at_the_start(double width)
    {
        const int Draws = 10;
        double[] logarithms = new double[5];
        TorchRuntime.Seed(3);
        for (int draw = 0; draw < Draws; draw++)
        {
            using var inner = new TensorScope();
            using var noGrad = new NoGrad();
            IReadOnlyDictionary<string, Tensor> weights = new FaceResNetSpec(width, [0, 0, 0, 0], 24).Build(new ImageShape(64, 64, 1), 12, 10).StateDict;
            Tensor map = Tensor.RandomNormal(4, 1, 64, 64);
            for (int i = 0; i < logarithms.Length; i++)
            {
                string conv = i == 0 ? "backbone.conv1a" : $"backbone.stage{i}.conv", prelu = i == 0 ? "backbone.prelu1a" : $"backbone.stage{i}.prelu";
                Tensor next = map.Convolve2d(weights[$"{conv}.weight"], weights[$"{conv}.bias"]).PRelu(weights[$"{prelu}.weight"]);
                logarithms[i] += Math.Log(next.Pow(2).Mean().Item() / map.Pow(2).Mean().Item()) / Draws;
                map = i == 0 ? next : next.MaxPool2d(2, 2, ceiling: true);
            }
        }
        Assert.All(logarithms, logarithm => Assert.InRange(Math.Exp(logarithm), 0.7, 1.5));
    }

    [Fact]
    public void It_learns_in_bfloat16_too()
    {
        HashingNetwork network = new FaceResNetSpec(0.125, [1, 1, 1, 1], 24).Build(new ImageShape(40, 40, 1), 12, 10);
        NetworkOutput output;
        using (new Autocast(DType.BFloat16)) output = network.Run(Tensor.RandomNormal(4, 1, 40, 40));
        output.Logits.To(DType.Float32).Sum().Backward();
        Assert.All(network.NamedParameters, named => Assert.True(named.Tensor.Gradient is { } gradient && gradient.AllFinite(), named.Name));
    }

    [Fact]
    public void The_smallest_pictures_leave_a_map_of_one_value_and_smaller_ones_are_refused()
    {
        var spec = new FaceResNetSpec(0.1, Embedding: 8);
        Assert.Empty(spec.Problems(new ImageShape(33, 33, 1)));
        Assert.Equal([8L, 51], spec.Build(new ImageShape(33, 33, 1), 4, 2).StateDict["backbone.fc5.weight"].Shape);
        Assert.Contains("faceResNet needs pictures of at least 33x33; got 112x32", Assert.Single(spec.Problems(new ImageShape(112, 32, 1))));
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        string[] problems = [.. new FaceResNetSpec(5, [1, 2, 3], 0).Problems(Aligned)];
        Assert.Equal(
            ["width: must be above 0 and at most 4, a factor; got 5", "residualBlocks: must be 4 numbers in 0..50; got [1, 2, 3]", "embedding: must lie in 1..4096; got 0"], problems);
        Assert.Single(new FaceResNetSpec(double.NaN).Problems(Aligned));
    }

    private static IEnumerable<Module> Layers(Module module) => module.Children.Values.SelectMany(child => Layers(child).Prepend(child));
}
