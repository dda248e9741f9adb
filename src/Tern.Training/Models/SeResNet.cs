using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>ResNet-50 with squeeze and excitation: each block weighs the channels of what it adds by what they hold over the whole picture.</summary>
/// <remarks>
/// Hu, Shen and Sun, CVPR 2018: SE-ResNet-50, r = 16. Names and layout are those of the public weights that were converted from the authors' Caffe model
/// (Cadene's pretrained-models, se_resnet50: layer0.conv1, layer1.0.se_module.fc1, ...), which load with <c>"into": "backbone", "ignore": ["last_linear"]</c>. Caffe's layout is not
/// torchvision's: the stride of a stage stands on conv1 of its first block, a 1x1 convolution; the pool of layer0 has no padding and rounds up; shortcuts are 1x1
/// without padding. Convolutions, those of the excitation too, start from He's normal, fan out, as in <see cref="ResNet"/>.
/// </remarks>
public sealed class SeResNet : ConvolutionalNet
{
    private static readonly int[] Blocks = [3, 4, 6, 3];

    private readonly SeStem layer0;
    private readonly Sequential[] stages = new Sequential[4];

    /// <param name="channels">1 or 3.</param>
    /// <param name="lastStride">A: layer4 has stride 1, B: layer3.</param>
    public SeResNet(int channels, LastStride lastStride = LastStride.Kept)
    {
        int[] strides = [1, 2, lastStride == LastStride.B ? 1 : 2, lastStride == LastStride.A ? 1 : 2];
        layer0 = Add("layer0", new SeStem(channels));
        for (int stage = 0; stage < 4; stage++)
            stages[stage] = Add($"layer{stage + 1}", Stage(Blocks[stage], stage == 0 ? 64 : 128 << stage, 256 << stage, strides[stage]));
        Initialization.HeNormal(this);
    }

    /// <summary>2,048.</summary>
    public override int Features => 256 << 3;

    protected override Tensor MapOf(Tensor images) =>                          // [N, C, H, W]
        stages.Aggregate(layer0[images], (map, stage) => stage[map]);          // [N, 64, H/4, W/4] to [N, 2048, H/32, W/32]

    private static Sequential Stage(int blocks, int inputs, int outputs, int stride) => new(
        [.. Enumerable.Range(0, blocks).Select(i => new SeBottleneck(i == 0 ? inputs : outputs, outputs, i == 0 ? stride : 1))]);
}

/// <summary>7x7 convolution and pool, which leave a quarter of each side.</summary>
internal sealed class SeStem : Layer
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;

    public SeStem(int channels)
    {
        conv1 = Add("conv1", new Conv2d(channels, 64, 7, stride: 2, padding: 3, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(64));
    }

    protected override Tensor Forward(Tensor images) => bn1.After(conv1, images).Relu_().MaxPool2d(3, 2, ceiling: true);
}

/// <summary>1x1 down to a quarter of the channels, 3x3, 1x1 up again, squeeze and excitation, and a shortcut; the stride is that of the first convolution.</summary>
internal sealed class SeBottleneck : Layer
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly SqueezeExcitation excitation;
    private readonly Sequential? downsample;

    public SeBottleneck(int inputs, int outputs, int stride)
    {
        int width = outputs / 4;
        conv1 = Add("conv1", new Conv2d(inputs, width, 1, stride, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(width));
        conv2 = Add("conv2", new Conv2d(width, width, 3, padding: 1, bias: false));
        bn2 = Add("bn2", new BatchNorm2d(width));
        conv3 = Add("conv3", new Conv2d(width, outputs, 1, bias: false));
        bn3 = Add("bn3", new BatchNorm2d(outputs));
        excitation = Add("se_module", new SqueezeExcitation(outputs));
        if (ResidualStage.Projection(inputs, outputs, stride) is { } projection) downsample = Add("downsample", projection);
    }

    protected override Tensor Forward(Tensor input)                            // [N, I, H, W]
    {
        Tensor x = bn2.After(conv2, bn1.After(conv1, input).Relu_()).Relu_();   // [N, O/4, H/s, W/s]
        x = excitation[bn3.After(conv3, x)];                                    // [N, O, H/s, W/s]
        return x.Add_(downsample is null ? input : downsample[input]).Relu_();
    }
}

/// <summary>x times sigmoid(W2 relu(W1 mean(x))), a factor for each channel: [N, C, H, W] to the same.</summary>
/// <remarks>Hu, Shen and Sun, CVPR 2018, equations 2 to 4. W1 and W2, [C/16, C] and [C, C/16], are 1x1 convolutions with a bias, as in the authors' model.</remarks>
internal sealed class SqueezeExcitation : Layer
{
    private const int Reduction = 16;

    private readonly Conv2d fc1, fc2;

    public SqueezeExcitation(int channels)
    {
        fc1 = Add("fc1", new Conv2d(channels, channels / Reduction, 1));
        fc2 = Add("fc2", new Conv2d(channels / Reduction, channels, 1));
    }

    protected override Tensor Forward(Tensor input) => input * fc2[fc1[input.GlobalAveragePool()].Relu_()].Sigmoid();
}

/// <summary><see cref="SeResNet"/>.</summary>
/// <param name="LastStride">Which halving of the map is left out.</param>
public sealed record SeResNetSpec(LastStride LastStride = LastStride.Kept) : ConvolutionalSpec
{
    private const int SmallestSide = 32;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Math.Min(input.Height, input.Width) < SmallestSide)
            yield return $"type: seResNet needs pictures of at least {SmallestSide}x{SmallestSide} and is made for larger ones; got {input.Height}x{input.Width}; take cifarResNet";
    }

    public override ConvolutionalNet BuildNet(int channels) => new SeResNet(channels, LastStride);
}
