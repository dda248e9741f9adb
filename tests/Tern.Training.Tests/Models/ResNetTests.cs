using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

public sealed class ResNetTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(18, 32, 512)]
    [InlineData(50, 33, 2048)]
    [InlineData(18, 97, 512)]
    public void Pictures_of_any_size_from_32_give_features_of_the_published_width(int depth, int side, int features)
    {
        HashingNetwork network = new ResNetSpec(depth).Build(new ImageShape(side, side, 1), 12, 5);
        Assert.Equal([2L, features], network.Run(Tensor.RandomNormal(2, 1, side, side)).Embedding.Shape);
    }

    [Fact]
    public void Specs_refuse_what_cannot_be_built()
    {
        Assert.Contains("depth: must be 18, 34, 50 or 101; got 152", Assert.Single(new ResNetSpec(152).Problems(new ImageShape(224, 224, 3))));
        Assert.Contains("at least 32x32", Assert.Single(new ResNetSpec(18).Problems(new ImageShape(64, 28, 3))));
        Assert.Empty(new ResNetSpec(50).Problems(new ImageShape(32, 32, 3)));
    }
}
