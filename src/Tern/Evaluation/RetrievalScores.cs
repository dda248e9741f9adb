namespace Tern.Evaluation;

/// <summary>Recall@K and Precision@K, means over the queries.</summary>
/// <param name="K">How many nearest items count.</param>
/// <param name="Recall">The hit rate: share of queries with at least one relevant item among the K nearest.</param>
/// <param name="Precision">Share of relevant items among the K nearest.</param>
public sealed record TopKScore(int K, double Recall, double Precision);

/// <summary>One point of the precision-recall curve of a code: everything within a Hamming radius is retrieved.</summary>
/// <param name="Radius">Largest distance retrieved.</param>
/// <param name="Precision">Mean share of relevant items among the retrieved; a query that retrieves nothing counts 0.</param>
/// <param name="Recall">Mean share of the relevant items that is retrieved.</param>
public sealed record RadiusScore(int Radius, double Precision, double Recall);

/// <summary>What one evaluation found. Means are over the queries that have a relevant item in the gallery.</summary>
public sealed record RetrievalScores
{
    /// <summary>Queries the means are over.</summary>
    public required int Queries { get; init; }

    /// <summary>Queries left out because the gallery holds nothing relevant to them.</summary>
    public required int QueriesWithoutRelevant { get; init; }

    /// <summary>Gallery items, before a query's own is left out.</summary>
    public required int Gallery { get; init; }

    /// <summary>Code length, or null for float embeddings.</summary>
    public required int? Bits { get; init; }

    /// <summary>How float embeddings were compared; null where none were.</summary>
    public EmbeddingDistance? Distance { get; init; }

    /// <summary>How many of the nearest by code were ranked again by embedding; null where none were.</summary>
    public int? Reranked { get; init; }

    /// <summary>The options of the evaluation.</summary>
    public required RetrievalOptions Options { get; init; }

    /// <summary>mAP, or mAP@N with a cut-off, under the ties rule of the options.</summary>
    public required double MeanAveragePrecision { get; init; }

    /// <summary>Mean of each query's expected, worst and best average precision over the orders of tied items.</summary>
    public required TiedValue MeanAveragePrecisionOverTies { get; init; }

    /// <summary>mAP@R: average precision of the first R items alone, R the query's own number of relevant items; a cut-off does not change it.</summary>
    public required double MeanAveragePrecisionAtR { get; init; }

    /// <summary>The same over the orders of tied items.</summary>
    public required TiedValue MeanAveragePrecisionAtROverTies { get; init; }

    /// <summary>Share of relevant items among the first R, R the query's own number of relevant items.</summary>
    public required double RPrecision { get; init; }

    /// <summary>One entry for each K of the options.</summary>
    public required IReadOnlyList<TopKScore> TopK { get; init; }

    /// <summary>Radii 0 to Bits; empty for float embeddings, and where the nearest were ranked again.</summary>
    public required IReadOnlyList<RadiusScore> Curve { get; init; }

    /// <summary>Precision within a Hamming radius (2 is the literature's habit); queries with nothing inside count 0.</summary>
    /// <exception cref="TernException">The scores are of float embeddings, or the radius is outside 0..Bits.</exception>
    public double PrecisionWithinRadius(int radius)
    {
        if (radius < 0 || radius >= Curve.Count)
            throw new TernException(Bits is null
                ? "Float embeddings have no Hamming radius; evaluate codes for precision within a radius."
                : $"A radius of {Bits}-bit codes is 0 to {Bits}; got {radius}.");
        return Curve[radius].Precision;
    }

    /// <summary>The main numbers, each with its protocol: mAP, mAP@R and R-precision, and Recall and Precision at each K; for codes also
    /// precision within radius 2. Where the nearest were ranked again, a metric's name says how many: <c>map+rerank100</c>.</summary>
    public IReadOnlyList<Measurement> Measurements(Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        string ranked = Bits is null ? "embedding" : "code";
        string? distance = Distance is { } kind ? kind == EmbeddingDistance.Cosine ? "cosine" : "euclidean" : null;
        Measurement Row(string metric, double value) => new()
        {
            Metric = Reranked is { } depth ? $"{metric}+rerank{depth}" : metric, Value = value, Protocol = protocol.Name, Split = protocol.Split, Seed = protocol.Seed, Model = protocol.Model,
            Ranked = ranked, Distance = distance, Bits = Bits, Queries = Queries, QueriesWithoutRelevant = QueriesWithoutRelevant, Gallery = Gallery,
            Ties = Options.Ties == Ties.Expected ? "expected" : "legacy", ExcludeSelf = Options.ExcludeSelf,
        };
        string map = Options.Cutoff is { } cutoff ? $"map@{cutoff}" : "map";
        List<Measurement> rows =
        [
            Row(map, MeanAveragePrecision) with
            {
                Worst = MeanAveragePrecisionOverTies.Worst,
                Best = MeanAveragePrecisionOverTies.Best,
                Denominator = Options.Cutoff is null ? null : Options.Denominator == CutoffDenominator.Possible ? "possible" : "found",
            },
        ];
        rows.Add(Row("map@r", MeanAveragePrecisionAtR) with
        {
            Worst = MeanAveragePrecisionAtROverTies.Worst,
            Best = MeanAveragePrecisionAtROverTies.Best,
        });
        rows.Add(Row("r-precision", RPrecision));
        rows.AddRange(TopK.SelectMany(at => new[] { Row($"recall@{at.K}", at.Recall), Row($"precision@{at.K}", at.Precision) }));
        if (Curve.Count > 2)
            rows.Add(Row("precision@radius2", PrecisionWithinRadius(2)) with { Ties = null });
        return rows;
    }
}
