using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

/// <summary>CGD (Jun et al. 2019): a picture of 224x224 ends in a map of 7x7 as networks are published, of 14x14 where one down-sampling is left out, in either reading.</summary>
public sealed class LastStrideTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("resnet50", 7)]
    [InlineData("resnet50 a", 14)]
    [InlineData("resnet50 b", 14)]
    [InlineData("mobilenet", 7)]
    [InlineData("mobilenet a", 14)]
    [InlineData("mobilenet tensorflow a", 14)]
    [InlineData("shufflenet0.5", 7)]
    [InlineData("shufflenet0.5 a", 14)]
    public void The_last_map_of_224_is_14_without_one_stride_and_7_with_all(string name, int side)
    {
        using var noGrad = new NoGrad();
        ConvolutionalNet network = ConvolutionalNetTests.Spec(name).BuildNet(3);
        network.Train(false);
        Assert.Equal([1L, network.Features, side, side], network.Map(Tensor.Zeros([1, 3, 224, 224])).Shape);
    }
}
