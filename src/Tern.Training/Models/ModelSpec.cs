using System.Text.Json.Serialization;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>The shape of a network's input.</summary>
public readonly record struct ImageShape(int Height, int Width, int Channels)
{
    /// <summary>Bytes of a picture.</summary>
    public int Bytes => Height * Width * Channels;

    /// <inheritdoc/>
    public override string ToString() => $"{Height}x{Width}x{Channels}";
}

/// <summary>A model as a recipe names it: the parameters, from which the network is built.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(DshSpec), "dsh")]
[JsonDerivedType(typeof(CifarResNetSpec), "cifarResNet")]
[JsonDerivedType(typeof(ResNetSpec), "resNet")]
[JsonDerivedType(typeof(MobileNetV2Spec), "mobileNetV2")]
[JsonDerivedType(typeof(SqueezeNetSpec), "squeezeNet")]
[JsonDerivedType(typeof(ShuffleNetV2Spec), "shuffleNetV2")]
[JsonDerivedType(typeof(DenseNetSpec), "denseNet")]
[JsonDerivedType(typeof(SeResNetSpec), "seResNet")]
[JsonDerivedType(typeof(BnInceptionSpec), "bnInception")]
[JsonDerivedType(typeof(InceptionResNetSpec), "inceptionResNet")]
[JsonDerivedType(typeof(AirbenchSpec), "airbench")]
[JsonDerivedType(typeof(CgdSpec), "cgd")]
[JsonDerivedType(typeof(FaceResNetSpec), "faceResNet")]
public abstract record ModelSpec
{
    /// <summary>Layers that quantisation takes when a recipe names none: the fully connected ones before the classifier.</summary>
    [JsonIgnore]
    public virtual string[] FullyConnected => ["hash"];

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems(ImageShape input) => [];

    /// <summary>Whether one network takes pictures of every size that the model takes.</summary>
    [JsonIgnore]
    public virtual bool TakesAnySize => true;

    /// <summary>Whether the classifier looks at the code, as some objectives of codes need.</summary>
    [JsonIgnore]
    public virtual bool ClassifiesCodes => true;

    /// <summary>A fresh network, drawn from libtorch's random state.</summary>
    public virtual HashingNetwork Build(ImageShape input, int bits, int classes)
    {
        (Layer backbone, int features) = BuildBackbone(input);
        return new CodeNetwork(backbone, features, bits, classes);
    }

    /// <summary>The part before the hash layer and the width of its output.</summary>
    protected abstract (Layer Backbone, int Features) BuildBackbone(ImageShape input);
}

/// <summary>A model whose backbone ends in a feature map; used alone, its embedding is the mean over that map.</summary>
public abstract record ConvolutionalSpec : ModelSpec
{
    /// <summary>A fresh network for pictures of so many channels, drawn from libtorch's random state.</summary>
    public abstract ConvolutionalNet BuildNet(int channels);

    protected sealed override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        ConvolutionalNet net = BuildNet(input.Channels);
        return (net, net.Features);
    }
}

/// <summary><see cref="DshBackbone"/>.</summary>
public sealed record DshSpec(Normalization Normalization = Normalization.Batch) : ModelSpec
{
    public override string[] FullyConnected => ["backbone.fc1", "hash"];

    [JsonIgnore]
    public override bool TakesAnySize => false;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (Math.Min(input.Height, input.Width) < 16) yield return $"type: the DSH network needs pictures of at least 16x16; got {input.Height}x{input.Width}";
    }

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input) =>
        (new DshBackbone(input.Channels, input.Height, input.Width, Normalization), DshBackbone.Features);
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

/// <summary><see cref="ResNet"/>.</summary>
/// <param name="Depth">18, 34, 50 or 101.</param>
/// <param name="LastStride">a: layer4.0 has stride 1; b: layer3.0 has. Not written where kept: networks trained before there was a choice are not trained again.</param>
public sealed record ResNetSpec(
    int Depth = 18, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LastStride LastStride = LastStride.Kept) : ConvolutionalSpec
{
    private const int SmallestSide = 32;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (Depth is not (18 or 34 or 50 or 101)) yield return $"depth: must be 18, 34, 50 or 101; got {Depth}";
        if (Math.Min(input.Height, input.Width) < SmallestSide)
            yield return $"type: resNet needs pictures of at least {SmallestSide}x{SmallestSide} and is made for larger ones; got {input.Height}x{input.Width}; take cifarResNet";
    }

    public override ConvolutionalNet BuildNet(int channels) => new ResNet(channels, Depth, LastStride);
}

/// <summary><see cref="AirbenchNet"/>.</summary>
/// <param name="Widths">Channels of the three blocks; none means 64, 256, 256.</param>
/// <param name="Mirror">Whether the trained network averages what it says of a picture and of its mirror image.</param>
public sealed record AirbenchSpec(int[]? Widths = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Mirror = false) : ModelSpec
{
    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (input.Height != input.Width || input.Height < 16) yield return $"type: this network needs square pictures of at least 16x16; got {input.Height}x{input.Width}";
        if (Widths is { } widths && (widths.Length != 3 || widths.Any(width => width is < 1 or > 4096))) yield return $"widths: must be three numbers in 1..4096; got {string.Join(", ", widths)}";
    }

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        var backbone = new AirbenchNet(input.Channels, Widths ?? [64, 256, 256], Mirror);
        return (backbone, backbone.Features);
    }
}
