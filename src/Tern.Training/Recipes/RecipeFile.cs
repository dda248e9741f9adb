using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tern.Training.Recipes;

/// <summary>Reads and writes recipes: JSON with comments and trailing commas, every key known, every value in range.</summary>
public static class RecipeFile
{
    /// <summary>Every record in full: what <see cref="RecipeSchema"/> holds a recipe against.</summary>
    internal static readonly JsonSerializerOptions Records = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowOutOfOrderMetadataProperties = true,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>The same, and records with a <see cref="ShortFormAttribute"/> also in that.</summary>
    internal static readonly JsonSerializerOptions Options = new(Records) { Converters = { new ShortFormConverter() } };

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Reads a recipe, with <paramref name="overrides"/> such as <c>teacher.training.epochs=5</c> laid over it. Relative data paths are made to start
    /// at the recipe's folder. Throws <see cref="TernException"/> naming the file, the line where known, and the keys that exist.
    /// </summary>
    public static Recipe Read(string path, IEnumerable<string>? overrides = null)
    {
        Recipe recipe = Parse(ReadText(path), path, [.. overrides ?? []]);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return recipe with { Data = recipe.Data with { Path = Path.GetFullPath(Path.Combine(folder, recipe.Data.Path)) } };
    }

    /// <summary>The recipe as JSON, every value written out.</summary>
    public static string ToJson(Recipe recipe) => JsonSerializer.Serialize(recipe, Options) + "\n";

    private static string ReadText(string path)
    {
        if (Directory.Exists(path)) throw new TernException($"recipe '{path}' is a folder: give a file in it");
        if (!File.Exists(path)) throw new TernException($"recipe '{path}' does not exist: give a JSON file");
        try { return File.ReadAllText(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"recipe {path} cannot be read: {error.Message}", error);
        }
    }

    private static Recipe Parse(string text, string path, string[] overrides)
    {
        try
        {
            var lines = new RecipeText(text);
            Refuse(path, lines, [], lines.Repeated);
            JsonNode? root = JsonNode.Parse(text, null, Lenient);
            string[] changed = root is null ? [] : Array.ConvertAll(overrides, change => RecipeOverride.Apply(root, change));
            Refuse(path, lines, changed, RecipeSchema.Problems(root, typeof(Recipe)));
            Recipe recipe = root.Deserialize<Recipe>(Options)!;
            Refuse(path, lines, changed, recipe.Problems().Select(Problem.Parse));
            return recipe;
        }
        catch (JsonException error)
        {
            string place = error.LineNumber is { } line ? $", line {line + 1}" : "";
            throw new TernException($"recipe {path}{place} is not JSON: {error.Message.Split(" LineNumber:")[0]}", error);
        }
    }

    private static void Refuse(string path, RecipeText lines, string[] changed, IEnumerable<Problem> found)
    {
        string[] problems = [.. found.Select(problem => $"{Place(problem.Path, lines, changed)}{problem}")];
        if (problems.Length > 0) throw new TernException($"recipe {path}:\n  {string.Join("\n  ", problems)}");
    }

    /// <summary>The line to look at, or that it came from the command line.</summary>
    private static string Place(string path, RecipeText lines, string[] changed) =>
        changed.Any(change => path.StartsWith(change, StringComparison.Ordinal) && (path.Length == change.Length || path[change.Length] is '.' or '[')) ? "--set "
        : lines.Line(path) is { } line ? $"line {line}: "
        : "";
}
