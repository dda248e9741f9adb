using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Evaluation;
using Tern.Training.Protocols;

namespace Tern.Training.Runs;

/// <summary>curve.json: precision and recall within each Hamming radius, with what they were measured on.</summary>
/// <param name="Points">Radii 0 to Bits; docs/metrics.md says what a point means.</param>
public sealed record PrecisionRecallCurve(string Protocol, string? Split, ulong? Seed, string? Model, int Bits, IReadOnlyList<RadiusScore> Points)
{
    /// <summary>The curve of codes under a protocol.</summary>
    internal static PrecisionRecallCurve Of(ProtocolScores found) =>
        new(found.Protocol.Name, found.Protocol.Split, found.Protocol.Seed, found.Protocol.Model, found.Scores.Bits!.Value, found.Scores.Curve);

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CurveJson.Default.PrecisionRecallCurve) + "\n";

    /// <summary>Reads <see cref="ToJson"/> back.</summary>
    public static PrecisionRecallCurve FromJson(string json) => JsonSerializer.Deserialize(json, CurveJson.Default.PrecisionRecallCurve)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PrecisionRecallCurve))]
internal sealed partial class CurveJson : JsonSerializerContext;
