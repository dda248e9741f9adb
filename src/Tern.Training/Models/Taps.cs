using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Recipes;

namespace Tern.Training.Models;

/// <summary>
/// What terms compare, by name: the outputs that every network has, or one of a layer inside by the layer's dotted name, such as <c>backbone.stage4</c>. Of a layer that
/// runs several times it is the last output.
/// </summary>
public sealed class Taps
{
    /// <summary>What every network puts out, [N, D], [N, K] and [N, C].</summary>
    public const string Embedding = "embedding", Hash = "hash", Logits = "logits";

    private readonly HashingNetwork network;
    private readonly (string Name, Layer Layer)[] layers;

    /// <summary>Finds the layers. Throws <see cref="TernException"/> on a name that no layer has.</summary>
    /// <param name="names">Those that are no layers need nothing.</param>
    /// <param name="role">What to call the network in an error.</param>
    public Taps(HashingNetwork network, IEnumerable<string> names, string role)
    {
        this.network = network;
        string[] inside = [.. names.Where(IsInside).Distinct()];
        Dictionary<string, Layer> known = LayersOf(network, "").ToDictionary(named => named.Name, named => named.Layer);
        layers = Array.ConvertAll(inside, name => (name, known.GetValueOrDefault(name) ?? throw new TernException($"objective: the {role}'s layers: {NearestName.Suggest(name, Shown(known.Keys))}")));
    }

    /// <summary>Whether a name is meant for a layer inside a network.</summary>
    public static bool IsInside(string name) => name is not (Embedding or Hash or Logits);

    /// <summary>Runs a normalised batch [N, C, H, W]; the output has what the layers put out as <see cref="NetworkOutput.Inside"/>.</summary>
    public NetworkOutput Run(Tensor images)
    {
        if (layers.Length == 0) return network.Run(images);
        var seen = new Dictionary<string, Tensor>();
        try
        {
            foreach ((string name, Layer layer) in layers)
                layer.Watcher = made =>
                {
                    if (seen.Remove(name, out Tensor? before)) before.Dispose();
                    seen[name] = made.Clone().Unscope();                      // past the scopes of the layers around it
                };
            NetworkOutput output = network.Run(images);
            if (layers.Select(named => named.Name).FirstOrDefault(name => !seen.ContainsKey(name)) is { } silent)
                throw new TernException($"the layer {silent} does not run by itself, its network calls what is in it: take one inside it, or behind it");
            return output with { Inside = seen.ToDictionary(named => named.Key, named => named.Value.Alias()) };
        }
        finally
        {
            foreach ((_, Layer layer) in layers) layer.Watcher = null;
            foreach (Tensor tensor in seen.Values) tensor.Dispose();
        }
    }

    private static IEnumerable<(string Name, Layer Layer)> LayersOf(Module module, string prefix)
    {
        foreach ((string name, Module child) in module.Children)
        {
            if (child is Layer layer) yield return (prefix + name, layer);
            foreach ((string Name, Layer Layer) inner in LayersOf(child, $"{prefix}{name}.")) yield return inner;
        }
    }

    /// <summary>Names for an error: no layers inside layers inside parts of a network.</summary>
    private static string[] Shown(IEnumerable<string> layers) => [Embedding, Hash, Logits, .. layers.Where(name => IsInside(name) && name.Count(letter => letter == '.') <= 2)];
}
