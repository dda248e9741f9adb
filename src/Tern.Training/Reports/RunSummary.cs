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
            [.. data.Networks.Select(StageSummary.Of)]),
        RunSummaryJson.Default.RunSummary) + "\n";
}

/// <summary>A row of the chain's table.</summary>
/// <param name="Bytes">model.onnx.</param>
/// <param name="Map">Of the first protocol of retrieval; null, like Recall@1, where there is none.</param>
/// <param name="CodedBytes">model.onnx.br.</param>
/// <param name="QuantizedFloatBytes">The weights of the quantised layers as float32...</param>
/// <param name="QuantizedBytes">...packed...</param>
/// <param name="QuantizedCodedBytes">...and packed under Brotli; null, like the zero ratio, where nothing is quantised.</param>
/// <param name="ZeroRatio">Share of zeros among those weights.</param>
/// <param name="Accuracy">Share of pairs told right by embeddings, by the first protocol of pairs; null where there is none.</param>
/// <param name="CodeAccuracy">The same by codes.</param>
/// <param name="FloatBytes">model.onnx with every weight as float32.</param>
public sealed record StageSummary(
    string Name, long Parameters, long MultiplyAdds, long Bytes, double? Map, [property: JsonPropertyName("recallAt1")] double? RecallAt1, double EncodeMs, string Model,
    long? CodedBytes = null, long? QuantizedFloatBytes = null, long? QuantizedBytes = null, long? QuantizedCodedBytes = null, double? ZeroRatio = null,
    double? Accuracy = null, double? CodeAccuracy = null, long? FloatBytes = null)
{
    internal static StageSummary Of(NetworkReport network)
    {
        var summary = new StageSummary(
            network.Name, network.Parameters, network.MultiplyAdds, network.Bytes, network.MeanAveragePrecision, network.RecallAt1, network.EncodeMs, network.Model,
            network.Size?.CompressedBytes, Accuracy: network.AccuracyOfPairs(codes: false), CodeAccuracy: network.AccuracyOfPairs(codes: true), FloatBytes: network.Size?.FloatBytes);
        if (network.Size is not { Layers: { Count: > 0 } layers }) return summary;
        return summary with
        {
            QuantizedFloatBytes = layers.Sum(layer => layer.FloatBytes),
            QuantizedBytes = layers.Sum(layer => layer.PackedBytes),
            QuantizedCodedBytes = layers.Sum(layer => layer.CompressedBytes),
            ZeroRatio = layers.Sum(layer => layer.ZeroRatio * layer.Weights) / layers.Sum(layer => layer.Weights),
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunSummary))]
internal sealed partial class RunSummaryJson : JsonSerializerContext;
