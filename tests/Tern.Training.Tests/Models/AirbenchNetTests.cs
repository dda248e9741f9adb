using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

public sealed class AirbenchNetTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_has_the_papers_parameters()
    {
        // airbench94: convolutions 24-64-64-256-256-256-256 of 3x3 without bias, a scale and a shift for each of their channels; our stem is 2x2x3x24 with a bias.
        long convolutions = 9L * (24 * 64 + 64 * 64 + 64 * 256 + 3 * 256 * 256), norms = 2 * (2 * 64 + 4 * 256), stem = 24 * 12 + 24;
        Assert.Equal(convolutions + norms + stem, new AirbenchNet(3, [64, 256, 256]).ParameterCount);
    }

    [Theory]
    [InlineData(3, 32)]
    [InlineData(1, 28)]
    [InlineData(3, 16)]
    public void A_picture_becomes_one_vector_as_wide_as_the_last_block(int channels, int side)
    {
        HashingNetwork network = new AirbenchSpec([8, 16, 24]).Build(new ImageShape(side, side, channels), 12, 4);
        Assert.Equal([2L, 24], network.Run(Tensor.RandomNormal(2, channels, side, side)).Embedding.Shape);
    }

    [Fact]
    public void A_trained_network_that_mirrors_says_the_same_of_a_picture_and_its_mirror_image_and_learns_from_one_view()
    {
        TorchRuntime.Seed(2);
        HashingNetwork network = new AirbenchSpec([8, 16, 24], Mirror: true).Build(new ImageShape(16, 16, 3), 12, 4), plain = new AirbenchSpec([8, 16, 24]).Build(new ImageShape(16, 16, 3), 12, 4);
        plain.Load(network.StateDict);
        Tensor pictures = Tensor.RandomNormal(2, 3, 16, 16), mirrored = Tensor.Concatenate([.. Enumerable.Range(0, 16).Select(x => pictures.Narrow(3, 15 - x, 1))], 3);
        network.Train(false);
        plain.Train(false);
        float[] Embedding(HashingNetwork of, Tensor images) => of.Run(images).Embedding.ToArray<float>();
        Assert.Equal(Embedding(network, pictures), Embedding(network, mirrored));
        Assert.NotEqual(Embedding(plain, pictures), Embedding(plain, mirrored));
        Assert.All(Embedding(plain, pictures).Zip(Embedding(plain, mirrored), (a, b) => (a + b) / 2).Zip(Embedding(network, pictures)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        network.Train();
        plain.Train();
        Assert.Equal(Embedding(plain, pictures), Embedding(network, pictures));
    }

    /// <summary>Pictures that vary in brightness only, smoothly: after the stem the mean and the differences are of about the same size, as before they are not.</summary>
    [Fact]
    public void The_stem_brings_mean_and_differences_to_one_scale()
    {
        var network = new AirbenchNet(1, [8, 8, 8]);
        Tensor stem = network.StateDict["stem.weight"];
        Tensor patch = Tensor.From([1f, 1, 1, 1, 1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1], 4, 1, 2, 2) * 0.5;         // each of unit length
        float[] response = patch.Convolve2d(stem).Flatten().ToArray<float>();                                       // [4, 8]
        float[] deviations = [3.2f, 0.63f, 0.59f, 0.23f];
        for (int pattern = 0; pattern < 4; pattern++)
            for (int filter = 0; filter < 8; filter++)
            {
                float expected = filter % 4 == pattern ? (filter < 4 ? 1 : -1) / deviations[pattern] : 0;
                Assert.Equal(expected, response[pattern * 8 + filter], 1e-5f);
            }
    }

    [Fact]
    public void Convolutions_start_by_letting_their_input_through()
    {
        var block = new AirbenchBlock(3, 5);
        Tensor input = Tensor.RandomNormal(2, 3, 8, 8);
        Tensor output = input.Convolve2d(block.StateDict["conv1.weight"], padding: 1);
        Assert.Equal(input.ToArray<float>(), output.Narrow(1, 0, 3).Contiguous().ToArray<float>());
        Assert.NotEqual(0, output.Narrow(1, 3, 2).Contiguous().ToArray<float>()[0]);
    }

    [Fact]
    public void Specs_refuse_what_cannot_be_built()
    {
        Assert.Contains("square", Assert.Single(new AirbenchSpec().Problems(new ImageShape(32, 48, 3))));
        Assert.Contains("got 8x8", Assert.Single(new AirbenchSpec().Problems(new ImageShape(8, 8, 3))));
        Assert.Contains("got 1, 2", Assert.Single(new AirbenchSpec([1, 2]).Problems(new ImageShape(32, 32, 3))));
    }
}
