using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Evaluation;

namespace Tern.Training.Protocols;

/// <summary>roc.json: what thresholds can do, with what it was measured on.</summary>
/// <param name="Bits">Code length, or null for float embeddings.</param>
/// <param name="Points">From nothing called the same to everything; docs/metrics.md says what a point means.</param>
public sealed record MeasuredRoc(string Protocol, string? Split, ulong? Seed, string? Model, int? Bits, IReadOnlyList<RocPoint> Points);

/// <summary>The curves of a protocol of pairs: by embeddings, then by codes, where there are any.</summary>
public static class RocFile
{
    /// <summary>The file's text.</summary>
    public static string ToJson(IReadOnlyList<VerificationResult> found) => JsonSerializer.Serialize(
        [.. found.Select(result => new MeasuredRoc(
            result.Protocol.Name, result.Protocol.Split, result.Protocol.Seed, result.Protocol.Model, result.Scores.Bits, result.Scores.Roc.Points))],
        RocJson.Default.MeasuredRocArray) + "\n";

    /// <summary>Reads <see cref="ToJson"/> back.</summary>
    public static IReadOnlyList<MeasuredRoc> FromJson(string json) => JsonSerializer.Deserialize(json, RocJson.Default.MeasuredRocArray)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MeasuredRoc[]))]
internal sealed partial class RocJson : JsonSerializerContext;
