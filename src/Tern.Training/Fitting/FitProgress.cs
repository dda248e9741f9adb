namespace Tern.Training.Fitting;

/// <summary>One finished epoch: means over its steps, and the validation mAP after it.</summary>
public sealed record EpochRecord(int Epoch, double Loss, IReadOnlyDictionary<string, double> Terms, double LearningRate, double ValidationMap);

/// <summary>Where a training run stands.</summary>
/// <param name="Name">The network's name in the recipe.</param>
/// <param name="Step">Steps done in this run's whole training, of <paramref name="Steps"/>.</param>
/// <param name="Loss">Mean of this epoch so far.</param>
/// <param name="Finished">The epoch that has just ended, or null within one.</param>
public sealed record FitProgress(string Name, int Epoch, int Epochs, long Step, long Steps, double Loss, EpochRecord? Finished);
