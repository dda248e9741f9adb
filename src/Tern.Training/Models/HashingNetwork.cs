using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>What a network says of a batch: embedding [N, D], hash layer [N, K] (bit = hash &gt; 0), class logits [N, C].</summary>
public sealed record NetworkOutput(Tensor Embedding, Tensor Hash, Tensor Logits)
{
    /// <summary>What ranking losses look at, where it is not the embedding as a whole: several [N, k], each by itself.</summary>
    public IReadOnlyList<Tensor>? Ranked { get; init; }

    /// <summary>The network's classifier, for a loss that has it read something else than the hash layer: [N, K] to [N, C]. Null where outputs were kept without their network.</summary>
    public Func<Tensor, Tensor>? Classify { get; init; }

    /// <summary>What layers inside put out, by the layers' names; null but where <see cref="Taps"/> ran the network.</summary>
    public IReadOnlyDictionary<string, Tensor>? Inside { get; init; }

    /// <summary>An output by the name that <see cref="Taps"/> has for it.</summary>
    public Tensor At(string tap) => tap switch { Taps.Embedding => Embedding, Taps.Hash => Hash, Taps.Logits => Logits, _ => Inside![tap] };

    /// <summary>The three without the autograd graph: what a teacher shows.</summary>
    public NetworkOutput Detach() => this with { Embedding = Embedding.Detach(), Hash = Hash.Detach(), Logits = Logits.Detach(), Ranked = null, Inside = null };
}

/// <summary>A backbone, a hash layer on its features, and a classifier.</summary>
public abstract class HashingNetwork : Module
{
    /// <param name="backbone">[N, C, H, W] to [N, features].</param>
    /// <param name="features">D, the width of the embedding.</param>
    /// <param name="bits">K, the length of a code.</param>
    protected HashingNetwork(Layer backbone, int features, int bits)
    {
        Backbone = Add("backbone", backbone);
        Hash = Add("hash", new Linear(features, bits));
        (Features, Bits) = (features, bits);
    }

    /// <summary>D, the width of the embedding.</summary>
    public int Features { get; }

    /// <summary>K.</summary>
    public int Bits { get; }

    /// <summary>The part before the hash layer.</summary>
    public Layer Backbone { get; }

    /// <summary>[N, D] to [N, K].</summary>
    protected Linear Hash { get; }

    /// <summary>Gives the hash layer a weight [K, D] and a bias [K].</summary>
    internal void SetHash(Tensor weight, Tensor bias)
    {
        Hash.Weight.Copy_(weight);
        Hash.Bias!.Copy_(bias);
    }

    /// <summary>Runs a normalised batch [N, C, H, W].</summary>
    public abstract NetworkOutput Run(Tensor images);
}

/// <summary>The classifier looks at the hash layer: what it learns of classes goes through the code.</summary>
/// <remarks>
/// Deep Transfer Hashing (Zhai et al. 2021), architecture figure: backbone, FC hash layer of K units, FC classifier. The hash layer stays linear:
/// behind a ReLU every sigmoid would be at least one half and rounding it would say nothing.
/// </remarks>
public sealed class CodeNetwork : HashingNetwork
{
    private readonly Linear classifier;

    /// <inheritdoc cref="HashingNetwork(Layer, int, int)"/>
    /// <param name="classes">C, the number of labels.</param>
    public CodeNetwork(Layer backbone, int features, int bits, int classes) : base(backbone, features, bits) =>
        classifier = Add("classifier", new Linear(bits, classes));

    public override NetworkOutput Run(Tensor images)
    {
        Tensor embedding = Backbone[images];      // [N, D]
        Tensor code = Hash[embedding];            // [N, K]
        return new NetworkOutput(embedding, code, classifier[code]) { Classify = hash => classifier[hash] };
    }
}
