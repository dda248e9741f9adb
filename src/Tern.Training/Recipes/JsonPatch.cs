using System.Text.Json.Nodes;

namespace Tern.Training.Recipes;

/// <summary>Part of a recipe to lay over another: objects are merged key by key, everything else replaces what was there.</summary>
/// <remarks>As JSON Merge Patch (RFC 7396). Departures: null is a value, it does not remove a key; an object with another "type" replaces.</remarks>
/// <param name="Source">Where it comes from, for messages.</param>
internal sealed record JsonPatch(string Source, JsonObject Content)
{
    /// <summary>Changes <paramref name="root"/>; returns the paths it set, such as <c>student.objective</c>.</summary>
    public IEnumerable<string> Apply(JsonNode? root) => root is JsonObject target ? [.. Merge(target, Content, "")] : [];

    private static IEnumerable<string> Merge(JsonObject target, JsonObject changes, string path)
    {
        foreach ((string key, JsonNode? value) in changes)
        {
            string full = Problem.Below(path, key);
            if (value is JsonObject inner && target[key] is JsonObject existing && !IsOfAnotherType(existing, inner))
                foreach (string changed in Merge(existing, inner, full)) yield return changed;
            else
            {
                target[key] = value?.DeepClone();
                yield return full;
            }
        }
    }

    private static bool IsOfAnotherType(JsonObject existing, JsonObject changes) =>
        changes["type"] is { } type && !JsonNode.DeepEquals(type, existing["type"]);
}
