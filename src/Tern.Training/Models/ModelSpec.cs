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
[JsonDerivedType(typeof(SeparableSpec), "separable")]
[JsonDerivedType(typeof(CgdSpec), "cgd")]
[JsonDerivedType(typeof(FaceResNetSpec), "faceResNet")]
public abstract record ModelSpec
{
    /// <summary>Layers that quantisation takes when a recipe names none: the fully connected ones before the classifier.</summary>
    public virtual string[] FullyConnected => ["hash"];

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems(ImageShape input) => [];

    /// <summary>Whether one network takes pictures of every size that the model takes.</summary>
    public virtual bool TakesAnySize => true;

    /// <summary>Whether the classifier looks at the code, as some objectives of codes need.</summary>
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

/// <summary>A model whose backbone ends in a feature map; used alone, its embedding is the mean over that map, or what a linear layer makes of the mean.</summary>
public abstract record ConvolutionalSpec : ModelSpec
{
    private const int LargestEmbedding = 4096;

    /// <summary>Width of a linear layer behind the mean; none means that the mean is the embedding.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Embedding { get; init; }

    public override string[] FullyConnected => Embedding is null ? base.FullyConnected : ["backbone.embedding", .. base.FullyConnected];

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (Embedding is < 1 or > LargestEmbedding) yield return $"embedding: must lie in 1..{LargestEmbedding}, or be left out for the mean over the map; got {Embedding}";
    }

    /// <summary>A fresh network for pictures of so many channels, drawn from libtorch's random state.</summary>
    public abstract ConvolutionalNet BuildNet(int channels);

    protected sealed override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        ConvolutionalNet net = BuildNet(input.Channels);
        return Embedding is { } width ? (new NamedSequence(("net", net), ("embedding", new Linear(net.Features, width))), width) : (net, net.Features);
    }
}
