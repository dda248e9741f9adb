using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>An optimiser as a recipe names it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SgdSpec), "sgd")]
[JsonDerivedType(typeof(AdamSpec), "adam")]
[JsonDerivedType(typeof(AdamWSpec), "adamW")]
public abstract record OptimizerSpec(double LearningRate, double WeightDecay)
{
    /// <summary>The optimiser over these parameters.</summary>
    public abstract Optimizer Build(Tensor[] parameters);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems()
    {
        if (LearningRate <= 0) yield return $"learningRate: must be above 0; got {LearningRate}";
        if (WeightDecay < 0) yield return $"weightDecay: must be at least 0; got {WeightDecay}";
    }
}

/// <summary>Stochastic gradient descent with momentum.</summary>
public sealed record SgdSpec(double LearningRate, double Momentum = 0.9, double WeightDecay = 0, bool Nesterov = false) : OptimizerSpec(LearningRate, WeightDecay)
{
    public override Optimizer Build(Tensor[] parameters) => new Sgd(parameters, LearningRate, Momentum, WeightDecay, Nesterov);

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Momentum is < 0 or >= 1) yield return $"momentum: must be at least 0 and below 1; got {Momentum}";
    }
}

/// <summary>Adam; weight decay adds to the gradient.</summary>
public sealed record AdamSpec(double LearningRate, double WeightDecay = 0) : OptimizerSpec(LearningRate, WeightDecay)
{
    public override Optimizer Build(Tensor[] parameters) => new Adam(parameters, LearningRate, weightDecay: WeightDecay);
}

/// <summary>Adam with decoupled weight decay.</summary>
public sealed record AdamWSpec(double LearningRate, double WeightDecay = 0.01) : OptimizerSpec(LearningRate, WeightDecay)
{
    public override Optimizer Build(Tensor[] parameters) => new Adam(parameters, LearningRate, weightDecay: WeightDecay, decoupled: true);
}

/// <summary>What gives the hash layer its weights.</summary>
public enum HashFit
{
    /// <summary>The terms of the objective, like all other layers.</summary>
    Objective,

    /// <summary>Once all else is trained, the embeddings of the pictures learned: <see cref="IterativeQuantization"/>.</summary>
    IterativeQuantization,
}

/// <summary>How a network is trained, as a recipe says it.</summary>
/// <param name="Parameters">Factors on learning rate and weight decay by name; the first that matches counts.</param>
/// <param name="Batches">Which pictures stand together in a batch; balanced ones say their size themselves. None means shuffled.</param>
/// <param name="PlainEpochs">So many epochs at the end see the pictures as they are: the gallery is made of them.</param>
/// <param name="PlainAugment">What is done to them even then: a flip, for a network that will look at mirror images too. None means nothing.</param>
/// <param name="Lookahead">A slow copy of the weights that the trained ones return to. None means without.</param>
/// <param name="Window">The first epochs see a part of each picture. None means all of it.</param>
/// <param name="Hash">What gives the hash layer its weights.</param>
/// <param name="HashWhitening">From 0 to 1, how far iterative quantisation evens out what the principal axes of embeddings spread by: <see cref="IterativeQuantization"/>.</param>
public sealed record FitOptions(
    int Epochs,
    OptimizerSpec Optimizer,
    int BatchSize = FitOptions.DefaultBatchSize,
    LearningRateSchedule? Schedule = null,
    Augmentation[]? Augment = null,
    Precision Precision = Precision.Auto,
    BatchOrder? Batches = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ParameterFactor[]? Parameters = null,
    int PlainEpochs = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Augmentation[]? PlainAugment = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LookaheadSpec? Lookahead = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EarlyWindow? Window = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] HashFit Hash = HashFit.Objective,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double HashWhitening = 0)
{
    private const int DefaultBatchSize = 128;

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems(ImageShape shape, int fewestEpochs = 1)
    {
        if (Epochs < fewestEpochs) yield return $"epochs: must be at least {fewestEpochs}; got {Epochs}";
        if (PlainEpochs < 0 || PlainEpochs > Epochs) yield return $"plainEpochs: must lie in 0..{Epochs}, the epochs; got {PlainEpochs}";
        // oneDNN 2.6 (libtorch 1.13) overwrites memory in the backward pass of narrow 1x1 convolutions when a batch is odd: docs/decisions/0007.
        if (BatchSize < 2 || BatchSize % 2 != 0) yield return $"batchSize: must be even and at least 2; got {BatchSize}";
        else if (Batches?.Size is { } size && BatchSize != DefaultBatchSize && BatchSize != size) yield return $"batchSize: batches have {size} pictures by themselves; leave batchSize out; got {BatchSize}";
        foreach (string problem in Batches?.Problems() ?? []) yield return $"batches.{problem}";
        foreach (string problem in Optimizer.Problems()) yield return $"optimizer.{problem}";
        foreach (string problem in Schedule?.Problems() ?? []) yield return $"schedule.{problem}";
        foreach (string problem in Window?.Problems(shape, Epochs) ?? []) yield return $"window.{problem}";
        foreach (string problem in Lookahead?.Problems() ?? []) yield return $"lookahead.{problem}";
        if (HashWhitening is not (>= 0 and <= 1)) yield return $"hashWhitening: must lie in 0..1; got {HashWhitening}";
        else if (HashWhitening > 0 && Hash != HashFit.IterativeQuantization) yield return "hashWhitening: is a part of iterativeQuantization; set hash to that, or leave hashWhitening out";
        for (int i = 0; i < Augment?.Length; i++)
            foreach (string problem in Augment[i].Problems(shape)) yield return $"augment[{i}].{problem}";
        for (int i = 0; i < PlainAugment?.Length; i++)
            foreach (string problem in PlainAugment[i].Problems(shape)) yield return $"plainAugment[{i}].{problem}";
        if (PlainAugment is not null && PlainEpochs == 0) yield return "plainAugment: has no epoch to be used in; set plainEpochs, or leave it out";
        for (int i = 0; i < Parameters?.Length; i++)
            foreach (string problem in Parameters[i].Problems()) yield return $"parameters[{i}].{problem}";
    }

    /// <summary>What is done to pictures in an epoch, the first being 0.</summary>
    internal IReadOnlyList<Augmentation> AugmentationsOf(int epoch) => (epoch < Epochs - PlainEpochs ? Augment : PlainAugment) ?? [];

    /// <summary>The same with every default written out.</summary>
    public FitOptions Resolve() => this with
    {
        Schedule = Schedule ?? new OneCycleSchedule(),
        Augment = Augment ?? [],
        Precision = Precision.Resolve(),
        Batches = Batches ?? new ShuffledBatches(),
        BatchSize = Batches?.Size ?? BatchSize,
    };
}
