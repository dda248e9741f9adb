namespace Tern.Torch.Weights;

/// <summary>A weight file that cannot be read: which one, what is wrong with it, what to do.</summary>
public sealed class WeightFileException(string path, string problem) : Exception($"{path}: {problem}");
