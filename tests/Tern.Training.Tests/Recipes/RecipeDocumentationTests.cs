using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tern.Training.Recipes;
using Tern.Training.Studies;

namespace Tern.Training.Tests.Recipes;

/// <summary>docs/recipes.md, and the parts of docs/methods.md and docs/formats.md that it points to, know every key, every type and every word that a recipe or a study may hold.</summary>
public sealed class RecipeDocumentationTests
{
    [Theory]
    [InlineData(typeof(Recipe))]
    [InlineData(typeof(StudySpec))]
    public void Every_word_is_explained(Type root)
    {
        string documents = string.Concat(new[] { "recipes.md", "methods.md", "formats.md" }.Select(file => File.ReadAllText(Path.Combine(Documents(), file))));

        string[] missing = [.. Words(root, []).Distinct().Where(word => !documents.Contains($"`{word}`") && !documents.Contains($"\"{word}\""))];

        Assert.Equal("", string.Join(", ", missing));
    }

    private static IEnumerable<string> Words(Type type, HashSet<Type> seen)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);
        if (type.Namespace?.StartsWith("Tern", StringComparison.Ordinal) != true && !type.IsArray || !seen.Add(type)) return [];
        JsonTypeInfo info = RecipeFile.Records.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable) return Words(info.ElementType!, seen);
        return
        [
            .. info.Properties.SelectMany(property => Words(property.PropertyType, seen).Prepend(property.Name)),
            .. info.PolymorphismOptions?.DerivedTypes.SelectMany(derived => Words(derived.DerivedType, seen).Append($"{derived.TypeDiscriminator}")) ?? [],
        ];
    }

    private static string Documents([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "../../../../docs"));
}
