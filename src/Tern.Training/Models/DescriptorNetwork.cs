using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Descriptors;

namespace Tern.Training.Models;

/// <summary>What the classifier of a descriptor network looks at.</summary>
public enum ClassifierInput
{
    /// <summary>The first descriptor as it is, behind a batch normalisation: CGD.</summary>
    FirstDescriptor,

    /// <summary>The whole embedding, behind a batch normalisation.</summary>
    Embedding,

    /// <summary>The hash layer, as in networks that are made for codes.</summary>
    Code,
}

/// <summary>Combined descriptors as the embedding, a hash layer on it, and CGD's auxiliary classifier, which only training needs.</summary>
/// <remarks>
/// CGD (Jun et al. 2019), figure 1: the classifier reads the first descriptor before its reduction, through batch normalisation, with a bias. Departure: the hash layer, which is Deep
/// Transfer Hashing's; its gradient stops at the embedding unless <c>hashTrainsEmbedding</c>, so that an objective of codes does not change what is searched by.
/// </remarks>
public sealed class DescriptorNetwork : HashingNetwork
{
    private readonly CombinedDescriptors descriptors;
    private readonly Layer classifier;
    private readonly ClassifierInput input;
    private readonly bool hashTrainsEmbedding;

    /// <param name="descriptors">[N, C, H, W] to an embedding [N, <paramref name="dimension"/>].</param>
    /// <param name="dimension">D, the width of the embedding.</param>
    /// <param name="bits">K, the length of a code.</param>
    /// <param name="classes">C, the number of labels.</param>
    /// <param name="input">What the classifier looks at.</param>
    /// <param name="hashTrainsEmbedding">Whether the gradient of the hash layer goes on into the embedding.</param>
    public DescriptorNetwork(CombinedDescriptors descriptors, int dimension, int bits, int classes, ClassifierInput input, bool hashTrainsEmbedding) : base(descriptors, dimension, bits)
    {
        (this.descriptors, this.input, this.hashTrainsEmbedding) = (descriptors, input, hashTrainsEmbedding);
        int width = input == ClassifierInput.FirstDescriptor ? descriptors.Trunk.Features : dimension;
        classifier = Add("classifier", input == ClassifierInput.Code ? new Linear(bits, classes) : (Layer)new Sequential(new BatchNorm2d(width), new Linear(width, classes)));
    }

    public override NetworkOutput Run(Tensor images)
    {
        Description described = descriptors.Describe(images);
        Tensor embedding = described.Embedding;                                                       // [N, D]
        Tensor code = Hash[hashTrainsEmbedding ? embedding : embedding.Detach()];                     // [N, K]
        Tensor seen = input switch { ClassifierInput.FirstDescriptor => described.First, ClassifierInput.Embedding => embedding, _ => code };
        return new NetworkOutput(embedding, code, classifier[seen])                                   // logits [N, C]
        {
            Ranked = described.Ranked.Count > 1 ? described.Ranked : null,
            Classify = input == ClassifierInput.Code ? hash => classifier[hash] : null,
        };
    }
}
