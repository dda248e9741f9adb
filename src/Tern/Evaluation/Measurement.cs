using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tern.Evaluation;

/// <summary>What a number was measured on.</summary>
/// <param name="Name">The named protocol, such as <c>cifar10/query10k-db50k/full</c>.</param>
/// <param name="Split">Hash of the split, so that equal names mean equal items.</param>
/// <param name="Seed">Seed of the run, where one was drawn.</param>
/// <param name="Model">Identity of the model that made the codes.</param>
public sealed record Protocol(string Name, string? Split = null, ulong? Seed = null, string? Model = null);

/// <summary>A metric's value that carries its protocol; a number never stands alone.</summary>
public sealed record Measurement
{
    /// <summary>What was measured: <c>map</c>, <c>map@5000</c>, <c>map@r</c>, <c>r-precision</c>, <c>recall@1</c>, <c>precision@radius2</c>, <c>accuracy</c>, <c>tpr@fpr1e-3</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>The value.</summary>
    public required double Value { get; init; }

    /// <summary>The named protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What was ranked: <c>code</c> or <c>embedding</c>; null for pairs, and where it was written down before that was.</summary>
    public string? Ranked { get; init; }

    /// <summary>How embeddings were compared: <c>cosine</c> or <c>euclidean</c>; null where none were, codes standing by Hamming distance alone, and for pairs, whose protocol says it.</summary>
    public string? Distance { get; init; }

    /// <summary><c>expected</c> or <c>legacy</c>; <c>together</c> for pairs, where a threshold never parts equal distances; null where ties do not matter.</summary>
    public string? Ties { get; init; }

    /// <summary>The least value over all orders of tied items.</summary>
    public double? Worst { get; init; }

    /// <summary>The largest value over all orders of tied items.</summary>
    public double? Best { get; init; }

    /// <summary>Denominator of a cut-off average precision: <c>possible</c> or <c>found</c>.</summary>
    public string? Denominator { get; init; }

    /// <summary>Code length; null for float embeddings.</summary>
    public int? Bits { get; init; }

    /// <summary>Queries the mean is over.</summary>
    public int? Queries { get; init; }

    /// <summary>Queries left out because nothing in the gallery is relevant to them.</summary>
    public int? QueriesWithoutRelevant { get; init; }

    /// <summary>Items searched.</summary>
    public int? Gallery { get; init; }

    /// <summary>Whether each query was left out of its own ranking.</summary>
    public bool? ExcludeSelf { get; init; }

    /// <summary>Hash of the split.</summary>
    public string? Split { get; init; }

    /// <summary>Seed of the run.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Identity of the model.</summary>
    public string? Model { get; init; }

    /// <summary>One line of JSON; what is not known is left out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Default.Measurement);

    /// <summary>Reads <see cref="ToJson"/> back.</summary>
    /// <exception cref="TernException">The text is not a measurement.</exception>
    public static Measurement FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, EvaluationJson.Default.Measurement)
                ?? throw new TernException("A measurement cannot be null.");
        }
        catch (JsonException cause)
        {
            throw new TernException($"Not a measurement: {cause.Message}", cause);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Measurement))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
