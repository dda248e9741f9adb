namespace Tern.Torch.Modules;

/// <summary>Weights that do not fit a module: every missing, unexpected and mis-shaped name at once.</summary>
public sealed class StateDictMismatch : Exception
{
    private StateDictMismatch(string message) : base(message) { }

    internal static void Check(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> given)
    {
        string[] missing = [.. expected.Keys.Where(name => !given.ContainsKey(name) && !IsCounter(name))];
        string[] unexpected = [.. given.Keys.Where(name => !expected.ContainsKey(name))];
        string[] shapes =
        [
            .. expected.Where(named => given.TryGetValue(named.Key, out Tensor? other) && !other.Shape.SequenceEqual(named.Value.Shape))
                .Select(named => $"{named.Key}: expected [{string.Join(", ", named.Value.Shape)}], got [{string.Join(", ", given[named.Key].Shape)}]"),
        ];
        if (missing.Length + unexpected.Length + shapes.Length == 0) return;
        throw new StateDictMismatch("the weights do not fit the network"
            + List("missing", missing) + List("unexpected", unexpected) + List("of another shape", shapes));
    }

    /// <summary>PyTorch before 0.4.1 and most converters leave this bookkeeping value of batch normalisation out.</summary>
    public static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    private static string List(string what, string[] names) => names.Length == 0 ? "" : $"\n  {what} ({names.Length}): {string.Join("; ", names)}";
}
