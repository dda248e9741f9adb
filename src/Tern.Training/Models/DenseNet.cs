using System.Text.RegularExpressions;
using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A network whose layers read all maps before them in their block: 7x7 stem and pool, four dense blocks with halving transitions, normalisation, ReLU.</summary>
/// <remarks>
/// Huang, Liu, van der Maaten and Weinberger, CVPR 2017, table 1: DenseNet-121 (bottlenecks and compression, growth 32), as torchvision's densenet121. It has
/// torchvision's state-dict names (features.conv0, features.denseblock1.denselayer1.norm1, ...) and He's normal start (fan-in); weights load with
/// <c>"into": "backbone", "ignore": ["classifier"]</c>, under the names of today or those of the files that torchvision publishes (denselayer1.norm.1), as there. Strides
/// of 2: conv0, pool0 and the pools of the three transitions. Last stride A is that of transition3.pool, B that of
/// transition2.pool; the pool keeps its window of 2, so the map loses one row and column there. Departures: no last layer of 1,000 classes;
/// a width that scales the growth and with it every layer.
/// </remarks>
public sealed partial class DenseNet : ConvolutionalNet
{
    private const int PublishedGrowth = 32;
    private static readonly int[] Blocks = [6, 12, 24, 16];
    private readonly NamedSequence features;

    /// <param name="channels">1 or 3.</param>
    /// <param name="lastStride">Which stride is left out.</param>
    /// <param name="scale">Factor on the growth of 32.</param>
    public DenseNet(int channels, LastStride lastStride = LastStride.Kept, double scale = 1)
    {
        int growth = (int)Math.Round(PublishedGrowth * scale);
        int without = lastStride switch { LastStride.A => 2, LastStride.B => 1, _ => -1 };
        int width = 2 * growth;
        List<(string, Layer)> layers =
        [
            ("conv0", new Conv2d(channels, width, 7, stride: 2, padding: 3, bias: false)), ("norm0", new BatchNorm2d(width)), ("relu0", FunctionLayer.Relu()),
            ("pool0", new FunctionLayer(x => x.MaxPool2d(3, 2, padding: 1))),
        ];
        for (int block = 0; block < Blocks.Length; block++)
        {
            layers.Add(($"denseblock{block + 1}", new DenseBlock(Blocks[block], width, growth)));
            width += Blocks[block] * growth;
            if (block == Blocks.Length - 1) break;
            layers.Add(($"transition{block + 1}", Transition(width, stride: block == without ? 1 : 2)));
            width /= 2;
        }
        layers.Add(("norm5", new BatchNorm2d(width)));
        features = Add("features", new NamedSequence([.. layers]));
        Features = width;
        Initialization.HeNormal(this, fanIn: true);
    }

    /// <summary>1,024 at a scale of 1.</summary>
    public override int Features { get; }

    protected override Tensor MapOf(Tensor images) => features[images].Relu_();           // [N, C, H, W] to [N, 1024, H/32, W/32]

    /// <summary>The name of today for one of a published file: denselayer1.norm1 for denselayer1.norm.1; any other stays as it is.</summary>
    internal static string NameOfToday(string name) => PublishedName().Replace(name, "$1$2");

    /// <summary>torchvision's <c>_load_state_dict</c>.</summary>
    [GeneratedRegex(@"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var))\z")]
    private static partial Regex PublishedName();

    /// <summary>Normalisation, ReLU, 1x1 down to half of the channels, the mean of 2x2.</summary>
    private static NamedSequence Transition(int width, int stride) => new(
        ("norm", new BatchNorm2d(width)), ("relu", FunctionLayer.Relu()), ("conv", new Conv2d(width, width / 2, 1, bias: false)),
        ("pool", new FunctionLayer(x => x.AveragePool2d(2, stride))));
}

/// <summary>Dense layers: each adds <c>growth</c> channels to those it was given, and the next reads them all.</summary>
internal sealed class DenseBlock : Layer
{
    private readonly DenseLayer[] layers;

    internal DenseBlock(int count, int inputs, int growth) =>
        layers = [.. Enumerable.Range(0, count).Select(i => Add($"denselayer{i + 1}", new DenseLayer(inputs + i * growth, growth)))];

    protected override Tensor Forward(Tensor input) =>
        layers.Aggregate(input, (x, layer) => Tensor.Concatenate([x, layer[x]], dimension: 1));    // [N, inputs + count * growth, H, W]
}

/// <summary>Normalisation, ReLU, 1x1 to four times the growth; normalisation, ReLU, 3x3 to the growth.</summary>
internal sealed class DenseLayer : Layer
{
    private readonly BatchNorm2d norm1, norm2;
    private readonly Conv2d conv1, conv2;

    internal DenseLayer(int inputs, int growth)
    {
        norm1 = Add("norm1", new BatchNorm2d(inputs));
        conv1 = Add("conv1", new Conv2d(inputs, 4 * growth, 1, bias: false));
        norm2 = Add("norm2", new BatchNorm2d(4 * growth));
        conv2 = Add("conv2", new Conv2d(4 * growth, growth, 3, padding: 1, bias: false));
    }

    protected override Tensor Forward(Tensor input) => conv2[norm2[conv1[norm1[input].Relu_()]].Relu_()];
}

/// <summary><see cref="DenseNet"/>.</summary>
/// <param name="LastStride">a: transition3.pool has stride 1; b: transition2.pool has.</param>
/// <param name="Width">Factor on the growth of 32 channels a layer, of which all others are multiples; 1 as published.</param>
public sealed record DenseNetSpec(LastStride LastStride = LastStride.Kept, double Width = 1) : ConvolutionalSpec, IScaledModel
{
    private const double Narrowest = 0.1, Widest = 4;

    int IScaledModel.WidthSteps => 100;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = width };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (Width is not (>= Narrowest and <= Widest)) yield return $"width: must lie in {Narrowest}..{Widest}; got {Width}";
        int smallest = LastStride == LastStride.B ? 21 : 29;                  // the last pool reads one full window: 29, 15, 8, 4, 2, 1
        if (Math.Min(input.Height, input.Width) < smallest)
            yield return $"type: denseNet needs pictures of at least {smallest}x{smallest}; got {input.Height}x{input.Width}";
    }

    public override ConvolutionalNet BuildNet(int channels) => new DenseNet(channels, LastStride, Width);
}
