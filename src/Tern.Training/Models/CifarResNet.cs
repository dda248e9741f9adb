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
        Tensor x = bn1[conv1[images]].Relu_();                                // [N, w, H, W]
        foreach (Sequential stage in stages) x = stage[x];                    // [N, 4w, H/4, W/4]
        return x.GlobalAveragePool().Flatten();                               // [N, 4w]
    }
}
