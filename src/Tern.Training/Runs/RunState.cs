using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tern.Training.Runs;

/// <summary>A stage that has ended: what it depended on and what it left.</summary>
/// <param name="Inputs">SHA-256 over everything its result depends on.</param>
/// <param name="Outputs">Files by path within the run folder, each with its SHA-256.</param>
/// <param name="Seconds">What it took, earlier starts that were interrupted included.</param>
/// <param name="Origin">The program and the machine that did it.</param>
public sealed record StageRecord(string Inputs, Dictionary<string, string> Outputs, double Seconds, Origin? Origin = null);

/// <summary>state.json: which stages have ended.</summary>
public sealed record RunState(Dictionary<string, StageRecord> Stages)
{
    /// <summary>Reads the file; none there means nothing has ended yet.</summary>
    public static RunState Read(string path)
    {
        if (!File.Exists(path)) return new RunState([]);
        try
        {
            RunState? state = JsonSerializer.Deserialize(File.ReadAllText(path), RunStateJson.Default.RunState);
            if (state?.Stages is null || state.Stages.Values.Any(stage => stage?.Inputs is null || stage.Outputs is null)) throw new JsonException("stages are missing or null");
            return state;
        }
        catch (JsonException error)
        {
            throw new TernException($"{path} is damaged ({error.Message}): delete it to run every stage anew", error);
        }
    }

    /// <summary>Replaces the file.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, RunStateJson.Default.RunState));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunState))]
internal sealed partial class RunStateJson : JsonSerializerContext;
