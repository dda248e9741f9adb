using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A network whose blocks work on half of the channels and then mix the halves: stem and pool, three stages, a 1x1 convolution.</summary>
/// <remarks>
/// Ma, Zhang, Zheng and Sun, ECCV 2018, table 5, as torchvision's shufflenet_v2_x0_5 and shufflenet_v2_x1_0. It has torchvision's state-dict names (conv1.0,
/// stage2.0.branch1.0, ...) and start (PyTorch's own, uniform within 1 / sqrt(fan-in)); weights load with <c>"into": "backbone", "ignore": ["fc"]</c>. Strides of 2: conv1,
/// the pool after it and the first block of each stage. Last stride A is that of stage4.0, B that of stage3.0, in both branches. Departures: no last layer of 1,000 classes;
/// widths between and beyond those two.
/// </remarks>
public sealed class ShuffleNetV2 : ConvolutionalNet
{
    private readonly Sequential conv1, conv5;
    private readonly Sequential[] stages = new Sequential[3];

    /// <param name="channels">1 or 3.</param>
    /// <param name="width">0.5 and 1 as published: the channels of the stages. Others lie on straight lines through these two.</param>
    /// <param name="lastStride">Which stride is left out.</param>
    public ShuffleNetV2(int channels, double width = 1, LastStride lastStride = LastStride.Kept)
    {
        int half = (int)Math.Round(width <= 0.5 ? 48 * width : width <= 1 ? 24 + 68 * (width - 0.5) : 58 * width);      // a branch of stage2: 24 at 0.5, 58 at 1
        int[] widths = [2 * half, 4 * half, 8 * half], blocks = [4, 8, 4];
        int without = lastStride switch { LastStride.A => 2, LastStride.B => 1, _ => -1 };
        int inputs = 24;
        conv1 = Add("conv1", new Sequential(new Conv2d(channels, inputs, 3, stride: 2, padding: 1, bias: false), new BatchNorm2d(inputs), FunctionLayer.Relu()));
        for (int stage = 0; stage < stages.Length; stage++)
        {
            (int first, int outputs, int stride) = (inputs, widths[stage], stage == without ? 1 : 2);
            stages[stage] = Add($"stage{stage + 2}", new Sequential(
                [new ShuffleBlock(first, outputs, stride), .. Enumerable.Range(1, blocks[stage] - 1).Select(_ => new ShuffleBlock(outputs, outputs, stride: 1))]));
            inputs = outputs;
        }
        conv5 = Add("conv5", new Sequential(new Conv2d(inputs, Features, 1, bias: false), new BatchNorm2d(Features), FunctionLayer.Relu()));
    }

    /// <summary>1,024.</summary>
    public override int Features => 1024;

    protected override Tensor MapOf(Tensor images)                                        // [N, C, H, W]
    {
        Tensor x = conv1[images].MaxPool2d(3, 2, padding: 1);                             // [N, 24, H/4, W/4]
        return conv5[stages.Aggregate(x, (map, stage) => stage[map])];                    // [N, 1024, H/32, W/32]
    }
}

/// <summary>Half of the channels pass, half go through 1x1, 3x3 on each channel alone and 1x1; or, where their number or the size of the map changes, all go through both branches.</summary>
internal sealed class ShuffleBlock : Layer
{
    private readonly Sequential? branch1;
    private readonly Sequential branch2;
    private readonly int half;

    internal ShuffleBlock(int inputs, int outputs, int stride)
    {
        half = outputs / 2;
        bool whole = inputs != outputs || stride != 1;
        if (whole)
        {
            branch1 = Add("branch1", new Sequential(
                Depthwise(inputs, stride), new BatchNorm2d(inputs), new Conv2d(inputs, half, 1, bias: false), new BatchNorm2d(half), FunctionLayer.Relu()));
        }
        branch2 = Add("branch2", new Sequential(
            new Conv2d(whole ? inputs : half, half, 1, bias: false), new BatchNorm2d(half), FunctionLayer.Relu(), Depthwise(half, stride), new BatchNorm2d(half),
            new Conv2d(half, half, 1, bias: false), new BatchNorm2d(half), FunctionLayer.Relu()));
    }

    protected override Tensor Forward(Tensor input)
    {
        (Tensor left, Tensor right) = branch1 is null ? (input.Narrow(1, 0, half), branch2[input.Narrow(1, half, half)]) : (branch1[input], branch2[input]);
        return Shuffle(Tensor.Concatenate([left, right], dimension: 1));                  // [N, outputs, H / stride, W / stride]
    }

    /// <summary>Channels a1 a2 ... b1 b2 ... become a1 b1 a2 b2 ..., so that the next block's halves see both branches.</summary>
    private static Tensor Shuffle(Tensor x)
    {
        (long channels, long height, long width) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        return x.Reshape(-1, 2, channels / 2, height, width).Permute(0, 2, 1, 3, 4).Reshape(-1, channels, height, width);
    }

    private static Conv2d Depthwise(int channels, int stride) => new(channels, channels, 3, stride, padding: 1, groups: channels, bias: false);
}

/// <summary><see cref="ShuffleNetV2"/>.</summary>
/// <param name="Width">0.5 or 1: torchvision's x0_5 and x1_0; others are ours.</param>
/// <param name="LastStride">a: stage4.0 has stride 1; b: stage3.0 has.</param>
public sealed record ShuffleNetV2Spec(double Width = 1, LastStride LastStride = LastStride.Kept) : ConvolutionalSpec, IScaledModel
{
    private const int SmallestSide = 32;
    private const double Narrowest = 0.1, Widest = 4;

    int IScaledModel.WidthSteps => 100;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = width };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Width is not (>= Narrowest and <= Widest)) yield return $"width: must lie in {Narrowest}..{Widest}; got {Width}";
        if (Math.Min(input.Height, input.Width) < SmallestSide)
            yield return $"type: shuffleNetV2 needs pictures of at least {SmallestSide}x{SmallestSide}; got {input.Height}x{input.Width}";
    }

    public override ConvolutionalNet BuildNet(int channels) => new ShuffleNetV2(channels, Width, LastStride);
}
