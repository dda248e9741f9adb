namespace Tern.Evaluation;

/// <summary>Accuracy on one fold.</summary>
/// <param name="Fold">Which.</param>
/// <param name="Pairs">How many pairs it has.</param>
/// <param name="Threshold">Pairs up to this distance were called the same; chosen without the fold.</param>
/// <param name="Accuracy">Share of its pairs that were called what they are.</param>
public sealed record FoldScore(int Fold, int Pairs, double Threshold, double Accuracy);

/// <summary>How well distances tell same pairs from different ones; <c>docs/metrics.md</c> says what each number means.</summary>
public sealed record VerificationScores
{
    private static readonly (string Name, double Rate)[] FalsePositiveRates = [("1e-2", 1e-2), ("1e-3", 1e-3)];

    /// <summary>How many pairs were judged.</summary>
    public required int Pairs { get; init; }

    /// <summary>Code length, or null for float embeddings.</summary>
    public required int? Bits { get; init; }

    /// <summary>Each fold with a threshold chosen elsewhere; empty where there was nothing to choose one on.</summary>
    public required IReadOnlyList<FoldScore> Folds { get; init; }

    /// <summary>Over all pairs.</summary>
    public required RocCurve Roc { get; init; }

    /// <summary>Mean of the folds' accuracies; null without a threshold.</summary>
    public double? Accuracy => Folds.Count == 0 ? null : Folds.Average(fold => fold.Accuracy);

    /// <summary>Standard error of that mean: the folds' standard deviation (divided by folds - 1) over the root of their number; null for fewer than two.</summary>
    public double? StandardError
    {
        get
        {
            if (Folds.Count < 2 || Accuracy is not { } mean)
                return null;
            double variance = Folds.Sum(fold => (fold.Accuracy - mean) * (fold.Accuracy - mean)) / (Folds.Count - 1);
            return Math.Sqrt(variance / Folds.Count);
        }
    }

    /// <summary>Every number with its protocol: accuracy and its standard error where there are any, equal error rate, area under the curve, and true
    /// positive rates at false positive rates of 1e-2 and 1e-3.</summary>
    public IReadOnlyList<Measurement> Measurements(Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        Measurement Row(string metric, double value) => new()
        {
            Metric = metric, Value = value, Protocol = protocol.Name, Split = protocol.Split, Seed = protocol.Seed, Model = protocol.Model,
            Bits = Bits, Ties = "together",
        };
        List<Measurement> rows = [];
        if (Accuracy is { } accuracy)
            rows.Add(Row("accuracy", accuracy));
        if (StandardError is { } error)
            rows.Add(Row("accuracy.standardError", error));
        rows.Add(Row("eer", Roc.EqualErrorRate));
        rows.Add(Row("auc", Roc.AreaUnderCurve));
        rows.AddRange(FalsePositiveRates.Select(at => Row($"tpr@fpr{at.Name}", Roc.TruePositiveRateAt(at.Rate))));
        return rows;
    }
}
