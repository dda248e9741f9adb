using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Studies;

/// <summary>All that a study wants to know of a finished run, without its weights: small enough to be committed, so that a study goes on where its run folders are not.</summary>
/// <param name="Recipe">SHA-256 of the whole recipe; what another one has found is not taken for it.</param>
/// <param name="Networks">By name.</param>
internal sealed record RunNumbers(string Recipe, Dictionary<string, NetworkResult> Networks)
{
    /// <summary>The recipe as its run folder has it.</summary>
    public static string Text(CellRun run) => RecipeFile.ToJson(run.Recipe.Resolve());

    /// <summary>From a run folder that has ended.</summary>
    public static RunNumbers Measured(CellRun run) =>
        new(Hash(run), NetworkRole.Of(run.Recipe.Resolve()).ToDictionary(role => role.Name, role => NetworkResult.Read(run.Folder, role.Name)));

    /// <summary>Reads <see cref="ToJson"/> back; null where the file is not there, or of another recipe than the run's. Throws <see cref="TernException"/> where it is damaged.</summary>
    public static RunNumbers? Read(string path, CellRun run)
    {
        if (!File.Exists(path)) return null;
        try
        {
            RunNumbers? read = JsonSerializer.Deserialize(File.ReadAllText(path), RunNumbersJson.Default.RunNumbers);
            if (read is null) throw new JsonException("it says null");
            return read.Recipe == Hash(run) ? read : null;
        }
        catch (JsonException error)
        {
            throw new TernException($"{path} is damaged ({error.Message}): delete it to run its cell anew", error);
        }
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunNumbersJson.Default.RunNumbers) + "\n";

    private static string Hash(CellRun run) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Text(run))));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RunNumbers))]
internal sealed partial class RunNumbersJson : JsonSerializerContext;
