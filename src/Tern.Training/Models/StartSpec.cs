using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Torch.Weights;
using Tern.Training.Data;

namespace Tern.Training.Models;

/// <summary>The weights a network starts from: a file's, by name, instead of random ones.</summary>
/// <param name="Weights">A .safetensors, .pth or .pt file; relative paths start at the recipe's folder.</param>
/// <param name="Fresh">Names of the network, each with all below it, that keep their random start: <c>hash</c> where the code has another length.</param>
/// <param name="Ignore">Names of the file, each with all below it, that are not looked at: the classifier of a public network, say.</param>
/// <param name="Into">Where in the network the file's names begin: <c>backbone</c> for the weights of a backbone alone.</param>
public sealed record StartSpec(string Weights, string[]? Fresh = null, string[]? Ignore = null, string? Into = null)
{
    private const int Shown = 12;
    private const string Formats = ".safetensors, .pth or .pt";

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (Weights.Contains('\0') || Path.GetExtension(Weights) is not (".safetensors" or ".pth" or ".pt")) yield return $"weights: must be a {Formats} file; got '{Weights.Replace("\0", "\\0")}'";
        if (Into is { } into && !IsName(into)) yield return $"into: must be a dotted name such as backbone, or left out; got '{into}'";
        foreach (string name in (Fresh ?? []).Where(name => !IsName(name))) yield return $"fresh: must hold dotted names such as hash; got '{name}'";
        foreach (string name in (Ignore ?? []).Where(name => !IsName(name))) yield return $"ignore: must hold dotted names such as fc; got '{name}'";
    }

    /// <summary>SHA-256 of the file. Throws <see cref="TernException"/> when it cannot be read.</summary>
    public string Hash() => Convert.ToHexStringLower(InputFile.Hash("start.weights", Weights, $". Give a {Formats} file"));

    /// <summary>
    /// Copies the file's tensors into the network. Every tensor that is not fresh must be in the file with its shape, and everything in the file must have a
    /// place or be ignored; else throws <see cref="TernException"/> that lists what does not fit, and nothing is copied. So does a file that has learned from
    /// other pictures of the same data than <paramref name="learned"/>: it knows some of those held back; and one that knows people who are tested or held back.
    /// </summary>
    public void Load(Module network, LearnedPictures? learned = null)
    {
        using var scope = new TensorScope();
        SafetensorsContent file = Read();
        if (learned is not null && LearnedPictures.Read(file.Metadata) is { } before) Require(before, learned);
        IReadOnlyDictionary<string, Tensor> own = network.StateDict;
        string prefix = Into is null ? "" : Into + ".";
        bool dense = HoldsDenseNet(network);
        string Name(string name) => dense && DenseNet.NameOfToday(name) is var today && !file.Tensors.ContainsKey(today) ? today : name;
        Dictionary<string, Tensor> given = file.Tensors.Where(named => !IsUnder(Ignore, named.Key)).ToDictionary(named => prefix + Name(named.Key), named => named.Value);
        string[] faults = [.. Unknown(own), .. own.Where(named => !IsUnder(Fresh, named.Key)).SelectMany(named => Unfit(named.Key, named.Value, given)), .. Unplaced(own, given, prefix)];
        if (faults.Length > 0)
            throw new TernException($"{Weights} does not fit the network that starts from it:\n  {string.Join("\n  ", faults.Take(Shown))}"
                + (faults.Length > Shown ? $"\n  and {faults.Length - Shown} more" : "") + Hint(own, given));
        Dictionary<string, Tensor> taken = given.Where(named => !IsUnder(Fresh, named.Key)).ToDictionary();
        if (taken.Count == 0) throw new TernException($"start.weights: nothing of {Weights} is used: all of it is fresh or ignored. Leave start out, or shorten those lists");
        network.Load(taken, strict: false);
    }

    /// <summary>Whom the file says it has learned from.</summary>
    internal IReadOnlyList<string> People()
    {
        using var scope = new TensorScope();
        return LearnedPictures.Read(Read().Metadata)?.People ?? [];
    }

    private void Require(LearnedPictures before, LearnedPictures learned)
    {
        if (before.Data == learned.Data && before.Part != learned.Part)
            throw new TernException($"start.weights: {Weights} has learned from other pictures of this data set, some of which are held back here: give both the same seed and data.validation");
        string[] known = [.. before.People.Intersect(learned.Apart, StringComparer.OrdinalIgnoreCase)];
        if (known.Length > 0)
            throw new TernException($"start.weights: {Weights} has learned from {known[0]}{(known.Length > 1 ? $" and {known.Length - 1} others" : "")}, tested or held back here: start from weights trained with the same data.pairs");
    }

    private SafetensorsContent Read()
    {
        try { return Path.GetExtension(Weights) == ".safetensors" ? SafetensorsFile.Read(Weights) : new SafetensorsContent(PthFile.Read(Weights), new Dictionary<string, string>()); }
        catch (WeightFileException error) { throw new TernException($"start.weights: {error.Message}", error); }
    }

    private IEnumerable<string> Unknown(IReadOnlyDictionary<string, Tensor> own) =>
        (Fresh ?? []).Where(name => !own.Keys.Any(key => IsUnder([name], key)))
            .Select(name => $"start.fresh: the network has nothing named '{name}'; it has {string.Join(", ", own.Keys.Select(Layer).Distinct().TakeLast(4))}, ...");

    private static IEnumerable<string> Unfit(string name, Tensor tensor, Dictionary<string, Tensor> given)
    {
        string advice = $"add \"{Layer(name)}\" to start.fresh to keep it random";
        if (!given.TryGetValue(name, out Tensor? source))
        {
            if (!StateDictMismatch.IsCounter(name)) yield return $"{name} {Shape(tensor)}: the file has no such tensor; {advice}";
        }
        else if (!source.Shape.SequenceEqual(tensor.Shape)) yield return $"{name}: the network has {Shape(tensor)}, the file {Shape(source)}; {advice}";
    }

    private IEnumerable<string> Unplaced(IReadOnlyDictionary<string, Tensor> own, Dictionary<string, Tensor> given, string prefix) =>
        given.Where(named => !own.ContainsKey(named.Key) && !IsUnder(Fresh, named.Key))
            .Select(named => (Name: named.Key[prefix.Length..], Tensor: named.Value))
            .Select(named => $"{named.Name} {Shape(named.Tensor)}: in the file, without a place in the network; add \"{Layer(named.Name)}\" to start.ignore to leave it out");

    private string Hint(IReadOnlyDictionary<string, Tensor> own, Dictionary<string, Tensor> given) =>
        Into is null && given.Keys.Any(name => own.ContainsKey($"backbone.{name}")) ? "\n  The file looks like a backbone alone: set start.into to \"backbone\"" : "";

    private static bool HoldsDenseNet(Module network) => network is DenseNet || network.Children.Values.Any(HoldsDenseNet);

    private static bool IsUnder(string[]? names, string name) =>
        names?.Any(parent => name == parent || name.StartsWith(parent + ".", StringComparison.Ordinal)) ?? false;

    private static bool IsName(string name) => name.Length > 0 && name.Split('.').All(part => part.Length > 0);

    /// <summary>The module a tensor belongs to: its name without the last part.</summary>
    private static string Layer(string name) => name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name;

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
