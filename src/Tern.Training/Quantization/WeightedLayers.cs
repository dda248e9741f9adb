using Tern.Torch.Modules;

namespace Tern.Training.Quantization;

/// <summary>The layers of a network that have a weight to quantise.</summary>
internal static class WeightedLayers
{
    /// <summary>Fully connected layers and convolutions by dotted name, in order of definition.</summary>
    internal static IReadOnlyDictionary<string, WeightedLayer> Of(Module module)
    {
        var found = new Dictionary<string, WeightedLayer>();
        Collect(module, "", found);
        return found;
    }

    private static void Collect(Module module, string prefix, Dictionary<string, WeightedLayer> found)
    {
        foreach ((string name, Module child) in module.Children)
        {
            if (child is WeightedLayer layer) found[prefix + name] = layer;
            else Collect(child, $"{prefix}{name}.", found);
        }
    }
}
