using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tern.Training.Recipes;

/// <summary>In a recipe, a text may stand for this record: the value of one of its keys, the others left out.</summary>
/// <param name="key">The property the text stands for.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShortFormAttribute(string key) : Attribute
{
    /// <summary>As the recipe writes it.</summary>
    public string Key { get; } = JsonNamingPolicy.CamelCase.ConvertName(key);

    /// <summary>The attribute of a record, or null.</summary>
    public static ShortFormAttribute? Of(Type type) => type.GetCustomAttribute<ShortFormAttribute>();
}

/// <summary>Reads records that have a short form in either, and writes them in full.</summary>
internal sealed class ShortFormConverter : JsonConverterFactory
{
    public override bool CanConvert(Type type) => ShortFormAttribute.Of(type) is not null;

    public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type), ShortFormAttribute.Of(type)!.Key)!;

    private sealed class Of<T>(string key) : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.String
            ? new JsonObject { [key] = reader.GetString() }.Deserialize<T>(RecipeFile.Records)
            : JsonSerializer.Deserialize<T>(ref reader, RecipeFile.Records);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value, RecipeFile.Records);
    }
}
