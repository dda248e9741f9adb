using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>What a loss may look at: the network's output, the labels [N] int64 (empty where pictures carry several), and the teacher's output where there is a teacher.</summary>
public sealed record LossInput(NetworkOutput Output, Tensor Labels, NetworkOutput? Teacher = null)
{
    /// <summary>[N, C] float32: 1 where a picture carries a label. Pictures with several labels set it; else it is made from <see cref="Labels"/>.</summary>
    public Tensor Targets { get => field ??= Labels.OneHot((int)Output.Logits.Shape[1]).To(DType.Float32); init; }

    /// <summary>[N]: how far the teacher is trusted on each picture, 0 to 1, without gradient; null where it is trusted on all alike. See <see cref="TeacherWeighting"/>.</summary>
    public Tensor? TeacherWeight { get; init; }

    /// <summary>For a loss that draws: the same sequence whenever a step is done again.</summary>
    public Randomness Randomness { get; init; }

    /// <summary>The number a term learns for itself (<see cref="Loss.Learns"/>) as it is now, [1]; null where it is to take its first value.</summary>
    public Tensor? Learned { get; init; }

    /// <summary>The layer a term trains for itself (<see cref="Loss.MakeAdapter"/>); null for most.</summary>
    public Layer? Adapter { get; init; }

    /// <summary>Values [N, K] of a comparison with the teacher, each times its picture's <see cref="TeacherWeight"/>.</summary>
    public Tensor Weighted(Tensor values) => TeacherWeight is { } weight ? values * weight.Unsqueeze(1) : values;

    /// <summary>[N, N] float32: 1 where two pictures share a label.</summary>
    public Tensor Similar() => Targets.MatrixMultiply(Targets.Transpose()).GreaterThan(0).To(DType.Float32);
}

/// <summary>A number that a term learns for itself, by plain gradient descent: it is far from any weight in size and in the number of pictures that move it.</summary>
/// <param name="Name">As the term's formula calls it.</param>
/// <param name="First">What it begins with.</param>
/// <param name="Rate">Its learning rate, under the network's schedule.</param>
public sealed record LearnedNumber(string Name, double First, double Rate);

/// <summary>One term of a training objective, as a recipe names it. The objective is the weighted sum of its terms.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CrossEntropyLoss), "crossEntropy")]
[JsonDerivedType(typeof(BinaryCrossEntropyLoss), "binaryCrossEntropy")]
[JsonDerivedType(typeof(CodeDistillationLoss), "codeDistillation")]
[JsonDerivedType(typeof(SoftLabelsLoss), "softLabels")]
[JsonDerivedType(typeof(HintLoss), "hint")]
[JsonDerivedType(typeof(RelationalLoss), "relational")]
[JsonDerivedType(typeof(DshPairsLoss), "dshPairs")]
[JsonDerivedType(typeof(DpshLoss), "dpsh")]
[JsonDerivedType(typeof(CsqLoss), "csq")]
[JsonDerivedType(typeof(GreedyHashLoss), "greedyHash")]
[JsonDerivedType(typeof(CodeSimilarityLoss), "codeSimilarity")]
[JsonDerivedType(typeof(BatchHardTripletLoss), "batchHardTriplet")]
[JsonDerivedType(typeof(SemiHardTripletLoss), "semiHardTriplet")]
[JsonDerivedType(typeof(Hap2sLoss), "hap2s")]
[JsonDerivedType(typeof(MarginLoss), "marginPairs")]
[JsonDerivedType(typeof(ContrastiveLoss), "contrastive")]
public abstract record Loss
{
    /// <summary>Factor of this term in the objective.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Under which the term is logged.</summary>
    public abstract string Name { get; }

    /// <summary>Which output of a teacher it compares with, by a name that <see cref="Taps"/> knows; null where it needs no teacher.</summary>
    public virtual string? LearnsFrom => null;

    /// <summary>Which output of the network it compares, where that can be chosen; null where it cannot.</summary>
    public virtual string? LooksAt => null;

    /// <summary>Whether it compares with a teacher.</summary>
    public bool NeedsTeacher => LearnsFrom is not null;

    /// <summary>Whether the logits, the classifier's word on the hash layer, learn from it; without any such term they mean nothing.</summary>
    public virtual bool UsesClassifier => false;

    /// <summary>Whether it has the classifier read a code, which networks whose classifier looks elsewhere do not.</summary>
    public virtual bool ClassifiesCodes => false;

    /// <summary>Whether it takes a picture to be of one class: then pictures with several labels cannot train it.</summary>
    public virtual bool NeedsOneLabel => false;

    /// <summary>Whether it learns only from batches that hold several pictures of a class, as shuffled ones may not.</summary>
    public virtual bool NeedsPositives => false;

    /// <summary>The number it learns for itself beside the network, or null.</summary>
    public virtual LearnedNumber? Learns => null;

    /// <summary>Whether the hash layer of such a network learns from it.</summary>
    public virtual bool TrainsCodeOf(ModelSpec model) => UsesClassifier && model.ClassifiesCodes;

    /// <summary>The term, a scalar, not yet weighted.</summary>
    public abstract Tensor Compute(LossInput input);

    /// <summary>
    /// The layer it trains for itself, fresh from libtorch's random state, or null: trained with the network and kept in checkpoints, but no part of the weights in the end.
    /// Throws <see cref="TernException"/> where the term cannot compare two such networks.
    /// </summary>
    /// <param name="student">What the network says of a picture: for the sizes.</param>
    /// <param name="teacher">What the teacher says of it.</param>
    public virtual Layer? MakeAdapter(NetworkOutput student, NetworkOutput teacher) => null;

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems()
    {
        if (Weight < 0 || !double.IsFinite(Weight)) yield return $"weight: must be at least 0; got {Weight}";
    }

    /// <summary>What does not fit codes of this length and this many classes, each as "what; got value".</summary>
    public virtual IEnumerable<string> Problems(int bits, int classes) => [];
}
