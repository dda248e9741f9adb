using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tern.Training.Studies;

/// <summary>One number of a study, with everything needed to read it alone.</summary>
/// <param name="Name">The cell and the network: bits=12,distillation=none,network=student.</param>
/// <param name="Axes">The same by axis.</param>
/// <param name="Metric">map, recall@1, precision@radius2, accuracy, ...</param>
/// <param name="Value">The mean over the seeds.</param>
/// <param name="Spread">Standard deviation over the seeds; null for one.</param>
/// <param name="Protocol">Data set, who asks, who answers; a count that differs from run to run as a range.</param>
/// <param name="Ties">expected or legacy; null where ties do not matter.</param>
/// <param name="Bytes">model.onnx, in bytes.</param>
/// <param name="Numbers">What else is known of the network: parameters, encodeMs, and the like.</param>
/// <param name="Minutes">What training, exporting, encoding and judging this network took, a seed.</param>
/// <param name="Command">What was typed last, as a shell takes it; where seeds or folds differ in it all of them, with | between.</param>
/// <param name="Commit">Of the program that trained it, whichever command that was.</param>
/// <param name="Machine">The one that trained it.</param>
/// <param name="Ranked">What was ranked, embedding or code; null for pairs, and where it was written down before that was.</param>
/// <param name="Split">Hash of who asks and who answers: equal only where the pictures are.</param>
/// <param name="Model">SHA-256 of model.onnx; of several seeds or folds all of them, with | between.</param>
/// <param name="Values">The value of each seed, in their order: two rows may be compared seed by seed. Null for one.</param>
public sealed record StudyRow(
    string Name, IReadOnlyDictionary<string, string> Axes, string Metric, double Value, double? Spread, string Protocol, string? Ties, ulong[] Seeds,
    int? Bits, long Bytes, IReadOnlyDictionary<string, double> Numbers, double Minutes, string Command, string Commit, string Machine, string? Ranked = null,
    string? Split = null, string? Model = null, double[]? Values = null)
{
    /// <summary>The axis that every study has besides its own.</summary>
    public const string NetworkAxis = "network";

    /// <summary>What <see cref="Number"/> may be asked for in every study, besides its axes.</summary>
    public static IReadOnlyList<string> NumberNames { get; } =
        ["floatBytes", "bytes", "codedBytes", "quantizedFloatBytes", "quantizedBytes", "quantizedCodedBytes", "zeroRatio", "parameters", "multiplyAdds", "encodeMs", "minutes"];

    /// <summary>What is measured, however pictures are found: map for <c>map+rerank100</c> too.</summary>
    internal string Measure => Metric.Split('+')[0];

    /// <summary>What pictures are found by: embedding, code, or code+rerank100.</summary>
    internal string FoundBy => Ranked + Metric[Measure.Length..];

    /// <summary>Rows as indented JSON.</summary>
    public static string ToJson(IReadOnlyList<StudyRow> rows) => JsonSerializer.Serialize([.. rows], StudyJson.Default.StudyRowArray) + "\n";

    /// <summary>Reads <see cref="ToJson"/> back. Throws <see cref="JsonException"/> where it is something else.</summary>
    public static IReadOnlyList<StudyRow> FromJson(string json) => JsonSerializer.Deserialize(json, StudyJson.Default.StudyRowArray) is { } rows && rows.All(row => row is not null) ? rows : throw new JsonException("rows are missing");

    /// <summary>A number by name: the value itself, bytes, minutes, an axis with numbers, or one of <see cref="Numbers"/>; null where there is none.</summary>
    public double? Number(string name) => name switch
    {
        "bytes" => Bytes,
        "minutes" => Minutes,
        _ when Axes.TryGetValue(name, out string? text) => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double number) ? number : null,
        _ => Numbers.TryGetValue(name, out double value) ? value : null,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StudyRow[]))]
internal sealed partial class StudyJson : JsonSerializerContext;
