using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Tern.Training.Recipes;

/// <summary>
/// Holds a recipe against the records it is read into and finds everything that does not fit, all at once: unknown and missing keys, unknown
/// types, values of the wrong kind. What it lets pass can be read.
/// </summary>
internal static class RecipeSchema
{
    private const int Shown = 40;

    /// <summary>What does not fit <paramref name="type"/>.</summary>
    public static IEnumerable<Problem> Problems(JsonNode? node, Type type) => Value(node, type, mayBeNull: false, "");

    private static IEnumerable<Problem> Value(JsonNode? node, Type type, bool mayBeNull, string path)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) (type, mayBeNull) = (underlying, true);
        if (node is null) return mayBeNull ? [] : [new Problem(path, $"must be {Expected(type)}; got null")];
        if (type == typeof(JsonObject)) return node is JsonObject ? [] : [new Problem(path, Wrong(type, node))];        // checked where it is used
        JsonTypeInfo info = RecipeFile.Records.GetTypeInfo(type);
        return (node, info.Kind) switch
        {
            (JsonArray list, JsonTypeInfoKind.Enumerable) => list.SelectMany((item, i) => Value(item, info.ElementType!, false, $"{path}[{i}]")),
            (JsonObject entries, JsonTypeInfoKind.Object) => Object(entries, info, path),
            (JsonValue text, JsonTypeInfoKind.Object) when ShortFormAttribute.Of(type) is not null && text.TryGetValue(out string? _) => [],
            (JsonValue value, JsonTypeInfoKind.None) => Scalar(value, type) is { } what ? [new Problem(path, what)] : [],
            _ => [new Problem(path, Wrong(type, node))],
        };
    }

    private static IEnumerable<Problem> Object(JsonObject entries, JsonTypeInfo info, string path)
    {
        string? discriminator = null;
        if (info.PolymorphismOptions is { } polymorphic)
        {
            discriminator = polymorphic.TypeDiscriminatorPropertyName;
            (JsonTypeInfo? chosen, string what) = Choose(polymorphic, entries[discriminator]);
            if (chosen is null) return [new Problem(Problem.Below(path, discriminator), what)];
            info = chosen;
        }
        JsonPropertyInfo[] known = [.. info.Properties.Where(property => property.Get is not null || property.Set is not null)];
        return
        [
            .. entries.Where(entry => entry.Key != discriminator).SelectMany(entry => Entry(entry.Key, entry.Value, known, path)),
            .. known.Where(property => property.AssociatedParameter is { HasDefaultValue: false } && !entries.ContainsKey(property.Name))
                .Select(property => new Problem(Problem.Below(path, property.Name), $"is missing; add {Expected(property.PropertyType)}")),
        ];
    }

    private static IEnumerable<Problem> Entry(string key, JsonNode? value, JsonPropertyInfo[] known, string path)
    {
        string full = Problem.Below(path, key);
        return known.FirstOrDefault(property => property.Name == key) is { } property
            ? Value(value, property.PropertyType, property.AssociatedParameter?.IsNullable ?? property.IsSetNullable, full)
            : [new Problem(full, NearestName.Suggest(key, [.. known.Select(candidate => candidate.Name)]))];
    }

    /// <summary>The record that "type" names, or what is wrong with the name.</summary>
    private static (JsonTypeInfo?, string) Choose(JsonPolymorphismOptions options, JsonNode? given)
    {
        string[] names = [.. options.DerivedTypes.Select(derived => (string)derived.TypeDiscriminator!)];
        if (given is not JsonValue value || !value.TryGetValue(out string? name))
            return (null, $"{(given is null ? "is missing" : $"must be a text; got {Show(given)}")}. Known here: {string.Join(", ", names)}");
        int chosen = Array.IndexOf(names, name);
        return chosen < 0 ? (null, NearestName.Suggest(name, names)) : (RecipeFile.Records.GetTypeInfo(options.DerivedTypes[chosen].DerivedType), "");
    }

    private static string? Scalar(JsonValue value, Type type)
    {
        if (type.IsEnum) return value.TryGetValue(out string? name) ? Unlisted(name, type) : Wrong(type, value);
        bool fits = type == typeof(string) ? value.TryGetValue(out string? _)
            : type == typeof(bool) ? value.TryGetValue(out bool _)
            : type == typeof(int) ? value.TryGetValue(out int _)
            : type == typeof(ulong) ? value.TryGetValue(out ulong _)
            : value.TryGetValue(out double number) && double.IsFinite(number);
        bool tooLarge = type == typeof(int) && value.TryGetValue(out double large) && large > int.MaxValue;
        return fits ? null : tooLarge ? $"must be at most {int.MaxValue}; got {Show(value)}" : Wrong(type, value);
    }

    private static string? Unlisted(string name, Type type)
    {
        string[] names = Names(type);
        return names.Contains(name) ? null : NearestName.Suggest(name, names);
    }

    private static string[] Names(Type type) => [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];

    private static string Wrong(Type type, JsonNode node) => $"must be {Expected(type)}; got {Show(node)}";

    private static string Expected(Type type) =>
        type == typeof(string) ? "a text in quotes"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) ? "a whole number"
        : type == typeof(ulong) ? "a whole number of at least 0"
        : type == typeof(double) ? "a number"
        : type.IsEnum ? $"one of {string.Join(", ", Names(type))}"
        : type.IsArray ? $"a list [...], each {Expected(type.GetElementType()!)}"
        : Nullable.GetUnderlyingType(type) is { } underlying ? Expected(underlying)
        : ShortFormAttribute.Of(type) is not null ? "a text in quotes or an object {...}"
        : "an object {...}";

    private static string Show(JsonNode node)
    {
        string json = node.ToJsonString();
        return json.Length <= Shown ? json : json[..Shown] + "...";
    }
}
