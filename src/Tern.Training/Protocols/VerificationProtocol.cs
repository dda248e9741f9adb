using Tern.Evaluation;
using Tern.Imaging;
using Tern.Training.Data;

namespace Tern.Training.Protocols;

/// <summary>
/// Pairs of pictures are told the same or different, by the cosine distance of embeddings and by the Hamming distance of codes; the pictures as they are, or all of
/// them made worse in a stated way, which stands for a domain that was not learned.
/// </summary>
public sealed record VerificationProtocol
{
    private readonly Func<Picture, Picture>[] degradations;

    private VerificationProtocol(string? variant, params Func<Picture, Picture>[] degradations) => (Variant, this.degradations) = (variant, degradations);

    /// <summary>All there are, the default first.</summary>
    public static IReadOnlyList<VerificationProtocol> All { get; } =
    [
        new(variant: null), new("blurred", Degradation.Blur), new("dark", Degradation.Darken), new("small", Degradation.Shrink),
        new("degraded", Degradation.Blur, Degradation.Shrink, Degradation.Darken),
    ];

    /// <summary>What it is called, in recipes and beside its numbers.</summary>
    public string Name => Variant is null ? "pairs" : $"pairs-{Variant}";

    /// <summary>Every name that is understood.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(protocol => protocol.Name)];

    /// <summary>How pictures are made worse; null where they are not.</summary>
    public string? Variant { get; }

    /// <summary>The protocol of a name, or null.</summary>
    public static VerificationProtocol? Find(string name) => All.FirstOrDefault(protocol => protocol.Name == name);

    /// <summary>A picture as this protocol shows it.</summary>
    public Picture Show(Picture picture) => degradations.Aggregate(picture, (seen, degrade) => degrade(seen));

    /// <summary>
    /// Judges the distances of all pairs: those of embeddings, then those of codes if there are any. Where the pairs stand in several folds, the threshold of each is of the others;
    /// else it is of <paramref name="heldBack"/>, and without any there is no accuracy.
    /// </summary>
    /// <param name="bits">Length of the codes; null where nothing has trained them, and they say nothing.</param>
    /// <param name="measured">Split, seed and model to remember.</param>
    public IReadOnlyList<VerificationResult> Evaluate(PairSet set, MeasuredPairs pairs, MeasuredPairs? heldBack, string dataPath, MirrorUse mirror, int? bits, Protocol measured)
    {
        bool needsThreshold = set.Folds < 2;
        string title = Title(set, heldBack is not null, dataPath, mirror);
        VerificationResult Judge(string distance, Func<MeasuredPairs, IReadOnlyList<double>> of, int? length)
        {
            double? threshold = needsThreshold && heldBack is not null ? Verification.Threshold(heldBack.Pairs, of(heldBack)) : null;
            return new VerificationResult(measured with { Name = $"{title}/{distance}" }, Verification.Evaluate(pairs.Pairs, of(pairs), length, threshold));
        }
        VerificationResult byEmbeddings = Judge("cosine", found => found.Cosine, null);
        return bits is null ? [byEmbeddings] : [byEmbeddings, Judge("hamming", found => found.Hamming, bits)];
    }

    /// <summary>data set / list / variant / how many pairs / where the threshold is from / mirror images.</summary>
    /// <param name="heldBack">Whether there are pairs of held-back pictures to choose a threshold on.</param>
    public string Title(PairSet set, bool heldBack, string dataPath, MirrorUse mirror)
    {
        string threshold = set.Folds > 1 ? $"{set.Folds} folds" : heldBack ? "threshold of held-back people" : "no threshold";
        string? mirrored = mirror == MirrorUse.None ? null : $"mirror {mirror.ToString().ToLowerInvariant()}";
        string?[] parts = [RetrievalProtocol.DataName(dataPath), set.Name, Variant, $"{set.Pairs.Count} pairs", threshold, mirrored];
        return string.Join('/', parts.OfType<string>());
    }
}

/// <summary>Pairs and how far apart a model finds them.</summary>
/// <param name="Cosine">Of embeddings.</param>
/// <param name="Hamming">Of codes.</param>
public sealed record MeasuredPairs(IReadOnlyList<VerificationPair> Pairs, IReadOnlyList<double> Cosine, IReadOnlyList<double> Hamming);

/// <summary>What one protocol found by one distance.</summary>
public sealed record VerificationResult(Protocol Protocol, VerificationScores Scores)
{
    /// <summary>The numbers, each with its protocol.</summary>
    public IReadOnlyList<Measurement> Measurements => Scores.Measurements(Protocol);
}
