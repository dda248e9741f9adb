using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Descriptors;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Descriptors;

public sealed class CombinedDescriptorsTests : IDisposable
{
    private const int Side = 32, Classes = 5, Bits = 16;
    private static readonly ImageShape Shape = new(Side, Side, 3);
    private readonly TensorScope scope = new();

    public CombinedDescriptorsTests() => TorchRuntime.Seed(3);

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> Configurations => ["S", "M", "G", "SM", "MS", "SG", "GS", "MG", "GM", "SMG", "MSG", "GSM"];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void An_embedding_has_length_1_and_every_branch_an_equal_share_of_it(string descriptors)
    {
        Tensor embedding = Run(new CgdSpec(new ResNetSpec(18), descriptors, 96)).Embedding;
        Assert.Equal([4L, 96], embedding.Shape);
        float[] values = embedding.ToArray<float>();
        int share = 96 / descriptors.Length;
        for (int row = 0; row < 4; row++)
            for (int branch = 0; branch < descriptors.Length; branch++)
            {
                double length = Math.Sqrt(values.AsSpan(row * 96 + branch * share, share).ToArray().Sum(value => (double)value * value));
                Assert.Equal(1 / Math.Sqrt(descriptors.Length), length, 1e-5);
            }
    }

    [Fact]
    public void A_sum_has_every_dimension_from_every_branch()
    {
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), "MG", 40, Combination.Sum).Build(Shape, Bits, Classes);
        IReadOnlyDictionary<string, Tensor> state = network.StateDict;
        Assert.Equal([40L, 512], state["backbone.reductions.0.weight"].Shape);
        Assert.Equal([40L, 512], state["backbone.reductions.1.weight"].Shape);
        Assert.DoesNotContain("backbone.reductions.0.bias", state.Keys);
        Tensor pictures = Tensor.RandomNormal(4, 3, Side, Side);
        network.Train(false);
        Tensor map = ((CombinedDescriptors)network.Backbone).Trunk.Map(pictures);
        Tensor first = new Mac()[map].Linear(state["backbone.reductions.0.weight"]).Normalize(), second = new Gem()[map].Linear(state["backbone.reductions.1.weight"]).Normalize();
        AssertNear((first + second).Normalize(), network.Run(pictures).Embedding);
    }

    [Fact]
    public void Architecture_b_reduces_the_raw_descriptors_at_once()
    {
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), "SM", 40, Architecture: DescriptorArchitecture.B).Build(Shape, Bits, Classes);
        Tensor pictures = Tensor.RandomNormal(4, 3, Side, Side);
        network.Train(false);
        Tensor map = ((CombinedDescriptors)network.Backbone).Trunk.Map(pictures), raw = Tensor.Concatenate([new Spoc()[map], new Mac()[map]], 1);
        AssertNear(raw.Linear(network.StateDict["backbone.reductions.0.weight"]).Normalize(), network.Run(pictures).Embedding);
    }

    [Fact]
    public void Architecture_a_ranks_each_branch_by_itself_and_the_objective_is_their_mean()
    {
        NetworkOutput output = Run(new CgdSpec(new ResNetSpec(18), "SMG", 48, Architecture: DescriptorArchitecture.A));
        Assert.Equal(3, output.Ranked!.Count);
        Assert.All(output.Ranked, branch => Assert.Equal([4L, 16], branch.Shape));
        AssertNear(Tensor.Concatenate([.. output.Ranked], 1).Normalize(), output.Embedding);
        double mean = output.Ranked.Average(branch => new FirstValue().Compute(new LossInput(output with { Embedding = branch }, Tensor.From([0L, 1, 2, 3]))).Item());
        Assert.Equal(mean, new Objective([new FirstValue()]).Compute(new LossInput(output, Tensor.From([0L, 1, 2, 3]))).Total.Item(), 1e-6);
        Assert.Null(Run(new CgdSpec(new ResNetSpec(18), "SMG", 48)).Ranked);
    }

    [Fact]
    public void The_classifier_reads_the_first_descriptor_as_it_is_through_batch_normalisation()
    {
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), "MS", 64).Build(Shape, Bits, Classes);
        IReadOnlyDictionary<string, Tensor> state = network.StateDict;
        Tensor pictures = Tensor.RandomNormal(4, 3, Side, Side);
        network.Train(false);
        Tensor largest = new Mac()[((CombinedDescriptors)network.Backbone).Trunk.Map(pictures)];      // running statistics are still mean 0, variance 1
        AssertNear((largest / Math.Sqrt(1 + 1e-5)).Linear(state["classifier.1.weight"], state["classifier.1.bias"]), network.Run(pictures).Logits);
        Assert.Equal([(long)Classes, 512], state["classifier.1.weight"].Shape);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Objectives_of_codes_change_the_embedding_only_where_it_is_asked_for(bool asked)
    {
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), "S", 32, HashTrainsEmbedding: asked).Build(Shape, Bits, Classes);
        network.Run(Tensor.RandomNormal(4, 3, Side, Side)).Hash.Sum().Backward();
        Assert.NotNull(network.StateDict["hash.weight"].Gradient);
        Assert.Equal(asked, network.StateDict["backbone.reductions.0.weight"].Gradient is not null);
    }

    [Theory]
    [InlineData(DescriptorArchitecture.Cgd, 4)]
    [InlineData(DescriptorArchitecture.A, 4)]
    [InlineData(DescriptorArchitecture.B, 2)]
    public void Its_fully_connected_layers_are_the_reductions_and_the_hash_layer(DescriptorArchitecture architecture, int count)
    {
        var spec = new CgdSpec(new ResNetSpec(18), "SMG", 48, Architecture: architecture);
        IReadOnlyDictionary<string, Tensor> state = spec.Build(Shape, Bits, Classes).StateDict;
        Assert.Equal(count, spec.FullyConnected.Length);
        Assert.All(spec.FullyConnected, name => Assert.Equal(2, state[$"{name}.weight"].Shape.Length));
    }

    [Fact]
    public void Specs_refuse_what_cannot_be_built()
    {
        static string[] Problems(CgdSpec spec) => [.. spec.Problems(Shape)];
        Assert.Empty(Problems(new CgdSpec(new ResNetSpec(18))));
        Assert.Contains("backbone: must end in a feature map", Assert.Single(Problems(new CgdSpec(new DshSpec()))));
        Assert.Contains("backbone.depth: must be", Assert.Single(Problems(new CgdSpec(new ResNetSpec(19)))));
        Assert.Contains("descriptors: must be one to three different letters of SMG; got 'SS'", Assert.Single(Problems(new CgdSpec(new ResNetSpec(18), "SS"))));
        Assert.Contains("dimension: must be a multiple of 3, the number of descriptors; got 100", Assert.Single(Problems(new CgdSpec(new ResNetSpec(18), "SMG", 100))));
        Assert.Empty(Problems(new CgdSpec(new ResNetSpec(18), "SMG", 100, Combination.Sum)));
        Assert.Contains("power: must be above 0; got 0", Assert.Single(Problems(new CgdSpec(new ResNetSpec(18), Power: 0))));
    }

    private static NetworkOutput Run(CgdSpec spec) => spec.Build(Shape, Bits, Classes).Run(Tensor.RandomNormal(4, 3, Side, Side));

    private static void AssertNear(Tensor expected, Tensor actual) => Assert.All(expected.ToArray<float>().Zip(actual.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

    /// <summary>Something that looks at embeddings.</summary>
    private sealed record FirstValue : RankingLoss
    {
        public override string Name => "firstValue";

        public override Ranking Rank(LossInput input) => new(input.Output.Embedding.Narrow(1, 0, 1).Sum(), Tensor.From([1f]));
    }
}
