using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;
using Tern.Training.Recipes;
using Tern.Training.Studies;

namespace Tern.Training.Tests.Recipes;

/// <summary>The pages know every key, type and word that a recipe or a study may hold, in the section it belongs to, and what stands for a key that is left out.</summary>
public sealed class RecipeDocumentationTests
{
    /// <summary>What lies within one of these stands in the same section, unless it is named itself.</summary>
    private static readonly Dictionary<Type, string> Sections = new()
    {
        [typeof(Recipe)] = Section("recipes.md", "Recipes: every key"),
        [typeof(DataSpec)] = Section("recipes.md", "data"),
        [typeof(DataFormat)] = Section("formats.md", "Data sets"),
        [typeof(TeacherSpec)] = Section("recipes.md", "teacher, student"),
        [typeof(StudentSpec)] = Section("recipes.md", "teacher, student"),
        [typeof(TeacherWeighting)] = Section("recipes.md", "teacher, student") + Section("methods.md", "Learning from a teacher"),
        [typeof(ModelSpec)] = Section("recipes.md", "model") + Section("methods.md", "Backbones with torchvision's weights"),
        [typeof(Loss)] = Section("methods.md", "Objectives in a recipe"),
        [typeof(FitOptions)] = Section("recipes.md", "training"),
        [typeof(TernarySpec)] = Section("recipes.md", "quantize") + Section("methods.md", "Quantising"),
        [typeof(EvaluationSpec)] = Section("recipes.md", "evaluate"),
        [typeof(StudySpec)] = Section("recipes.md", "Studies"),
    };

    [Theory]
    [InlineData(typeof(Recipe))]
    [InlineData(typeof(StudySpec))]
    public void Every_word_is_explained(Type root) =>
        AssertNone(Words(root, "", []).Distinct().Where(word => !word.Section.Contains($"`{word.Text}`") && !word.Section.Contains($"\"{word.Text}\"")).Select(word => word.Text));

    [Fact]
    public void Values_of_keys_that_are_left_out_are_told() =>
        AssertNone(Words(typeof(Recipe), "", []).Distinct()
            .Where(word => word.Default is { } value && !Regex.IsMatch(word.Section, $@"`{word.Text}` \({Regex.Escape(value)}(?![\d.])")).Select(word => $"{word.Text} ({word.Default})"));

    private static void AssertNone(IEnumerable<string> missing) => Assert.True(!missing.Any(), $"the pages lack {string.Join(", ", missing)}");

    /// <summary>Keys with what stands for them, names of types and of values.</summary>
    private static IEnumerable<(string Text, string? Default, string Section)> Words(Type type, string section, HashSet<Type> seen)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        section = Sections.GetValueOrDefault(type) ?? section;
        if (type.IsEnum) return Enum.GetNames(type).Select(name => (JsonNamingPolicy.CamelCase.ConvertName(name), (string?)null, section));
        if (type.Namespace?.StartsWith("Tern", StringComparison.Ordinal) != true && !type.IsArray || !seen.Add(type)) return [];
        JsonTypeInfo info = RecipeFile.Records.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable) return Words(info.ElementType!, section, seen);
        return
        [
            .. info.Properties.SelectMany(property => Words(property.PropertyType, section, seen).Prepend((property.Name, Text(property.AssociatedParameter), section))),
            .. info.PolymorphismOptions?.DerivedTypes.SelectMany(derived => Words(derived.DerivedType, section, seen).Append(($"{derived.TypeDiscriminator}", null, section))) ?? [],
        ];
    }

    private static string? Text(JsonParameterInfo? parameter) => parameter is not { HasDefaultValue: true } ? null : parameter.DefaultValue switch
    {
        bool truth => truth ? "true" : "false",
        double number => number.ToString("G5", CultureInfo.InvariantCulture),
        Enum value => $"`{JsonNamingPolicy.CamelCase.ConvertName($"{value}")}`",
        int or long or ulong => $"{parameter.DefaultValue}",
        _ => null,
    };

    /// <summary>A heading and what stands below it, up to the next.</summary>
    private static string Section(string file, string heading, [CallerFilePath] string here = "")
    {
        string text = File.ReadAllText(Path.GetFullPath(Path.Combine(here, "../../../../docs", file)));
        return Regex.Split(text, "^#+ ", RegexOptions.Multiline).First(section => section.StartsWith(heading + "\n", StringComparison.Ordinal));
    }
}
