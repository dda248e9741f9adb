using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;
using Tern.Training.Recipes;

namespace Tern.Training.Quantization;

/// <summary>Which layers are quantised, and how: the values for all, and for each choice of layers what differs.</summary>
/// <param name="Threshold">t of <see cref="TernaryLimit"/>; 0.05 where neither t nor r is given.</param>
/// <param name="ZeroRatio">r of <see cref="TernaryLimit"/>, in place of t.</param>
/// <param name="Bits">2: <see cref="TernaryWeight"/>, 1: <see cref="BinaryWeight"/>, 8: <see cref="LinearWeight"/>.</param>
/// <param name="Layers">None means the fully connected ones that the model names itself (<see cref="ModelSpec.FullyConnected"/>).</param>
public sealed record QuantizeSpec(double? Threshold = null, double? ZeroRatio = null, int Bits = 2, LayerChoice[]? Layers = null)
{
    private const double DefaultThreshold = 0.05;

    /// <summary>The same with the defaults written out. A layer keeps what it says itself alone: a later change of the values for all then reaches it.</summary>
    public QuantizeSpec Resolve() => this with
    {
        Threshold = Threshold ?? (ZeroRatio is null && Bits == 2 ? DefaultThreshold : null),
        Layers = Layers ?? [LayerChoice.FullyConnected],
    };

    /// <summary>Quantises the layers of a trained network, each from its trained weight; they can go on training. Returns the names of the convolutions that lose much by it: those of 1 and 2 bits.</summary>
    public IReadOnlyList<string> Apply(HashingNetwork network, ModelSpec model)
    {
        IReadOnlyDictionary<string, WeightedLayer> all = WeightedLayers.Of(network);
        LayerChoice[] layers = [.. (Layers ?? [LayerChoice.FullyConnected]).Select(Complete)];
        if (layers.FirstOrDefault(choice => !Known(all).Contains(choice.Match)) is { } unknown)
            throw new TernException($"quantize.layers: {NearestName.Suggest(unknown.Match, Known(all))}");
        var chosen = new Dictionary<string, LayerChoice>();
        foreach (LayerChoice choice in layers.OrderBy(choice => all.ContainsKey(choice.Match)))   // kinds first, so that names go before them
            foreach (string name in Matches(choice.Match, all, model)) chosen[name] = choice;
        foreach ((string name, LayerChoice choice) in chosen) all[name].Parametrization = Quantized(all[name], choice);
        return [.. chosen.Where(layer => all[layer.Key] is Conv2d && layer.Value.Bits < 8).Select(layer => layer.Key)];
    }

    /// <summary>What is out of range.</summary>
    /// <param name="shape">Of the pictures. Where the model does not fit it, names of layers are not looked at.</param>
    public IEnumerable<string> Problems(ModelSpec model, ImageShape shape)
    {
        if (!IsKnown(Bits)) yield return $"bits: must be 1, 2 or 8; got {Bits}";
        foreach (string problem in Limits(Threshold, ZeroRatio, Bits)) yield return problem;
        if (Layers is []) yield return "layers: needs at least one name or kind; leave it out to take the fully connected ones";
        string[]? known = Known(model, shape);
        for (int i = 0; i < Layers?.Length; i++)
        {
            LayerChoice choice = Layers[i];
            if (known?.Contains(choice.Match) == false) yield return $"layers[{i}]: {NearestName.Suggest(choice.Match, known)}";
            if (Layers[..i].Any(before => before.Match == choice.Match)) yield return $"layers[{i}]: '{choice.Match}' stands twice; keep one of the two";
            if (!IsKnown(choice.Bits ?? Bits)) yield return $"layers[{i}].bits: must be 1, 2 or 8; got {choice.Bits}";
            foreach (string problem in Limits(choice.Threshold, choice.ZeroRatio, choice.Bits ?? Bits)) yield return $"layers[{i}].{problem}";
        }
    }

    /// <summary>Every name and kind; null where the model cannot be built. The network is only made when a name is none of the usual ones.</summary>
    private string[]? Known(ModelSpec model, ImageShape shape)
    {
        string[] usual = [LayerChoice.FullyConnected, LayerChoice.Convolution, .. model.FullyConnected, "classifier"];
        if (Layers?.All(choice => usual.Contains(choice.Match)) != false) return usual;
        if (model.Problems(shape).Any()) return null;
        using var scope = new TensorScope();
        return Known(WeightedLayers.Of(model.Build(shape, bits: 1, classes: 2)));
    }

    private static bool IsKnown(int bits) => bits is 1 or 2 or 8;

    private static string[] Known(IReadOnlyDictionary<string, WeightedLayer> all) => [LayerChoice.FullyConnected, LayerChoice.Convolution, .. all.Keys];

    private static IEnumerable<string> Limits(double? threshold, double? ratio, int bits)
    {
        if (threshold is < 0 or >= 1) yield return $"threshold: must be at least 0 and below 1; got {threshold}";
        if (ratio is < 0 or >= 1) yield return $"zeroRatio: must be at least 0 and below 1; got {ratio}";
        if (threshold is not null && ratio is not null) yield return "zeroRatio: stands beside a threshold, and each says where weights become 0; keep one of the two";
        if (bits != 2 && (threshold ?? ratio) is not null) yield return $"{(threshold is null ? "zeroRatio" : "threshold")}: only weights of 2 bits have one; remove it, or set bits to 2; got {bits} bits";
    }

    /// <summary>A choice with the values for all where it has none of its own.</summary>
    private LayerChoice Complete(LayerChoice choice)
    {
        int bits = choice.Bits ?? Bits;
        if (bits != 2) return choice with { Bits = bits };
        if (choice.ZeroRatio is not null || choice.Threshold is not null) return choice with { Bits = bits };
        return choice with { Bits = bits, ZeroRatio = ZeroRatio, Threshold = Threshold ?? (ZeroRatio is null ? DefaultThreshold : null) };
    }

    private static IEnumerable<string> Matches(string match, IReadOnlyDictionary<string, WeightedLayer> all, ModelSpec model) => match switch
    {
        LayerChoice.FullyConnected => model.FullyConnected,
        LayerChoice.Convolution => all.Where(layer => layer.Value is Conv2d).Select(layer => layer.Key).Skip(1),
        _ => [match],
    };

    private static QuantizedWeight Quantized(WeightedLayer layer, LayerChoice choice) => choice.Bits switch
    {
        1 => new BinaryWeight(),
        8 => new LinearWeight(),
        _ => new TernaryWeight(layer.Weight, new TernaryLimit(choice.Threshold, choice.ZeroRatio)),
    };
}
