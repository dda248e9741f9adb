using System.Text.Json.Serialization;

namespace Tern.Training.Data;

/// <summary>Which pairs of a face set are reported on, and so who may be learned from: everybody who is in none of them.</summary>
/// <param name="File">LFW's <c>pairsDevTest.txt</c> (View 1) or <c>pairs.txt</c> (View 2), or a .csv list; a relative path starts at the data set.</param>
/// <param name="Folds">Only the pairs of these folds are reported on, together, and the people of the others may be learned from. None means all pairs.</param>
/// <param name="Minimum">People with fewer pictures are not learned from.</param>
public sealed record PairsSpec(string File, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? Folds = null, int Minimum = 2)
{
    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (File.Contains('\0') || Path.GetExtension(File) is not (".txt" or ".csv")) yield return $"file: must be a .txt list as LFW's, or a .csv list; got '{File.Replace("\0", "\\0")}'";
        if (Folds is { } folds && (folds.Length == 0 || folds.Distinct().Count() < folds.Length || folds.Min() < 1))
            yield return $"folds: must be different numbers from 1 on, or left out for all folds; got {string.Join(", ", folds)}";
        if (Minimum < 1) yield return $"minimum: must be at least 1; got {Minimum}";
    }
}
