using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tern.Training.Recipes;

/// <summary>Reads recipes and studies: JSON with comments, every key known, every value in range, every fault reported at once with its line.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Reads a file into <typeparamref name="T"/>: first the <paramref name="patches"/> are merged into its text, then the <paramref name="overrides"/> set.
    /// Throws <see cref="TernException"/> naming the file as <paramref name="what"/>, the line where known, and the keys that exist.
    /// </summary>
    public static T Read<T>(string what, string path, Func<T, IEnumerable<string>> problems, JsonPatch[] patches, string[] overrides)
    {
        string text = ReadText(what, path);
        try
        {
            var lines = new RecipeText(text);
            Refuse(what, path, lines, [], lines.Repeated);
            JsonNode? root = JsonNode.Parse(text, null, Lenient);
            var changed = new List<(string Path, string Source)>();
            foreach (JsonPatch patch in patches) changed.AddRange(patch.Apply(root).Select(at => (at, patch.Source)));
            if (root is not null) changed.AddRange(overrides.Select(change => (RecipeOverride.Apply(root, change), "--set")));
            Refuse(what, path, lines, changed, RecipeSchema.Problems(root, typeof(T)));
            T read = root.Deserialize<T>(RecipeFile.Options)!;
            Refuse(what, path, lines, changed, problems(read).Select(Problem.Parse));
            return read;
        }
        catch (JsonException error)
        {
            string place = error.LineNumber is { } line ? $", line {line + 1}" : "";
            throw new TernException($"{what} {path}{place} is not JSON: {error.Message.Split(" LineNumber:")[0]}", error);
        }
    }

    private static string ReadText(string what, string path)
    {
        if (Directory.Exists(path)) throw new TernException($"{what} '{path}' is a folder: give a file in it");
        if (!File.Exists(path)) throw new TernException($"{what} '{path}' does not exist: give a JSON file");
        try { return File.ReadAllText(path) is { } text && !string.IsNullOrWhiteSpace(text) ? text : throw new TernException($"{what} {path} is empty: give a JSON object {{...}}"); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{what} {path} cannot be read: {error.Message}", error);
        }
    }

    private static void Refuse(string what, string path, RecipeText lines, IReadOnlyList<(string Path, string Source)> changed, IEnumerable<Problem> found)
    {
        string[] problems = [.. found.Select(problem => $"{Place(problem.Path, lines, changed)}{problem}")];
        if (problems.Length > 0) throw new TernException($"{what} {path}:\n  {string.Join("\n  ", problems)}");
    }

    /// <summary>Who changed it last, else the line to look at.</summary>
    private static string Place(string path, RecipeText lines, IReadOnlyList<(string Path, string Source)> changed) =>
        changed.LastOrDefault(change => path.StartsWith(change.Path, StringComparison.Ordinal) && (path.Length == change.Path.Length || path[change.Path.Length] is '.' or '[')) is { Source: { } source }
            ? $"{source} "
            : lines.Line(path) is { } line ? $"line {line}: " : "";
}
