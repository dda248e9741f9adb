using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>
/// A small network of our own for small pictures: convolutions in two parts, each channel filtered by itself and the channels mixed, which for the same multiply-adds may be
/// several times as wide and deep as whole ones; the stem of <see cref="AirbenchNet"/>, the largest value of each map at the end.
/// </summary>
/// <remarks>
/// The two parts, each normalised: Howard et al. 2017, MobileNets (arXiv 1704.04861), 3.1. Departures: no activation between them, as Chollet 2017, Xception (arXiv 1610.02357), 4.7,
/// found better; a block that changes the width halves the map by its largest values; further ones add what they find to their input (He et al. 2016) and at first find nothing
/// (scale 0, Goyal et al. 2017, 5.1); filters start near the identity.
/// </remarks>
public sealed class SeparableNet : Layer
{
    private readonly Conv2d stem;
    private readonly Sequential blocks;

    /// <param name="channels">1 or 3.</param>
    /// <param name="widths">Channels of the stages, each of half the side of the one before.</param>
    /// <param name="depths">How many blocks of a stage add to their input, behind the one that halves the map.</param>
    public SeparableNet(int channels, IReadOnlyList<int> widths, IReadOnlyList<int> depths)
    {
        stem = Add("stem", AirbenchNet.WhiteningStem(channels));
        blocks = Add("blocks", new Sequential([.. widths.Prepend(AirbenchNet.StemWidth(channels)).Zip(widths, depths).SelectMany(stage => Stage(stage.First, stage.Second, stage.Third))]));
        Features = widths[^1];
    }

    /// <summary>Width of the embedding: that of the last stage.</summary>
    public int Features { get; }

    protected override Tensor Forward(Tensor images)                              // [N, C, S, S]
    {
        Tensor x = blocks[stem[images].Relu_()];                                  // [N, 8C, S-1, S-1] to [N, w3, (S-1)/8, (S-1)/8], rounded down
        int side = (int)x.Shape[2];
        return x.MaxPool2d(side, side).Flatten();                                 // [N, w3]
    }

    private static IEnumerable<SeparableBlock> Stage(int inputs, int outputs, int depth) =>
        Enumerable.Range(0, depth + 1).Select(i => new SeparableBlock(i == 0 ? inputs : outputs, outputs, adds: i > 0));
}

/// <summary>A filter for each channel, the channels mixed; then either halving, normalisation, ReLU, or normalisation, the input added, ReLU.</summary>
public sealed class SeparableBlock : Layer
{
    private const double Noise = 0.15;
    private readonly Conv2d filter, mix;
    private readonly BatchNorm2d filterNorm, norm;
    private readonly bool adds;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out; as many where the block adds to its input.</param>
    /// <param name="adds">Whether it adds to its input; else it halves the map.</param>
    public SeparableBlock(int inputs, int outputs, bool adds)
    {
        this.adds = adds;
        filter = Add("filter", new Conv2d(inputs, inputs, 3, padding: 1, groups: inputs, bias: false));
        filterNorm = Add("filterNorm", new BatchNorm2d(inputs));
        mix = Add("mix", new Conv2d(inputs, outputs, 1, bias: false));
        norm = Add("norm", new BatchNorm2d(outputs, startsAtZero: adds));
        Initialization.NearIdentity(filter.Weight, Noise);
        Initialization.PartialIdentity(mix.Weight);
    }

    protected override Tensor Forward(Tensor input)                               // [N, I, H, W]
    {
        Tensor x = mix[filterNorm[filter[input]]];                                // [N, O, H, W]
        return adds ? (norm[x] + input).Relu_() : norm[x.MaxPool2d(2, 2)].Relu_();  // [N, O, H, W] or [N, O, H/2, W/2]
    }
}

/// <summary><see cref="SeparableNet"/>.</summary>
/// <param name="Widths">Channels of the three stages; none means 64, 128, 256.</param>
/// <param name="Depths">Blocks of each stage that add to their input; none means 2, 3, 3.</param>
public sealed record SeparableSpec(int[]? Widths = null, int[]? Depths = null) : ModelSpec
{
    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (input.Height != input.Width || input.Height < 16) yield return $"type: this network needs square pictures of at least 16x16; got {input.Height}x{input.Width}";
        if (Widths is { } widths && (widths.Length != 3 || widths.Any(width => width is < 1 or > 4096))) yield return $"widths: must be three numbers in 1..4096; got {string.Join(", ", widths)}";
        if (Depths is { } depths && (depths.Length != 3 || depths.Any(depth => depth is < 0 or > 100))) yield return $"depths: must be three numbers in 0..100; got {string.Join(", ", depths)}";
    }

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        var backbone = new SeparableNet(input.Channels, Widths ?? [64, 128, 256], Depths ?? [2, 3, 3]);
        return (backbone, backbone.Features);
    }
}
