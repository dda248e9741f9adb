using System.Text.Json.Serialization;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;
using Tern.Training.Quantization;

namespace Tern.Training.Recipes;

/// <summary>How the student's weights become ternary (or of 1 or 8 bits): from its trained weights, training on.</summary>
/// <param name="Training">With <c>epochs</c> 0 the weights are quantised as they are and nothing is trained.</param>
/// <param name="Threshold">Weights within this share of the layer's largest become 0; 0.05 where neither this nor <paramref name="ZeroRatio"/> is given.</param>
/// <param name="ZeroRatio">The share of a layer's weights that become 0, in place of a threshold.</param>
/// <param name="Bits">2 (ternary), 1 or 8.</param>
/// <param name="Layers">Which, by name or kind, each with values of its own where they differ; none means <c>fullyConnected</c>.</param>
/// <param name="Objective">None means the student's.</param>
public sealed record TernarySpec(
    FitOptions Training,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Threshold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ZeroRatio = null,
    int Bits = 2,
    LayerChoice[]? Layers = null,
    Loss[]? Objective = null)
{
    /// <summary>Which layers, and how.</summary>
    public QuantizeSpec Weights => new(Threshold, ZeroRatio, Bits, Layers);

    /// <summary>The same with every default written out.</summary>
    public TernarySpec Resolve(Loss[] student)
    {
        QuantizeSpec weights = Weights.Resolve();
        return this with { Training = Training.Resolve(), Threshold = weights.Threshold, Layers = weights.Layers, Objective = Objective ?? student };
    }

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape, ModelSpec model)
    {
        foreach (string problem in Weights.Problems(model, shape)) yield return problem;
        foreach (string problem in Objective is null ? [] : NetworkProblems.OfObjective(Objective, model)) yield return problem;
        foreach (string problem in Training.Problems(shape, fewestEpochs: 0)) yield return $"training.{problem}";
        if (Training.Hash != HashFit.Objective) yield return "training.hash: quantised weights go on learning from the objective; leave it out";
        foreach (string problem in NetworkProblems.OfWindow(Training.Window, model, shape)) yield return $"training.window.{problem}";
    }
}
