using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A network of few weights and no normalisation: 3x3 stem, eight fire modules, three pools between them.</summary>
/// <remarks>
/// Iandola et al. 2016, arXiv 1602.07360, in the authors' version 1.1, as torchvision's squeezenet1_1. It has torchvision's state-dict names (features.0,
/// features.3.squeeze, ...) and start (He's uniform, fan-in; biases 0); weights load with <c>"into": "backbone", "ignore": ["classifier"]</c>. Strides of 2: features.0 and
/// the pools features.2, .5 and .8. Last stride A is that of the pool features.8, B that of features.5; the pool keeps its window of 3, so the map loses two rows and
/// columns there. Departures: no last convolution of 1,000 classes, the mean is over what it would read; a width that scales every number of channels.
/// </remarks>
public sealed class SqueezeNet : ConvolutionalNet
{
    private readonly Sequential features;

    /// <param name="channels">1 or 3.</param>
    /// <param name="lastStride">Which stride is left out.</param>
    /// <param name="width">Factor on the channels of every layer.</param>
    public SqueezeNet(int channels, LastStride lastStride = LastStride.Kept, double width = 1)
    {
        int inputs = Scaled(64, width);
        Fire Next(int squeezed, int expanded)
        {
            var fire = new Fire(inputs, Scaled(squeezed, width), Scaled(expanded, width));
            inputs = 2 * Scaled(expanded, width);
            return fire;
        }
        features = Add("features", new Sequential(
            new Conv2d(channels, inputs, 3, stride: 2), FunctionLayer.Relu(), Pool(2),
            Next(16, 64), Next(16, 64), Pool(lastStride == LastStride.B ? 1 : 2),
            Next(32, 128), Next(32, 128), Pool(lastStride == LastStride.A ? 1 : 2),
            Next(48, 192), Next(48, 192), Next(64, 256), Next(64, 256)));
        Features = inputs;
        Initialization.HeUniform(this);
    }

    /// <summary>512 at width 1.</summary>
    public override int Features { get; }

    protected override Tensor MapOf(Tensor images) => features[images];       // [N, C, H, W] to [N, 512, h, w], h about H/16

    private static int Scaled(int channels, double width) => Math.Max(1, (int)Math.Round(channels * width));

    /// <summary>Rounds up: a last window may reach past the edge.</summary>
    private static FunctionLayer Pool(int stride) => new(x => x.MaxPool2d(3, stride, ceiling: true));
}

/// <summary>1x1 down to few channels, then 1x1 and 3x3 side by side up to many.</summary>
internal sealed class Fire : Layer
{
    private readonly Conv2d squeeze, expand1x1, expand3x3;

    internal Fire(int inputs, int squeezed, int expanded)
    {
        squeeze = Add("squeeze", new Conv2d(inputs, squeezed, 1));
        expand1x1 = Add("expand1x1", new Conv2d(squeezed, expanded, 1));
        expand3x3 = Add("expand3x3", new Conv2d(squeezed, expanded, 3, padding: 1));
    }

    protected override Tensor Forward(Tensor input)
    {
        Tensor x = squeeze[input].Relu_();                                                        // [N, squeezed, H, W]
        return Tensor.Concatenate([expand1x1[x].Relu_(), expand3x3[x].Relu_()], dimension: 1);    // [N, 2 expanded, H, W]
    }
}

/// <summary><see cref="SqueezeNet"/>.</summary>
/// <param name="LastStride">a: the pool features.8 has stride 1; b: the pool features.5 has.</param>
/// <param name="Width">Factor on the channels of every layer; 1 as published.</param>
public sealed record SqueezeNetSpec(LastStride LastStride = LastStride.Kept, double Width = 1) : ConvolutionalSpec, IScaledModel
{
    private const double Narrowest = 0.1, Widest = 4;

    int IScaledModel.WidthSteps => 100;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = width };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Width is not (>= Narrowest and <= Widest)) yield return $"width: must lie in {Narrowest}..{Widest}; got {Width}";
        int smallest = LastStride == LastStride.B ? 21 : 25;                  // every pool reads one full window: 25, 12, 6, 3, 1
        if (Math.Min(input.Height, input.Width) < smallest)
            yield return $"type: squeezeNet needs pictures of at least {smallest}x{smallest}; got {input.Height}x{input.Width}";
    }

    public override ConvolutionalNet BuildNet(int channels) => new SqueezeNet(channels, LastStride, Width);
}
