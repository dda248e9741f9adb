using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tern.Training.Recipes;

/// <summary>A change from the command line, <c>path.to.key=value</c>: list items are named by their position, values are JSON or plain text.</summary>
internal static class RecipeOverride
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Makes the change; returns the path it set, such as <c>student.objective[0].weight</c>.</summary>
    public static string Apply(JsonNode root, string change)
    {
        int equals = change.IndexOf('=');
        if (equals <= 0) throw new TernException($"--set {change}: expected path.to.key=value, such as --set student.training.epochs=3");
        string[] keys = change[..equals].Split('.');
        JsonNode at = root;
        string path = "";
        foreach (string key in keys[..^1])
        {
            path = PathOf(path, at, key);
            at = Child(at, key) ?? throw new TernException($"--set {change}: the recipe has no '{path}' to set something in");
        }
        path = PathOf(path, at, keys[^1]);
        JsonNode? value = Value(change[(equals + 1)..]);
        if (at is JsonObject target) target[keys[^1]] = value;
        else if (at is JsonArray list && Position(list, keys[^1]) is { } index) list[index] = value;
        else throw new TernException($"--set {change}: the recipe has no '{path}'{(at is JsonArray items ? $"; the list's positions are 0 to {items.Count - 1}" : " to set")}");
        return path;
    }

    private static string PathOf(string path, JsonNode at, string key) => at is JsonArray ? $"{path}[{key}]" : Problem.Below(path, key);

    private static JsonNode? Child(JsonNode node, string key) => node switch
    {
        JsonObject entries => entries[key],
        JsonArray list when Position(list, key) is { } index => list[index],
        _ => null,
    };

    private static int? Position(JsonArray list, string key) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < list.Count ? index : null;

    private static JsonNode? Value(string text)
    {
        try { return JsonNode.Parse(text, null, Strict); }
        catch (JsonException) { return JsonValue.Create(text); }
    }
}
