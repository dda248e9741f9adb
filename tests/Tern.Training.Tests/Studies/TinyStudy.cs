using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

/// <summary>Studies over <see cref="TinyRecipe"/>.</summary>
internal static class TinyStudy
{
    /// <summary>Two code lengths, with and without distillation.</summary>
    public const string Grid = """
        "axes": [
          { "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }, { "name": "12", "set": { "bits": 12 } }] },
          { "name": "distillation", "values": [
            { "name": "none", "set": { "student": { "objective": [{ "type": "crossEntropy" }] } } },
            { "name": "dth", "set": {} }] }
        ]
        """;

    public const string Networks = """["student", "ternary"]""";

    /// <summary>Writes NAME.json with its recipe into a folder and reads it; it is to run in runs/NAME.</summary>
    public static StudyPlan Plan(TemporaryFolder folder, string body, string name = "study", string networks = Networks)
    {
        TinyRecipe.Write(folder.Path);
        File.WriteAllText(folder[$"{name}.json"], $$"""{ "name": "{{name}}", "recipe": "recipe.json", "networks": {{networks}}, "set": { "student": { "withoutDistillation": false } }, {{body}} }""");
        return StudyPlan.Read(folder[$"{name}.json"], folder[$"runs/{name}"]);
    }
}
