using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tern.Training.Reports;

/// <summary>summary.json: the chain's table for programs.</summary>
public sealed record RunSummary(string Name, int Bits, string Protocol, string Ties, IReadOnlyList<StageSummary> Stages)
{
    /// <summary>Reads <see cref="ToJson"/> back.</summary>
    public static RunSummary FromJson(string json) => JsonSerializer.Deserialize(json, RunSummaryJson.Default.RunSummary)!;

    /// <summary>The summary of a report, as indented JSON.</summary>
    public static string ToJson(ReportData data) => JsonSerializer.Serialize(
        new RunSummary(data.Name, data.CodeBits, data.Protocol, "expected",
            [.. data.Networks.Select(network => new StageSummary(
                network.Name, network.Parameters, network.MultiplyAdds, network.Bytes, network.MeanAveragePrecision, network.RecallAt1, network.EncodeMs, network.Model))]),
        RunSummaryJson.Default.RunSummary) + "\n";
}

/// <summary>A row of the chain's table.</summary>
public sealed record StageSummary(
    string Name, long Parameters, long MultiplyAdds, long Bytes, double Map, [property: JsonPropertyName("recallAt1")] double RecallAt1, double EncodeMs, string Model);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunSummary))]
internal sealed partial class RunSummaryJson : JsonSerializerContext;
