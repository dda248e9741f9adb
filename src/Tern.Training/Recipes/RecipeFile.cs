using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tern.Training.Recipes;

/// <summary>Reads and writes recipes: JSON with comments and trailing commas, every key known, every value in range.</summary>
public static class RecipeFile
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowOutOfOrderMetadataProperties = true,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Reads a recipe, with <paramref name="overrides"/> such as <c>teacher.training.epochs=5</c> laid over it. Relative data paths are made to start
    /// at the recipe's folder. Throws <see cref="TernException"/> naming the file, the line where known, and the keys that exist.
    /// </summary>
    public static Recipe Read(string path, IEnumerable<string>? overrides = null)
    {
        string text;
        try { text = File.ReadAllText(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"recipe {path} cannot be read: {error.Message}", error);
        }
        Recipe recipe = Parse(text, path, overrides ?? []);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return recipe with { Data = recipe.Data with { Path = Path.GetFullPath(Path.Combine(folder, recipe.Data.Path)) } };
    }

    /// <summary>The recipe as JSON, every value written out.</summary>
    public static string ToJson(Recipe recipe) => JsonSerializer.Serialize(recipe, Options) + "\n";

    private static Recipe Parse(string text, string path, IEnumerable<string> overrides)
    {
        try
        {
            JsonNode root = JsonNode.Parse(text, null, Lenient) ?? throw new TernException($"recipe {path} is null");
            foreach (string change in overrides) RecipeOverride.Apply(root, change);
            string[] unknown = [.. RecipeKeys.Unknown(root, typeof(Recipe), text)];
            if (unknown.Length > 0) throw new TernException($"recipe {path}:\n  {string.Join("\n  ", unknown)}");
            Recipe recipe = root.Deserialize<Recipe>(Options)!;
            string[] problems = [.. recipe.Problems()];
            return problems.Length == 0 ? recipe : throw new TernException($"recipe {path}:\n  {string.Join("\n  ", problems)}");
        }
        catch (JsonException error)
        {
            throw new TernException($"recipe {path}: {error.Message}", error);
        }
    }
}
