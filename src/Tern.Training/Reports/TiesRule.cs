using Tern.Evaluation;

namespace Tern.Training.Reports;

/// <summary>What the report says about ties: pictures at equal Hamming distance have no order of their own.</summary>
internal static class TiesRule
{
    /// <summary>The network's mAP with its protocol, or null where it was not measured.</summary>
    public static Measurement? MeanAveragePrecision(NetworkReport network) =>
        network.Measurements.FirstOrDefault(found => found.Metric == "map" || found.Metric.StartsWith("map@", StringComparison.Ordinal));

    /// <summary>The rule of the run's mAP in words, and what its bounds are.</summary>
    public static string Of(ReportData data)
    {
        Measurement? map = data.Networks.Select(MeanAveragePrecision).FirstOrDefault(found => found is not null);
        return Describe(map?.Ties) + (map is { Worst: not null, Best: not null }
            ? " The smaller figures are the worst and the best mAP over all orders of ties."
            : "");
    }

    /// <summary>What a rule's name means.</summary>
    public static string Describe(string? ties) => ties switch
    {
        "expected" => "mAP is the expected value over all orders of pictures at the same distance.",
        "legacy" => "Legacy: gallery order decides between pictures at the same distance.",
        null => "The ties rule was not recorded.",
        _ => $"Rule: {ties}.",
    };
}
