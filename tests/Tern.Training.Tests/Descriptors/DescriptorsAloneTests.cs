using Tern.Torch;
using Tern.Training.Descriptors;
using Tern.Training.Models;

namespace Tern.Training.Tests.Descriptors;

/// <summary>What a descriptor finds by itself, where its part of the embedding says the same; over more pictures than a batch holds.</summary>
public sealed class DescriptorsAloneTests : IDisposable
{
    private const int Pictures = 7, Dimension = 24;
    private static readonly int[] Queries = [4, 2], Gallery = [.. Enumerable.Range(0, 103).Select(i => i * 5 % Pictures)];

    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("SMG", DescriptorArchitecture.Cgd, Combination.Concatenate)]
    [InlineData("SG", DescriptorArchitecture.A, Combination.Concatenate)]
    [InlineData("G", DescriptorArchitecture.B, Combination.Concatenate)]
    [InlineData("M", DescriptorArchitecture.Cgd, Combination.Sum)]
    public void Distances_are_those_of_its_part_of_the_embedding(string descriptors, DescriptorArchitecture architecture, Combination combination)
    {
        (CombinedDescriptors network, Tensor pictures) = Make(descriptors, architecture, combination);
        float[] embedding = network[pictures].ToArray<float>();                                       // [7, 24]
        int each = Dimension / descriptors.Length;
        double[][][] alone = Distances(network, pictures);
        Assert.Equal(descriptors.Length, alone.Length);
        for (int i = 0; i < alone.Length; i++)
            for (int q = 0; q < Queries.Length; q++)
                for (int n = 0; n < Gallery.Length; n++)
                    Assert.Equal(1 - Cosine(embedding, Queries[q], Gallery[n], i * each, each), alone[i][q][n], 1e-5);
    }

    [Fact]
    public void Added_descriptors_find_each_by_its_own_reduction()
    {
        (CombinedDescriptors network, Tensor pictures) = Make("SG", DescriptorArchitecture.Cgd, Combination.Sum);
        double[][][] alone = Distances(network, pictures);
        Tensor map = network.Trunk.Map(pictures);
        float[][] reduced =
        [
            new Spoc()[map].Linear(network.StateDict["reductions.0.weight"]).ToArray<float>(), new Gem()[map].Linear(network.StateDict["reductions.1.weight"]).ToArray<float>(),
        ];
        for (int i = 0; i < 2; i++)
            for (int n = 0; n < Gallery.Length; n++)
                Assert.Equal(1 - Cosine(reduced[i], Queries[0], Gallery[n], 0, Dimension), alone[i][0][n], 1e-5);
    }

    private static (CombinedDescriptors Network, Tensor Pictures) Make(string descriptors, DescriptorArchitecture architecture, Combination combination)
    {
        TorchRuntime.Seed(3);
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), descriptors, Dimension, combination, architecture).Build(new ImageShape(32, 32, 3), 8, 4);
        network.Train(false);
        return ((CombinedDescriptors)network.Backbone, Tensor.RandomNormal(Pictures, 3, 32, 32));
    }

    private static double[][][] Distances(CombinedDescriptors network, Tensor pictures) => DescriptorsAlone.Distances(
        network, Queries, Gallery, numbers => pictures.IndexSelect(0, Tensor.From(Array.ConvertAll(numbers, number => (long)number))), default);

    /// <summary>Of dimensions first to first + count of two rows.</summary>
    private static double Cosine(float[] rows, int a, int b, int first, int count)
    {
        int width = rows.Length / Pictures;
        double product = 0, lengthOfA = 0, lengthOfB = 0;
        for (int d = first; d < first + count; d++)
        {
            (double x, double y) = (rows[a * width + d], rows[b * width + d]);
            (product, lengthOfA, lengthOfB) = (product + x * y, lengthOfA + x * x, lengthOfB + y * y);
        }
        return product / Math.Sqrt(lengthOfA * lengthOfB);
    }
}
