using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>The residual network for large pictures: 7x7 stem and pool that leave a quarter of each side, four stages, the mean over the map.</summary>
/// <remarks>
/// He, Zhang, Ren and Sun, CVPR 2016, table 1: ResNet-18, -34, -50 and -101. State-dict names are torchvision's (conv1, layer1.0.conv1, ...), so that its weights load
/// with <c>"into": "backbone", "ignore": ["fc"]</c>. Last stride A is that of layer4.0, B that of layer3.0, on its shortcut too. Departures: torchvision's, see
/// <see cref="Bottleneck"/>; no last layer of 1,000 classes.
/// </remarks>
public sealed class ResNet : ConvolutionalNet
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential[] stages = new Sequential[4];

    /// <param name="channels">1 or 3.</param>
    /// <param name="depth">18, 34, 50 or 101.</param>
    /// <param name="lastStride">Which stride is left out.</param>
    public ResNet(int channels, int depth, LastStride lastStride = LastStride.Kept)
    {
        bool bottleneck = depth >= 50;
        int[] blocks = depth switch { 18 => [2, 2, 2, 2], 101 => [3, 4, 23, 3], _ => [3, 4, 6, 3] };
        int without = lastStride switch { LastStride.A => 3, LastStride.B => 2, _ => 0 };   // layer1 has no stride
        conv1 = Add("conv1", new Conv2d(channels, 64, 7, stride: 2, padding: 3, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(64));
        int inputs = 64;
        for (int stage = 0; stage < 4; stage++)
        {
            int outputs = (bottleneck ? 256 : 64) << stage;
            stages[stage] = Add($"layer{stage + 1}", ResidualStage.Of(blocks[stage], inputs, outputs, stride: stage == 0 || stage == without ? 1 : 2, bottleneck));
            inputs = outputs;
        }
        Features = inputs;
        Initialization.HeNormal(this);
    }

    /// <summary>512, or 2,048 for ResNet-50 and -101.</summary>
    public override int Features { get; }

    protected override Tensor MapOf(Tensor images)                            // [N, C, H, W]
    {
        Tensor x = bn1.After(conv1, images).Relu_().MaxPool2d(3, 2, padding: 1);  // [N, 64, H/4, W/4]
        return stages.Aggregate(x, (map, stage) => stage[map]);               // [N, D, H/32, W/32]
    }
}

/// <summary><see cref="ResNet"/>.</summary>
/// <param name="Depth">18, 34, 50 or 101.</param>
/// <param name="LastStride">a: layer4.0 has stride 1; b: layer3.0 has. Not written where kept: networks trained before there was a choice are not trained again.</param>
public sealed record ResNetSpec(
    int Depth = 18, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LastStride LastStride = LastStride.Kept) : ConvolutionalSpec
{
    private const int SmallestSide = 32;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Depth is not (18 or 34 or 50 or 101)) yield return $"depth: must be 18, 34, 50 or 101; got {Depth}";
        if (Math.Min(input.Height, input.Width) < SmallestSide)
            yield return $"type: resNet needs pictures of at least {SmallestSide}x{SmallestSide} and is made for larger ones; got {input.Height}x{input.Width}; take cifarResNet";
    }

    public override ConvolutionalNet BuildNet(int channels) => new ResNet(channels, Depth, LastStride);
}
