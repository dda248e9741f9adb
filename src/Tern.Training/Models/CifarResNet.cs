using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>The residual network for small pictures: a 3x3 stem and stages that each halve the map, then the mean over it.</summary>
/// <remarks>
/// He, Zhang, Ren and Sun, CVPR 2016, section 4.2: three stages of n blocks and widths w, 2w, 4w, depth 6n + 2, w = 16. State-dict names follow torchvision
/// (layer1.0.conv1, ...). Departures: projection shortcuts (option B) where the size changes, as torchvision does; convolutions start from He's normal, fan out;
/// widths and numbers of blocks may be given stage by stage.
/// </remarks>
public sealed class CifarResNet : Layer
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential[] stages;

    /// <param name="channels">1 or 3.</param>
    /// <param name="widths">Channels of each stage; the stem has those of the first.</param>
    /// <param name="blocks">Blocks of each stage.</param>
    /// <param name="stemStride">1 as published; 2 works on a quarter of the pixels throughout, for a quarter of the cost.</param>
    public CifarResNet(int channels, int[] widths, int[] blocks, int stemStride)
    {
        conv1 = Add("conv1", new Conv2d(channels, widths[0], 3, stemStride, padding: 1, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(widths[0]));
        stages = new Sequential[widths.Length];
        for (int stage = 0; stage < stages.Length; stage++)
            stages[stage] = Add($"layer{stage + 1}", ResidualStage.Of(blocks[stage], widths[Math.Max(0, stage - 1)], widths[stage], stride: stage == 0 ? 1 : 2));
        Features = widths[^1];
        Initialization.HeNormal(this);
    }

    /// <summary>Width of the embedding: that of the last stage.</summary>
    public int Features { get; }

    protected override Tensor Forward(Tensor images)                          // [N, C, H, W]
    {
        Tensor x = bn1.After(conv1, images).Relu_();                          // [N, w, H, W]
        foreach (Sequential stage in stages) x = stage[x];                    // [N, 4w, H/4, W/4]
        return x.GlobalAveragePool().Flatten();                               // [N, 4w]
    }
}

/// <summary><see cref="CifarResNet"/>.</summary>
/// <param name="Depth">6n + 2: n blocks in each of three stages.</param>
/// <param name="Width">Channels of the first stage, doubled by each of the next two.</param>
/// <param name="StemStride">1 or 2.</param>
/// <param name="Widths">Channels of each stage, in place of <paramref name="Width"/>.</param>
/// <param name="Blocks">Blocks of each stage, in place of <paramref name="Depth"/>.</param>
public sealed record CifarResNetSpec(
    int Depth = 20, int Width = 16, int StemStride = 1,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? Widths = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? Blocks = null) : ModelSpec, IScaledModel
{
    private const int MostStages = 5;

    int IScaledModel.WidthSteps => 1;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = (int)width, Widths = null };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (Depth < 8 || (Depth - 2) % 6 != 0) yield return $"depth: must be 6n + 2 (20, 32, 44, 56, ...); got {Depth}";
        if (Width is < 1 or > 1024) yield return $"width: must lie in 1..1024; got {Width}";
        if (StemStride is not (1 or 2)) yield return $"stemStride: must be 1 or 2; got {StemStride}";
        if (Widths is { } widths && (widths.Length is 0 or > MostStages || widths.Any(width => width is < 1 or > 4096)))
            yield return $"widths: must be 1 to {MostStages} numbers of channels, each in 1..4096; got [{string.Join(", ", widths)}]";
        if (Blocks is { } blocks && (blocks.Length != StageWidths.Length || blocks.Any(count => count is < 1 or > 100)))
            yield return $"blocks: must be a number in 1..100 for each stage ({StageWidths.Length}); got [{string.Join(", ", blocks)}]";
    }

    private int[] StageWidths => Widths ?? [Width, 2 * Width, 4 * Width];

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        int[] blocks = Blocks ?? [.. StageWidths.Select(_ => (Depth - 2) / 6)];
        var backbone = new CifarResNet(input.Channels, StageWidths, blocks, StemStride);
        return (backbone, backbone.Features);
    }
}
