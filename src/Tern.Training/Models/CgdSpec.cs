using Tern.Torch.Modules;
using Tern.Training.Descriptors;

namespace Tern.Training.Models;

/// <summary><see cref="CombinedDescriptors"/> in a <see cref="DescriptorNetwork"/>.</summary>
/// <param name="Backbone">A network that ends in a feature map.</param>
/// <param name="Descriptors">A letter each: S <see cref="Spoc"/>, M <see cref="Mac"/>, G <see cref="Gem"/>, the first being the classifier's. The paper has S, M, G, SM, MS, SG, GS, MG, GM, SMG, MSG and GSM.</param>
/// <param name="Dimension">K, of the whole embedding.</param>
/// <param name="Combination">How descriptors become one embedding.</param>
/// <param name="Architecture">Where the ranking loss looks.</param>
/// <param name="Power">p of G.</param>
/// <param name="LearnPower">Whether p is trained.</param>
/// <param name="Classifier">What the auxiliary classifier looks at.</param>
/// <param name="HashTrainsEmbedding">Whether objectives of codes change the embedding.</param>
public sealed record CgdSpec(
    ModelSpec Backbone, string Descriptors = "SG", int Dimension = 1536, Combination Combination = Combination.Concatenate,
    DescriptorArchitecture Architecture = DescriptorArchitecture.Cgd, double Power = 3, bool LearnPower = false,
    ClassifierInput Classifier = ClassifierInput.FirstDescriptor, bool HashTrainsEmbedding = false) : ModelSpec
{
    private const string Letters = "SMG";
    private const int LargestDimension = 1 << 16;

    public override bool ClassifiesCodes => Classifier == ClassifierInput.Code;

    public override string[] FullyConnected =>
        [.. Enumerable.Range(0, Architecture == DescriptorArchitecture.B ? 1 : Descriptors.Length).Select(i => $"backbone.reductions.{i}"), "hash"];

    /// <summary>Whether each descriptor has a part of the embedding to itself.</summary>
    public bool HasParts => Architecture != DescriptorArchitecture.B && Combination == Combination.Concatenate;

    /// <summary>What a letter stands for.</summary>
    public static string NameOf(char letter) => letter switch { 'S' => "SPoC", 'M' => "MAC", _ => "GeM" };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (Backbone is not ConvolutionalSpec) yield return "backbone: must end in a feature map, as resNet and mobileNetV2 do; got another model";
        else foreach (string problem in Backbone.Problems(input)) yield return $"backbone.{problem}";
        if (Backbone is ConvolutionalSpec { Embedding: { } width }) yield return $"backbone.embedding: descriptors read the map itself and dimension says how wide the embedding is; leave it out; got {width}";
        bool letters = Descriptors.Length is >= 1 and <= 3 && Descriptors.All(Letters.Contains) && Descriptors.Distinct().Count() == Descriptors.Length;
        if (!letters) yield return $"descriptors: must be one to three different letters of {Letters}; got '{Descriptors}'";
        if (Dimension is < 1 or > LargestDimension) yield return $"dimension: must lie in 1..{LargestDimension}; got {Dimension}";
        else if (letters && HasParts && Dimension % Descriptors.Length != 0) yield return $"dimension: must be a multiple of {Descriptors.Length}, the number of descriptors; got {Dimension}";
        if (Architecture == DescriptorArchitecture.B && Combination == Combination.Sum) yield return "combination: architecture b reduces all descriptors at once and has nothing to add; got sum";
        if (!(Power > 0) || !double.IsFinite(Power)) yield return $"power: must be above 0; got {Power}";
    }

    public override HashingNetwork Build(ImageShape input, int bits, int classes) =>
        new DescriptorNetwork((CombinedDescriptors)BuildBackbone(input).Backbone, Dimension, bits, classes, Classifier, HashTrainsEmbedding);

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        Layer[] descriptors = [.. Descriptors.Select(letter => letter switch { 'S' => new Spoc(), 'M' => (Layer)new Mac(), _ => new Gem(Power, LearnPower) })];
        return (new CombinedDescriptors(((ConvolutionalSpec)Backbone).BuildNet(input.Channels), descriptors, Dimension, Combination, Architecture), Dimension);
    }
}
