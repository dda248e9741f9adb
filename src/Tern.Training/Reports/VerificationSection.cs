using Tern.Evaluation;
using Tern.Training.Protocols;

namespace Tern.Training.Reports;

/// <summary>What thresholds on the distance of a pair can do: a chart by embeddings and one by codes.</summary>
internal static class VerificationSection
{
    /// <summary>Whether any network was judged by pairs.</summary>
    public static bool IsThere(IReadOnlyList<Stage> stages) => stages.Any(stage => stage.Network.Roc.Count > 0);

    public static Html Render(IReadOnlyList<Stage> stages) => Html.Of($"""
        <div class="grid">{Chart("By embeddings", stages, codes: false)}{Chart("By codes", stages, codes: true)}</div>
        <p class="note">{stages.SelectMany(stage => stage.Network.Roc).First().Protocol}. A point is a threshold: pairs up to a distance are called the same.
        Two pairs at one distance are called alike.</p>

        """);

    private static Html Chart(string title, IReadOnlyList<Stage> stages, bool codes)
    {
        ChartLine[] lines = [.. stages.SelectMany(stage => stage.Network.Roc.Where(roc => (roc.Bits is not null) == codes).Select(roc => Line(stage, roc)))];
        return lines.Length == 0 ? default : LineChart.Render(title, Axis.Share("different pairs called the same"), Axis.Share("same pairs called the same"), lines);
    }

    private static ChartLine Line(Stage stage, MeasuredRoc roc) => new(stage.Title, stage.Colour, [.. roc.Points.Select(at => Point(stage, at))]);

    private static ChartPoint Point(Stage stage, RocPoint at) => new(
        at.FalsePositiveRate, at.TruePositiveRate,
        $"{stage.Title}: {NumberText.Score(at.TruePositiveRate)} of same and {NumberText.Score(at.FalsePositiveRate)} of different pairs called the same"
        + (at.Distance is { } distance ? $", up to {NumberText.Significant(distance)}" : ""));
}
