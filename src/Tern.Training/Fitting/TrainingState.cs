using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tern.Training.Fitting;

/// <summary>Where training stands, apart from tensors. Everything random is a function of seed, epoch and picture, so no generator needs saving.</summary>
internal sealed record TrainingState
{
    /// <summary>Epochs finished.</summary>
    public int Epoch { get; init; }

    /// <summary>Steps done within the current epoch.</summary>
    public int Step { get; init; }

    /// <summary>Sum over those steps of the total, of each term, and of what is watched of the embeddings.</summary>
    public Dictionary<string, double> Sums { get; init; } = [];

    /// <summary>Finished epochs.</summary>
    public List<EpochRecord> History { get; init; } = [];

    /// <summary>Highest validation mAP so far; its weights are the "best" tensors.</summary>
    public double Best { get; init; } = -1;

    /// <summary>What has been seen of a collapse; null before the first step, and where no term ranks.</summary>
    public CollapseWatch? Collapse { get; init; }

    /// <summary>What <see cref="EpochRecord.FirstGradients"/> will be, from the first step to the end of the first epoch.</summary>
    public Dictionary<string, double>? FirstGradients { get; init; }

    /// <summary>What the work up to here took, over all starts.</summary>
    public double Seconds { get; init; }

    /// <summary>SHA-256 of everything the result depends on; another one's checkpoint is not resumed.</summary>
    public required string Inputs { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Default.TrainingState);

    public static TrainingState FromJson(string json) => JsonSerializer.Deserialize(json, TrainingJson.Default.TrainingState) ?? throw new JsonException("the state is null");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(EpochRecord))]
internal sealed partial class TrainingJson : JsonSerializerContext;
