using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tern.Training.Recipes;

/// <summary>A change from the command line, <c>path.to.key=value</c>: list items are named by their position, values are JSON or plain text.</summary>
internal static class RecipeOverride
{
    internal static void Apply(JsonNode root, string change)
    {
        int equals = change.IndexOf('=');
        if (equals <= 0) throw new TernException($"--set {change}: expected path.to.key=value, such as --set student.training.epochs=3");
        string[] path = change[..equals].Split('.');
        JsonNode at = root;
        foreach (string key in path[..^1])
            at = Child(at, key) ?? throw new TernException($"--set {change}: the recipe has no '{key}' to set something in");
        JsonNode? value = Value(change[(equals + 1)..]);
        if (at is JsonObject target) target[path[^1]] = value;
        else if (at is JsonArray list && int.TryParse(path[^1], out int index) && index >= 0 && index < list.Count) list[index] = value;
        else throw new TernException($"--set {change}: '{path[^1]}' is not something that can be set there");
    }

    private static JsonNode? Child(JsonNode node, string key) => node switch
    {
        JsonObject entries => entries[key],
        JsonArray list when int.TryParse(key, out int index) && index >= 0 && index < list.Count => list[index],
        _ => null,
    };

    private static JsonNode? Value(string text)
    {
        try { return JsonNode.Parse(text); }
        catch (JsonException) { return JsonValue.Create(text); }
    }
}
