using System.Text.Json.Serialization;

namespace Tern.Training.Fitting;

/// <summary>One finished epoch: means over its steps, and the validation mAP after it.</summary>
public sealed record EpochRecord(int Epoch, double Loss, IReadOnlyDictionary<string, double> Terms, double LearningRate, double ValidationMap)
{
    /// <summary>How far apart embeddings were; null where no term ranks them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EmbeddingSpread? Embeddings { get; init; }

    /// <summary>Of the first epoch: how hard each term, times its weight, pulled in the first step, by name, as the length of its gradient over all that is trained. Else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? FirstGradients { get; init; }
}

/// <summary>What a training has come to.</summary>
/// <param name="Earlier">What starts before this one took, as far as their work was kept.</param>
public sealed record FitResult(IReadOnlyList<EpochRecord> History, TimeSpan Earlier);

/// <summary>Where a training run stands.</summary>
/// <param name="Name">The network's name in the recipe.</param>
/// <param name="Step">Steps done in this run's whole training, of <paramref name="Steps"/>.</param>
/// <param name="Loss">Mean of this epoch so far.</param>
/// <param name="Took">Since the training began, without the time between an interruption and the next start.</param>
/// <param name="Finished">The epoch that has just ended, or null within one.</param>
public sealed record FitProgress(string Name, int Epoch, int Epochs, long Step, long Steps, double Loss, TimeSpan Took, EpochRecord? Finished)
{
    /// <summary>What this step has shown that somebody should know; said once, else null.</summary>
    public string? Warning { get; init; }
}
