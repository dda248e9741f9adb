namespace Tern.Evaluation;

/// <summary>Sums of the scores of some queries. Each query block has its own; they are added up in query order, so that threads cannot
/// change a digit.</summary>
internal sealed class ScoreSum(RetrievalOptions options, int? bits)
{
    private readonly double[] recallAt = new double[options.TopK.Count];
    private readonly double[] precisionAt = new double[options.TopK.Count];
    private readonly double[] radiusPrecision = new double[bits + 1 ?? 0];
    private readonly double[] radiusRecall = new double[bits + 1 ?? 0];
    private int queries;
    private int withoutRelevant;
    private double averagePrecision, averagePrecisionAtR, precisionAtR;
    private TiedSum overTies, atR; // the same two over all orders of ties

    /// <summary>Adds one query's scores.</summary>
    public void Add(QueryRanking ranking)
    {
        if (ranking.Relevant == 0)
        {
            withoutRelevant++;
            return;
        }
        queries++;
        averagePrecision += Average(ranking, options.Cutoff, options.Denominator, ref overTies);
        averagePrecisionAtR += Average(ranking, ranking.Relevant, CutoffDenominator.Possible, ref atR);
        precisionAtR += TopK.Precision(ranking, ranking.Relevant, options.Ties);
        for (int i = 0; i < options.TopK.Count; i++)
        {
            recallAt[i] += TopK.Hit(ranking, options.TopK[i], options.Ties);
            precisionAt[i] += TopK.Precision(ranking, options.TopK[i], options.Ties);
        }
        AddRadii(ranking);
    }

    // Average precision under the options' rule; what it is over all orders is added to a sum.
    private double Average(QueryRanking ranking, int? cutoff, CutoffDenominator denominator, ref TiedSum sum)
    {
        TiedValue value = AveragePrecision.OfGroups(ranking, cutoff, denominator);
        sum.Add(value);
        return options.Ties == Ties.Expected ? value.Expected : AveragePrecision.FromRanks(ranking.LegacyRanks, cutoff, denominator);
    }

    private void AddRadii(QueryRanking ranking)
    {
        long retrieved = 0, relevant = 0;
        for (int radius = 0; radius < radiusRecall.Length; radius++)
        {
            retrieved += ranking.Groups[radius].Total;
            relevant += ranking.Groups[radius].Relevant;
            radiusPrecision[radius] += retrieved == 0 ? 0 : (double)relevant / retrieved;
            radiusRecall[radius] += (double)relevant / ranking.Relevant;
        }
    }

    /// <summary>Adds the sums of the next queries.</summary>
    public void Add(ScoreSum next)
    {
        queries += next.queries;
        withoutRelevant += next.withoutRelevant;
        averagePrecision += next.averagePrecision;
        averagePrecisionAtR += next.averagePrecisionAtR;
        precisionAtR += next.precisionAtR;
        overTies.Add(next.overTies.Value);
        atR.Add(next.atR.Value);
        AddAll(recallAt, next.recallAt);
        AddAll(precisionAt, next.precisionAt);
        AddAll(radiusPrecision, next.radiusPrecision);
        AddAll(radiusRecall, next.radiusRecall);
    }

    /// <summary>The means.</summary>
    /// <exception cref="TernException">No query has a relevant item.</exception>
    public RetrievalScores ToScores(int gallery)
    {
        if (queries == 0)
            throw new TernException(
                $"None of the {withoutRelevant} queries has a relevant item in the gallery of {gallery}; check the labels.");
        return new RetrievalScores
        {
            Queries = queries, QueriesWithoutRelevant = withoutRelevant, Gallery = gallery, Bits = bits, Options = options,
            MeanAveragePrecision = averagePrecision / queries,
            MeanAveragePrecisionOverTies = overTies.Mean(queries),
            MeanAveragePrecisionAtR = averagePrecisionAtR / queries,
            MeanAveragePrecisionAtROverTies = atR.Mean(queries),
            RPrecision = precisionAtR / queries,
            TopK = [.. options.TopK.Select((k, i) => new TopKScore(k, recallAt[i] / queries, precisionAt[i] / queries))],
            Curve = [.. radiusRecall.Select((recall, r) => new RadiusScore(r, radiusPrecision[r] / queries, recall / queries))],
        };
    }

    private struct TiedSum
    {
        public TiedValue Value { get; private set; }

        public void Add(TiedValue next) => Value = new TiedValue(Value.Expected + next.Expected, Value.Worst + next.Worst, Value.Best + next.Best);

        public readonly TiedValue Mean(int count) => new(Value.Expected / count, Value.Worst / count, Value.Best / count);
    }

    private static void AddAll(double[] to, double[] from)
    {
        for (int i = 0; i < to.Length; i++)
            to[i] += from[i];
    }
}
