using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>What a loss may look at: the network's output, the labels [N] int64 (empty where pictures carry several), and the teacher's output where there is a teacher.</summary>
public sealed record LossInput(NetworkOutput Output, Tensor Labels, NetworkOutput? Teacher = null)
{
    /// <summary>[N, C] float32: 1 where a picture carries a label. Pictures with several labels set it; else it is made from <see cref="Labels"/>.</summary>
    public Tensor Targets { get => field ??= Labels.OneHot((int)Output.Logits.Shape[1]).To(DType.Float32); init; }

    /// <summary>[N]: how far the teacher is trusted on each picture, 0 to 1, without gradient; null where it is trusted on all alike. See <see cref="TeacherWeighting"/>.</summary>
    public Tensor? TeacherWeight { get; init; }

    /// <summary>What the term that is computed learns itself, its <see cref="Loss.Learn"/>; null for most.</summary>
    public Module? Learned { get; init; }

    /// <summary>Values [N, K] of a comparison with the teacher, each times its picture's <see cref="TeacherWeight"/>: their mean is the mean over pictures of the weighted values.</summary>
    public Tensor Weighted(Tensor values) => TeacherWeight is { } weight ? values * weight.Unsqueeze(1) : values;

    /// <summary>[N, N] float32: 1 where two pictures share a label.</summary>
    public Tensor Similar() => Targets.MatrixMultiply(Targets.Transpose()).GreaterThan(0).To(DType.Float32);
}

/// <summary>What of a teacher a term compares with.</summary>
public enum TeacherPart
{
    /// <summary>[N, D].</summary>
    Embedding,

    /// <summary>[N, K].</summary>
    Hash,

    /// <summary>[N, C].</summary>
    Logits,
}

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
public abstract record Loss
{
    /// <summary>Factor of this term in the objective.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Under which the term is logged.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>What of a teacher it compares with, or null.</summary>
    [JsonIgnore]
    public virtual TeacherPart? LearnsFrom => null;

    /// <summary>Whether it compares with a teacher.</summary>
    [JsonIgnore]
    public bool NeedsTeacher => LearnsFrom is not null;

    /// <summary>Whether the logits, the classifier's word on the hash layer, learn from it; without any such term they mean nothing.</summary>
    [JsonIgnore]
    public virtual bool UsesClassifier => false;

    /// <summary>Whether it has the classifier read a code, which networks whose classifier looks elsewhere do not.</summary>
    [JsonIgnore]
    public virtual bool ClassifiesCodes => false;

    /// <summary>Whether it looks at distances between embeddings; where a network ranks several descriptions, it is the mean over them.</summary>
    [JsonIgnore]
    public virtual bool RanksEmbeddings => false;

    /// <summary>Whether it takes a picture to be of one class: then pictures with several labels cannot train it.</summary>
    [JsonIgnore]
    public virtual bool NeedsOneLabel => false;

    /// <summary>The term, a scalar, not yet weighted.</summary>
    public abstract Tensor Compute(LossInput input);

    /// <summary>
    /// What the term learns itself, fresh from libtorch's random state, or null: trained with the network and kept in checkpoints, but no part of the weights in
    /// the end. <see cref="Compute"/> gets it as <see cref="LossInput.Learned"/>. Throws <see cref="TernException"/> where the term cannot compare networks of these sizes.
    /// </summary>
    public virtual Module? Learn(LossSizes sizes) => null;

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems()
    {
        if (Weight < 0 || !double.IsFinite(Weight)) yield return $"weight: must be at least 0; got {Weight}";
    }

    /// <summary>What does not fit codes of this length and this many classes, each as "what; got value".</summary>
    public virtual IEnumerable<string> Problems(int bits, int classes) => [];
}
