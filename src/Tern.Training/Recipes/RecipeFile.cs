using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tern.Training.Models;

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
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OnlyWhatCanBeSet } },
    };

    /// <summary>The same, and records with a <see cref="ShortFormAttribute"/> also in that.</summary>
    internal static readonly JsonSerializerOptions Options = new(Records) { Converters = { new ShortFormConverter() } };

    /// <summary>
    /// Reads a recipe, with <paramref name="overrides"/> such as <c>teacher.training.epochs=5</c> laid over it. Relative paths are made to start
    /// at the recipe's folder. Throws <see cref="TernException"/> naming the file, the line where known, and the keys that exist.
    /// </summary>
    public static Recipe Read(string path, IEnumerable<string>? overrides = null) => Read(path, [], overrides);

    /// <summary>The same, with <paramref name="patches"/> merged into it before the overrides.</summary>
    internal static Recipe Read(string path, IEnumerable<JsonPatch> patches, IEnumerable<string>? overrides)
    {
        Recipe recipe = StrictJson.Read<Recipe>("recipe", path, read => read.Problems(), [.. patches], [.. overrides ?? []]);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string Absolute(string relative) => Path.GetFullPath(Path.Combine(folder, relative));
        StartSpec? Start(StartSpec? start) => start is null ? null : start with { Weights = Absolute(start.Weights) };
        string? IfGiven(string? relative) => relative is null ? null : Absolute(relative);
        return recipe with
        {
            Data = recipe.Data with { Path = Absolute(recipe.Data.Path) },
            Teacher = recipe.Teacher is { } teacher ? teacher with { Start = Start(teacher.Start), Shown = IfGiven(teacher.Shown), Names = IfGiven(teacher.Names), Classes = IfGiven(teacher.Classes) } : null,
            Student = recipe.Student is null ? null : recipe.Student with { Start = Start(recipe.Student.Start) },
        };
    }

    /// <summary>The recipe as JSON, every value written out.</summary>
    public static string ToJson(Recipe recipe) => JsonSerializer.Serialize(recipe, Options) + "\n";

    /// <summary>What a record works out for itself (whether a loss needs a teacher, say) is no key: neither read nor written.</summary>
    private static void OnlyWhatCanBeSet(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object) return;
        foreach (JsonPropertyInfo workedOut in info.Properties.Where(property => property.Set is null && property.AssociatedParameter is null).ToArray()) info.Properties.Remove(workedOut);
    }
}
