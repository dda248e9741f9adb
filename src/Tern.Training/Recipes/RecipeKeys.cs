using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Tern.Training.Recipes;

/// <summary>Finds keys and type names a recipe must not have, all at once, each with its line, the nearest name that exists, and those that do.</summary>
internal static class RecipeKeys
{
    internal static IEnumerable<string> Unknown(JsonNode node, Type type, string text) => Walk(node, RecipeFile.Options.GetTypeInfo(type), "", text);

    private static IEnumerable<string> Walk(JsonNode? node, JsonTypeInfo type, string path, string text)
    {
        if (node is JsonArray list && type.ElementType is { } element)
        {
            JsonTypeInfo elementType = RecipeFile.Options.GetTypeInfo(element);
            return list.SelectMany((item, i) => Walk(item, elementType, $"{path}[{i}]", text));
        }
        return node is JsonObject entries && type.Kind == JsonTypeInfoKind.Object ? WalkObject(entries, type, path, text) : [];
    }

    private static IEnumerable<string> WalkObject(JsonObject entries, JsonTypeInfo type, string path, string text)
    {
        string? discriminator = type.PolymorphismOptions?.TypeDiscriminatorPropertyName;
        if (type.PolymorphismOptions is { } polymorphic)
        {
            string[] names = [.. polymorphic.DerivedTypes.Select(derived => (string)derived.TypeDiscriminator!)];
            string given = entries[discriminator!]?.ToString() ?? "";
            int chosen = Array.IndexOf(names, given);
            if (chosen < 0)
            {
                yield return $"{Line(text, given)}{path}.{discriminator}: {Suggest(given, names)}";
                yield break;
            }
            type = RecipeFile.Options.GetTypeInfo(polymorphic.DerivedTypes[chosen].DerivedType);
        }
        string[] known = [.. type.Properties.Where(property => property.Get is not null || property.Set is not null).Select(property => property.Name)];
        foreach ((string key, JsonNode? value) in entries)
        {
            if (key == discriminator) continue;
            string full = path.Length == 0 ? key : $"{path}.{key}";
            JsonPropertyInfo? property = type.Properties.FirstOrDefault(candidate => candidate.Name == key);
            if (property is null) yield return $"{Line(text, key)}{full}: {Suggest(key, known)}";
            else
                foreach (string below in Walk(value, RecipeFile.Options.GetTypeInfo(property.PropertyType), full, text)) yield return below;
        }
    }

    private static string Suggest(string given, string[] known)
    {
        string? nearest = known.MinBy(name => Distance(given, name));
        string meant = nearest is not null && Distance(given, nearest) <= Math.Max(2, nearest.Length / 2) ? $"; did you mean '{nearest}'?" : "";
        return $"unknown '{given}'{meant} Known here: {string.Join(", ", known)}";
    }

    /// <summary>"line 7: " when the quoted word stands on exactly one line.</summary>
    private static string Line(string text, string word)
    {
        string quoted = $"\"{word}\"";
        int[] lines = [.. text.Split('\n').Index().Where(line => line.Item.Contains(quoted, StringComparison.Ordinal)).Select(line => line.Index + 1)];
        return lines is [var only] ? $"line {only}: " : "";
    }

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, 1 + Math.Min(row[j], diagonal));
            }
        }
        return row[^1];
    }
}
