using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Evaluation;
using Tern.Training.Protocols;

namespace Tern.Training.Studies;

/// <summary>All that a study wants to know of a finished run, without its weights: small enough to be committed, so that a study goes on where its run folders are not.</summary>
/// <param name="Run">The run's identity (<see cref="RunIdentities"/>); what another one has found is not taken for it.</param>
/// <param name="Networks">By name.</param>
/// <param name="Command">What was typed to get them.</param>
internal sealed record RunNumbers(string Run, Dictionary<string, NetworkResult> Networks, string Command)
{
    /// <summary>From a run folder that has ended.</summary>
    public static RunNumbers Measured(CellRun run, string identity, string command) => new(identity, run.Networks.ToDictionary(role => role.Name, role => NetworkResult.Read(run.Folder, role.Name)), command);

    /// <summary>Reads <see cref="ToJson"/> back; null where it is of another run, or of pictures by another name. Throws <see cref="TernException"/> naming the file where it is damaged.</summary>
    public static RunNumbers? Read(string path, CellRun run, string identity)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(File.ReadAllText(path));
            if (parsed.RootElement.GetProperty("run").GetString() != identity) return null;
            RunNumbers read = parsed.Deserialize(RunNumbersJson.Default.RunNumbers)!;
            if (run.Networks.Any(role => read.Networks.GetValueOrDefault(role.Name) is not { Measurements.Count: > 0 })) throw new JsonException("networks or what was measured of them are missing");
            string data = RetrievalProtocol.DataName(run.Recipe.Data.Path) + "/";
            return read.Networks.Values.SelectMany(network => network.Measurements).All(measured => measured.Protocol.StartsWith(data, StringComparison.Ordinal)) ? read : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new TernException($"{path} is damaged ({error.Message.TrimEnd('.')}): delete it to do its run anew", error);
        }
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunNumbersJson.Default.RunNumbers) + "\n";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunNumbers))]
internal sealed partial class RunNumbersJson : JsonSerializerContext;
