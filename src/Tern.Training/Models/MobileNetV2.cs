using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>Where the border of zeros lies that a 3x3 convolution of stride 2 reads.</summary>
public enum StridePadding
{
    /// <summary>One on every side, as torchvision.</summary>
    Symmetric,

    /// <summary>TensorFlow's SAME: one right of an even width and below an even height, one on both sides of an odd one.</summary>
    TensorFlow,
}

/// <summary>A network of depthwise convolutions between thin maps: stem, seventeen inverted residual blocks, a 1x1 convolution.</summary>
/// <remarks>
/// Sandler, Howard, Zhu, Zhmoginov and Chen, CVPR 2018, table 2, as torchvision's mobilenet_v2. It has torchvision's state-dict names (features.0.0,
/// features.1.conv.0.0, ...), widths and He's normal start (fan-out); weights load with <c>"into": "backbone", "ignore": ["classifier"]</c>. Strides of 2: features.0, .2,
/// .4, .7 and .14. Last stride A is that of features.14 (the first block of 160 channels), B that of features.7 (the first of 64); shortcuts stay where they are published.
/// Departures: <see cref="StridePadding.TensorFlow"/> for weights that were trained with it; no last layer of 1,000 classes.
/// </remarks>
public sealed class MobileNetV2 : ConvolutionalNet
{
    private static readonly (int Expansion, int Outputs, int Blocks, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly Sequential features;

    /// <param name="channels">1 or 3.</param>
    /// <param name="width">Factor on the channels of every layer.</param>
    /// <param name="padding">Of the convolutions of stride 2.</param>
    /// <param name="lastStride">Which stride is left out.</param>
    public MobileNetV2(int channels, double width = 1, StridePadding padding = StridePadding.Symmetric, LastStride lastStride = LastStride.Kept)
    {
        int without = lastStride switch { LastStride.A => 5, LastStride.B => 3, _ => -1 };
        int inputs = Divisible(32 * width);
        List<Layer> layers = [new ConvNormRelu6(channels, inputs, 3, stride: 2, padding)];
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            (int expansion, int published, int blocks, int stride) = Stages[stage];
            int outputs = Divisible(published * width);
            for (int block = 0; block < blocks; block++)
            {
                bool shortcut = inputs == outputs && (block > 0 || stride == 1);
                layers.Add(new InvertedResidual(inputs, outputs, expansion, block > 0 || stage == without ? 1 : stride, shortcut, padding));
                inputs = outputs;
            }
        }
        Features = Divisible(1280 * Math.Max(1, width));
        layers.Add(new ConvNormRelu6(inputs, Features, 1));
        features = Add("features", new Sequential([.. layers]));
        Initialization.HeNormal(this);
    }

    /// <summary>1,280, or more for widths above 1.</summary>
    public override int Features { get; }

    protected override Tensor MapOf(Tensor images) => features[images];       // [N, C, H, W] to [N, D, H/32, W/32], rounded up

    /// <summary>The nearest multiple of 8 that is at least 8 and not more than a tenth below.</summary>
    internal static int Divisible(double channels)
    {
        int rounded = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}

/// <summary>Convolution, normalisation, ReLU6; torchvision's Conv2dNormActivation.</summary>
internal sealed class ConvNormRelu6 : Layer
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d norm;
    private readonly bool bordered;

    internal ConvNormRelu6(int inputs, int outputs, int kernel, int stride = 1, StridePadding padding = StridePadding.Symmetric, int groups = 1)
    {
        bordered = stride == 2 && padding == StridePadding.TensorFlow;        // with stride 1 both are the same
        conv = Add("0", new Conv2d(inputs, outputs, kernel, stride, bordered ? 0 : kernel / 2, groups, bias: false));
        norm = Add("1", new BatchNorm2d(outputs));
    }

    protected override Tensor Forward(Tensor input) => norm.After(conv, bordered ? Border(input) : input).Relu6();

    /// <summary>Zeros for ceil(size / 2) windows of 3 with stride 2: one after an even size, one before and one after an odd one.</summary>
    private static Tensor Border(Tensor input) => input.Pad(left: input.Shape[3] % 2, right: 1, top: input.Shape[2] % 2, bottom: 1);
}

/// <summary>1x1 up to more channels, 3x3 on each channel alone, 1x1 down again without activation, and a shortcut where asked for.</summary>
internal sealed class InvertedResidual : Layer
{
    private readonly Sequential conv;
    private readonly bool shortcut;

    internal InvertedResidual(int inputs, int outputs, int expansion, int stride, bool shortcut, StridePadding padding)
    {
        this.shortcut = shortcut;
        int hidden = inputs * expansion;
        Layer[] expand = expansion == 1 ? [] : [new ConvNormRelu6(inputs, hidden, 1)];
        conv = Add("conv", new Sequential(
            [.. expand, new ConvNormRelu6(hidden, hidden, 3, stride, padding, groups: hidden), new Conv2d(hidden, outputs, 1, bias: false), new BatchNorm2d(outputs)]));
    }

    protected override Tensor Forward(Tensor input) => shortcut ? conv[input].Add_(input) : conv[input];
}

/// <summary><see cref="MobileNetV2"/>.</summary>
/// <param name="Width">Factor on the channels of every layer; 1 as published.</param>
/// <param name="Padding">symmetric as torchvision, or tensorFlow for weights that were trained with it.</param>
/// <param name="LastStride">a: features.14 has stride 1; b: features.7 has.</param>
public sealed record MobileNetV2Spec(double Width = 1, StridePadding Padding = StridePadding.Symmetric, LastStride LastStride = LastStride.Kept) : ConvolutionalSpec, IScaledModel
{
    private const int SmallestSide = 32;

    int IScaledModel.WidthSteps => 100;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = width };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Width is not (>= 0.1 and <= 4)) yield return $"width: must lie in 0.1..4; got {Width}";
        if (Math.Min(input.Height, input.Width) < SmallestSide)
            yield return $"type: mobileNetV2 needs pictures of at least {SmallestSide}x{SmallestSide}; got {input.Height}x{input.Width}";
    }

    public override ConvolutionalNet BuildNet(int channels) => new MobileNetV2(channels, Width, Padding, LastStride);
}
