using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Descriptors;

/// <summary>What descriptors are put together to.</summary>
public enum Combination
{
    /// <summary>One behind the other: each has its own part of the embedding.</summary>
    Concatenate,

    /// <summary>Added: all share every dimension.</summary>
    Sum,
}

/// <summary>Where the ranking loss looks, as CGD's paper names its comparisons.</summary>
public enum DescriptorArchitecture
{
    /// <summary>At the combination of all branches, each reduced and normalised by itself.</summary>
    Cgd,

    /// <summary>At each branch by itself; they are combined only afterwards.</summary>
    A,

    /// <summary>At one reduction of all raw descriptors side by side.</summary>
    B,
}

/// <summary>A picture in several descriptions.</summary>
/// <param name="Embedding">[N, K], of length 1: what is searched by.</param>
/// <param name="Ranked">What a ranking loss looks at, each [N, k] of length 1: the embedding alone, or each branch.</param>
/// <param name="First">The first descriptor as it is, [N, D]: what CGD's classifier looks at.</param>
public sealed record Description(Tensor Embedding, IReadOnlyList<Tensor> Ranked, Tensor First);

/// <summary>Several global descriptors of one feature map, each reduced by a layer of its own, together one embedding.</summary>
/// <remarks>
/// CGD (Jun, Ko, Kim, Kim and Kim 2019, arXiv 1903.10663, figure 1): map -> descriptor i -> linear without bias -> l2 -> side by side -> l2 again. Architectures A and B and the sum
/// are the comparisons of its section 3; their details are read from the figure alone.
/// </remarks>
public sealed class CombinedDescriptors : Layer
{
    private readonly ConvolutionalNet trunk;
    private readonly Layer[] descriptors;
    private readonly Linear[] reductions;
    private readonly Combination combination;
    private readonly DescriptorArchitecture architecture;

    /// <param name="trunk">[N, C, H, W] to a map [N, D, h, w].</param>
    /// <param name="descriptors">Each [N, D, h, w] to [N, D].</param>
    /// <param name="dimension">K; side by side, a multiple of the number of descriptors.</param>
    /// <param name="combination">How they become one embedding.</param>
    /// <param name="architecture">Where the ranking loss looks.</param>
    public CombinedDescriptors(ConvolutionalNet trunk, Layer[] descriptors, int dimension, Combination combination, DescriptorArchitecture architecture)
    {
        (this.combination, this.architecture) = (combination, architecture);
        this.trunk = Add("trunk", trunk);
        this.descriptors = [.. descriptors.Select((descriptor, i) => Add($"descriptors.{i}", descriptor))];
        bool together = architecture == DescriptorArchitecture.B;
        int each = together || combination == Combination.Sum ? dimension : dimension / descriptors.Length;
        reductions = [.. Enumerable.Range(0, together ? 1 : descriptors.Length)
            .Select(i => Add($"reductions.{i}", new Linear(together ? trunk.Features * descriptors.Length : trunk.Features, each, bias: false)))];
    }

    /// <summary>The network below the descriptors.</summary>
    public ConvolutionalNet Trunk => trunk;

    /// <summary>How many descriptors there are.</summary>
    public int Count => descriptors.Length;

    /// <summary>What one descriptor alone makes of a map [N, D, h, w]: reduced, [N, k], not yet of length 1. In architecture B by its own columns of the one reduction.</summary>
    internal Tensor Reduced(int descriptor, Tensor map)
    {
        Tensor raw = descriptors[descriptor][map];                                                    // [N, D]
        return architecture == DescriptorArchitecture.B
            ? raw.Linear(reductions[0].UsedWeight.Narrow(1, descriptor * trunk.Features, trunk.Features))
            : reductions[descriptor][raw];
    }

    /// <summary>Every description of a normalised batch [N, C, H, W].</summary>
    public Description Describe(Tensor images)
    {
        using var scope = new TensorScope();
        Tensor map = trunk.Map(images);                                                               // [N, D, h, w]
        Tensor[] raw = Array.ConvertAll(descriptors, descriptor => descriptor[map]);                  // [N, D] each
        Tensor[] branches = architecture == DescriptorArchitecture.B
            ? [Unit(reductions[0][Tensor.Concatenate(raw, 1)])]                                     // [N, K]
            : [.. raw.Zip(reductions, (descriptor, reduction) => Unit(reduction[descriptor]))];       // [N, k] each
        Tensor embedding = branches.Length == 1 ? branches[0]
            : (combination == Combination.Sum ? branches.Aggregate((sum, branch) => sum + branch) : Tensor.Concatenate(branches, 1)).Normalize();   // [N, K]
        IReadOnlyList<Tensor> ranked = architecture == DescriptorArchitecture.A ? branches : [embedding];
        return new Description(scope.Keep(embedding), [.. ranked.Select(scope.Keep)], scope.Keep(raw[0]));
    }

    protected override Tensor Forward(Tensor images) => Describe(images).Embedding;

    /// <summary>Of length 1, in float32: differences of distances are smaller than bfloat16 can tell.</summary>
    private static Tensor Unit(Tensor rows) => (rows.DType == DType.BFloat16 ? rows.To(DType.Float32) : rows).Normalize();
}
