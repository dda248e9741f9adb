using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>Inception-ResNet v1: a stem and 21 residual blocks of two or three branches, with two blocks between them that halve the map. The one of face recognition.</summary>
/// <remarks>
/// Szegedy, Ioffe, Vanhoucke and Alemi, AAAI 2017, with the channels and repeats of facenet (Sandberg), which face recognition uses. Names are facenet-pytorch's
/// (conv2d_1a.conv, repeat_1.0.branch0.conv, ...), so that its weights load with <c>"into": "backbone", "ignore": ["last_linear", "last_bn", "logits"]</c>. What halves the map does not
/// pad; the last block has no ReLU, so the map is negative in places. Convolutions start as PyTorch's, as there. Departure: a width that scales every number of channels.
/// </remarks>
public sealed class InceptionResNet : ConvolutionalNet
{
    private const int Multiple = 8;

    private readonly double width;
    private readonly Layer[] layers;

    /// <param name="channels">1 or 3.</param>
    /// <param name="width">Factor on numbers of channels, which are rounded to a multiple of 8.</param>
    /// <param name="lastStride">A: mixed_7a has stride 1, B: mixed_6a; neither pads, so that the last map of a picture of 160x160 is 3x3, with A 6x6, with B 7x7.</param>
    public InceptionResNet(int channels, double width = 1, LastStride lastStride = LastStride.Kept)
    {
        this.width = width;
        int stride6 = lastStride == LastStride.B ? 1 : 2, stride7 = lastStride == LastStride.A ? 1 : 2;
        int map1 = Scaled(256), map2 = Scaled(384) + Scaled(256) + map1, map3 = Scaled(384) + Scaled(256) + Scaled(256) + map2;   // 256, 896, 1792
        layers =
        [
            Add("conv2d_1a", new InceptionUnit(channels, Scaled(32), 3, stride: 2)),
            Add("conv2d_2a", new InceptionUnit(Scaled(32), Scaled(32), 3)),
            Add("conv2d_2b", Same(Scaled(32), Scaled(64), 3)),
            Add("maxpool_3a", new FunctionLayer(map => map.MaxPool2d(3, 2))),
            Add("conv2d_3b", Same(Scaled(64), Scaled(80), 1)),
            Add("conv2d_4a", new InceptionUnit(Scaled(80), Scaled(192), 3)),
            Add("conv2d_4b", new InceptionUnit(Scaled(192), map1, 3, stride: 2)),
            Add("repeat_1", Repeat(5, () => Block35(map1, Scaled(32)))),                                             // [N, 256, H/8, W/8], nearly
            Add("mixed_6a", Reduction6(map1, stride6)),
            Add("repeat_2", Repeat(10, () => Block17(map2, Scaled(128)))),                                           // [N, 896, H/16, W/16]
            Add("mixed_7a", Reduction7(map2, stride7)),
            Add("repeat_3", Repeat(5, () => Block8(map3, Scaled(192), relu: true))),                                 // [N, 1792, H/32, W/32]
            Add("block8", Block8(map3, Scaled(192), relu: false)),
        ];
        Features = map3;
    }

    /// <summary>1,792 at width 1.</summary>
    public override int Features { get; }

    protected override Tensor MapOf(Tensor images) => layers.Aggregate(images, (map, layer) => layer[map]);

    private int Scaled(int channels) => Math.Max(Multiple, Multiple * (int)Math.Round(channels * width / Multiple));

    private static Sequential Repeat(int times, Func<Layer> block) => new([.. Enumerable.Range(0, times).Select(_ => block())]);

    private static InceptionResidual Block35(int map, int width) => new(
        map, 3 * width, scale: 0.17, relu: true,
        [
            Same(map, width, 1),
            new Sequential(Same(map, width, 1), Same(width, width, 3)),
            new Sequential(Same(map, width, 1), Same(width, width, 3), Same(width, width, 3)),
        ]);

    private static InceptionResidual Block17(int map, int width) => new(
        map, 2 * width, scale: 0.10, relu: true,
        [Same(map, width, 1), new Sequential(Same(map, width, 1), Same(width, width, (1, 7)), Same(width, width, (7, 1)))]);

