using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Quantization;

/// <summary>Which layers become ternary, and where their threshold lies.</summary>
/// <param name="Threshold">t of TTQ: weights within t max|w| become 0.</param>
/// <param name="Layers">Names of fully connected layers; none means those the model names itself (<see cref="ModelSpec.FullyConnected"/>).</param>
public sealed record QuantizeSpec(double Threshold = 0.05, string[]? Layers = null)
{
    /// <summary>Makes the layers of a trained network ternary; they go on training.</summary>
    public void Apply(HashingNetwork network, ModelSpec model)
    {
        Dictionary<string, Linear> linear = Linears(network);
        foreach (string name in Layers ?? model.FullyConnected)
        {
            if (!linear.TryGetValue(name, out Linear? layer))
                throw new TernException($"quantize.layers: the network has no fully connected layer '{name}'; it has {string.Join(", ", linear.Keys)}");
            layer.Parametrization = new TernaryWeight(layer.Weight, Threshold);
        }
    }

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems()
    {
        if (Threshold is < 0 or >= 1) yield return $"threshold: must be at least 0 and below 1; got {Threshold}";
    }

    /// <summary>Every fully connected layer by dotted name.</summary>
    internal static Dictionary<string, Linear> Linears(Module module, string prefix = "")
    {
        var found = new Dictionary<string, Linear>();
        foreach ((string name, Module child) in module.Children)
        {
            if (child is Linear linear) found[prefix + name] = linear;
            else foreach ((string below, Linear layer) in Linears(child, $"{prefix}{name}.")) found[below] = layer;
        }
        return found;
    }
}
