using Tern.Torch.Modules;

namespace Tern.Torch.Tests.Modules;

/// <summary>A normalisation with the convolution before it, against the two one after the other.</summary>
public sealed class BatchNormAfterTests : IDisposable
{
    private readonly TensorScope scope = new();

    public BatchNormAfterTests() => TorchRuntime.Seed(1);

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public void Frozen_it_has_the_values_and_gradients_of_the_two_apart(bool bias, int groups)
    {
        (Conv2d convolution, BatchNorm2d norm) = Pair(bias, groups);
        Freeze(norm);
        Tensor x = Tensor.RandomNormal(2, 4, 6, 6), weights = Tensor.RandomNormal(2, 8, 6, 6);
        x.RequiresGrad = true;
        Tensor[] leaves = [x, .. convolution.Parameters];

        float[][] Run(Func<Tensor> forward)
        {
            foreach (Tensor leaf in leaves) leaf.Gradient = null;
            Tensor y = forward();
            (y * weights).Sum().Backward();
            return [y.ToArray<float>(), .. leaves.Select(leaf => leaf.Gradient!.ToArray<float>())];
        }

        float[][] apart = Run(() => norm[convolution[x]]), together = Run(() => norm.After(convolution, x));
        Assert.Equal(apart.Length, together.Length);
        foreach ((float[] expected, float[] actual) in apart.Zip(together)) Fixtures.AssertClose(expected, actual, relative: 1e-4);
    }

    [Fact]
    public void Frozen_the_two_are_one_convolution_and_else_they_are_not()
    {
        (Conv2d convolution, BatchNorm2d norm) = Pair(bias: false, groups: 1);
        convolution.Load(new Dictionary<string, Tensor> { ["weight"] = Tensor.RandomNormal(8, 4, 3, 3) * 1e30 });
        norm.Load(new Dictionary<string, Tensor>(norm.StateDict) { ["running_var"] = Tensor.Ones([8]) * 1e38 });
        Tensor x = Tensor.RandomNormal(1, 4, 6, 6) * 1e10;                                   // 1e40 is beyond float32; divided by 1e19 before, it is not
        Assert.Contains(norm.After(convolution, x).ToArray<float>(), value => !float.IsFinite(value));
        Freeze(norm);
        Assert.All(norm.After(convolution, x).ToArray<float>(), value => Assert.True(float.IsFinite(value)));
        Assert.All(new Sequential(convolution, norm)[x].ToArray<float>(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void In_training_statistics_are_the_batchs_and_move()
    {
        (Conv2d convolution, BatchNorm2d norm) = Pair(bias: false, groups: 1);
        norm.Train();
        float[] before = norm.StateDict["running_mean"].ToArray<float>();
        Tensor y = norm.After(convolution, Tensor.RandomNormal(4, 4, 6, 6));
        float[] scale = norm.StateDict["weight"].ToArray<float>(), shift = norm.StateDict["bias"].ToArray<float>();
        for (int channel = 0; channel < 8; channel++) Assert.Equal(shift[channel], y.Narrow(1, channel, 1).Mean().Item(), 1e-4 * Math.Abs(scale[channel]) + 1e-5);
        Assert.NotEqual(before, norm.StateDict["running_mean"].ToArray<float>());
    }

    [Fact]
    public void Whoever_watches_one_of_the_two_and_a_trace_see_both()
    {
        (Conv2d convolution, BatchNorm2d norm) = Pair(bias: false, groups: 1);
        Freeze(norm);
        Tensor x = Tensor.RandomNormal(1, 4, 6, 6), convolved = convolution[x];
        foreach ((Layer watched, Tensor expected) in new (Layer, Tensor)[] { (convolution, convolved), (norm, norm[convolved]) })
        {
            float[] seen = [];
            watched.Watcher = made => seen = made.ToArray<float>();
            norm.After(convolution, x);
            Assert.Equal(expected.ToArray<float>(), seen);
            watched.Watcher = null;
        }

        using var trace = new OperatorTrace();
        new Sequential(convolution, norm)[x].Dispose();
        trace.Stop();
        Assert.Equal(["aten::conv2d", "aten::batch_norm"], trace.Calls.Select(call => call.Name));
    }

    private static void Freeze(BatchNorm2d norm)
    {
        foreach (Tensor parameter in norm.Parameters) parameter.RequiresGrad = false;
    }

    private static (Conv2d, BatchNorm2d) Pair(bool bias, int groups)
    {
        var convolution = new Conv2d(4, 8, 3, padding: 1, groups: groups, bias: bias);
        var norm = new BatchNorm2d(8);
        Tensor Positive() => Tensor.Empty([8]).Uniform_(0.5, 2);
        norm.Load(new Dictionary<string, Tensor>
        {
            ["weight"] = Positive(), ["bias"] = Tensor.RandomNormal(8), ["running_mean"] = Tensor.RandomNormal(8), ["running_var"] = Positive(), ["num_batches_tracked"] = Tensor.Zeros([], DType.Int64),
        });
        norm.Train(false);
        return (convolution, norm);
    }
}