    private static InceptionResidual Block8(int map, int width, bool relu) => new(
        map, 2 * width, scale: 0.20, relu,
        [Same(map, width, 1), new Sequential(Same(map, width, 1), Same(width, width, (1, 3)), Same(width, width, (3, 1)))]);

    private Branches Reduction6(int map, int stride) => new(
        new InceptionUnit(map, Scaled(384), 3, stride),
        new Sequential(Same(map, Scaled(192), 1), Same(Scaled(192), Scaled(192), 3), new InceptionUnit(Scaled(192), Scaled(256), 3, stride)),
        new FunctionLayer(x => x.MaxPool2d(3, stride)));

    private Branches Reduction7(int map, int stride) => new(
        new Sequential(Same(map, Scaled(256), 1), new InceptionUnit(Scaled(256), Scaled(384), 3, stride)),
        new Sequential(Same(map, Scaled(256), 1), new InceptionUnit(Scaled(256), Scaled(256), 3, stride)),
        new Sequential(Same(map, Scaled(256), 1), Same(Scaled(256), Scaled(256), 3), new InceptionUnit(Scaled(256), Scaled(256), 3, stride)),
        new FunctionLayer(x => x.MaxPool2d(3, stride)));

    /// <summary>Padded so that the map keeps its size.</summary>
    private static InceptionUnit Same(int inputs, int outputs, Pair kernel) => new(inputs, outputs, kernel, padding: (kernel.Down / 2, kernel.Across / 2));
}

/// <summary>Convolution, batch normalisation, ReLU.</summary>
internal sealed class InceptionUnit : Layer
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d bn;

    public InceptionUnit(int inputs, int outputs, Pair kernel, int stride = 1, Pair padding = default)
    {
        conv = Add("conv", new Conv2d(inputs, outputs, kernel, stride, padding, bias: false));
        bn = Add("bn", new BatchNorm2d(outputs, epsilon: 1e-3));
    }

    protected override Tensor Forward(Tensor input) => bn.After(conv, input).Relu_();
}

/// <summary>relu(x + scale * conv2d(branches(x))): [N, C, H, W] to the same; without the ReLU where so asked.</summary>
internal sealed class InceptionResidual : Branches
{
    private readonly Conv2d conv2d;
    private readonly double scale;
    private readonly bool relu;

    /// <param name="map">C.</param>
    /// <param name="joined">Channels of the branches together.</param>
    /// <param name="scale">Of what is added.</param>
    /// <param name="relu">Whether one ends the block.</param>
    /// <param name="branches">Each [N, C, H, W] to its part of the joined channels.</param>
    public InceptionResidual(int map, int joined, double scale, bool relu, Layer[] branches) : base(branches)
    {
        (this.scale, this.relu) = (scale, relu);
        conv2d = Add("conv2d", new Conv2d(joined, map, 1));
    }

    protected override Tensor Forward(Tensor input)
    {
        Tensor sum = (conv2d[base.Forward(input)] * scale).Add_(input);
        return relu ? sum.Relu_() : sum;
    }
}

/// <summary><see cref="InceptionResNet"/>.</summary>
/// <param name="Width">Factor on the published numbers of channels, which are then rounded to a multiple of 8.</param>
/// <param name="LastStride">Which halving of the map is left out.</param>
public sealed record InceptionResNetSpec(double Width = 1, LastStride LastStride = LastStride.Kept) : ConvolutionalSpec, IScaledModel
{
    private const double Narrowest = 0.05, Widest = 4;

    int IScaledModel.WidthSteps => 100;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = width };

    /// <summary>Of a picture whose last map is a single pixel: unpadded convolutions and pools take a little off each side.</summary>
    private int SmallestSide => LastStride == LastStride.B ? 59 : 75;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Width is not (>= Narrowest and <= Widest)) yield return $"width: must lie in {Narrowest}..{Widest}; got {Width}";
        if (Math.Min(input.Height, input.Width) < SmallestSide)
            yield return $"type: inceptionResNet needs pictures of at least {SmallestSide}x{SmallestSide}; got {input.Height}x{input.Width}";
    }

    public override ConvolutionalNet BuildNet(int channels) => new InceptionResNet(channels, Width, LastStride);
}
