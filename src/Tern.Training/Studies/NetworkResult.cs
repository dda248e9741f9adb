using System.Text.Json;
using Tern.Evaluation;
using Tern.Training.Fitting;
using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>What a finished run has found out about one of its networks.</summary>
/// <param name="Measurements">Every metric with its protocol.</param>
/// <param name="Numbers">Every number of its row in summary.json, by name.</param>
/// <param name="Epochs">How training went.</param>
/// <param name="Curve">Precision and recall within each Hamming radius, under the first protocol of retrieval; empty where there is none, and where embeddings are ranked.</param>
/// <param name="Minutes">What training, exporting, encoding and judging took.</param>
/// <param name="Origin">The program and the machine that trained it.</param>
internal sealed record NetworkResult(
    IReadOnlyList<Measurement> Measurements, IReadOnlyDictionary<string, double> Numbers, IReadOnlyList<EpochRecord> Epochs, IReadOnlyList<RadiusScore> Curve, double Minutes, Origin Origin)
{
    /// <summary>Reads a network's files in a run folder.</summary>
    public static NetworkResult Read(string folder, string network)
    {
        string File(string name) => System.IO.File.ReadAllText(Path.Combine(folder, name));
        string[] Lines(string name) => System.IO.File.ReadAllLines(Path.Combine(folder, network, name));
        RunState state = RunState.Read(Path.Combine(folder, RunFolder.StateFile));
        using JsonDocument summary = JsonDocument.Parse(File(RunFolder.SummaryFile));
        JsonElement row = summary.RootElement.GetProperty("stages").EnumerateArray().First(stage => stage.GetProperty("name").GetString() == network);
        return new NetworkResult(
            [.. Lines("evaluation.jsonl").Select(Measurement.FromJson)],
            row.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Number).ToDictionary(entry => entry.Name, entry => entry.Value.GetDouble()),
            [.. Lines("metrics.jsonl").Select(line => JsonSerializer.Deserialize(line, TrainingJson.Default.EpochRecord)!)],
            state.Stages[$"evaluate {network}"].Outputs.ContainsKey($"{network}/curve.json") ? PrecisionRecallCurve.FromJson(File($"{network}/curve.json")).Points : [],
            state.Stages.Where(stage => stage.Key == network || stage.Key.EndsWith($" {network}", StringComparison.Ordinal)).Sum(stage => stage.Value.Seconds) / 60,
            state.Stages[network].Origin ?? new Origin("unknown", "unknown"));
    }
}
