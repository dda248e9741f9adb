using System.Text.Json.Serialization;
using Tern.Training.Recipes;

namespace Tern.Training.Quantization;

/// <summary>Layers that become quantised, and how; what is left out is as for all. In a recipe a text alone is short for its <see cref="Match"/>.</summary>
/// <param name="Match">
/// A layer's name (<c>backbone.fc1</c>), or a kind: <c>fullyConnected</c> are those before the classifier, <c>convolution</c> are all but the first, which trained
/// ternary quantisation keeps in full precision. A name goes before a kind.
/// </param>
/// <param name="Threshold">t of <see cref="TernaryLimit"/>.</param>
/// <param name="ZeroRatio">r of <see cref="TernaryLimit"/>, in place of t.</param>
/// <param name="Bits">A weight's bits: 2 (ternary), 1 or 8.</param>
[ShortForm(nameof(Match))]
public sealed record LayerChoice(
    string Match,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Threshold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ZeroRatio = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Bits = null)
{
    /// <summary>The kinds of layers.</summary>
    public const string FullyConnected = "fullyConnected", Convolution = "convolution";

    /// <summary>Just the layers, by name or kind.</summary>
    public static implicit operator LayerChoice(string match) => new(match);
}
