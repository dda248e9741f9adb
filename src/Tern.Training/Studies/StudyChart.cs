using Tern.Training.Reports;

namespace Tern.Training.Studies;

/// <summary>Draws one chart of a study: a line for each combination of the values it does not fix.</summary>
internal static class StudyChart
{
    private const int Styles = 12;

    public static Html Render(ChartSpec spec, IReadOnlyList<JudgedNetwork> networks, IReadOnlyList<StudyRow> rows)
    {
        JudgedNetwork[] chosen = [.. networks.Where(network => (spec.Where ?? []).All(condition => Meets(network, condition.Split('='))))];
        string[] varying = [.. chosen.SelectMany(network => network.Axes.Keys).Distinct()
            .Where(axis => axis != spec.X && axis != spec.Along && chosen.Select(network => network.Axes[axis]).Distinct().Count() > 1)];
        string Line(IReadOnlyDictionary<string, string> axes) => string.Join(", ", varying.Select(axis => axes[axis]));
        ChartLine[] lines = [.. chosen.GroupBy(network => Line(network.Axes))
            .Select((line, i) => new ChartLine(line.Key, $"n{i % Styles}", [.. line.SelectMany(network => Points(spec, network, rows)).OrderBy(point => spec.X == ChartSpec.Recall ? 0 : point.X)]))
            .Where(line => line.Points.Count > 0)];
        if (lines.Length == 0)
            return Html.Of($"""
                <figure class="chart"><figcaption><b>{spec.Title}</b></figcaption><p class="note">Nothing to draw: no network here has both {spec.X} and {Vertical(spec)}. Metrics are {string.Join(", ", rows.Select(row => row.Metric).Distinct())}.</p></figure>

                """);
        ChartPoint[] all = [.. lines.SelectMany(line => line.Points)];
        return LineChart.Render(
            spec.Title, Axis.Around(spec.X, all.Select(point => point.X)), Axis.Around(Vertical(spec), all.Select(point => point.Y)), lines,
            Note(spec, rows));
    }

    // Where there are several protocols, points are of the first.
    private static string? Note(ChartSpec spec, IReadOnlyList<StudyRow> rows) => spec.X switch
    {
        ChartSpec.Epoch => null,
        ChartSpec.Recall => $"A point is a Hamming radius, from 0 on the left. {rows[0].Protocol}.",
        _ => rows.FirstOrDefault(row => row.Metric == Vertical(spec)) is { } first ? $"{first.Protocol}{(first.Ties is { } ties ? $", ties: {ties}" : "")}." : null,
    };

    private static bool Meets(JudgedNetwork network, string[] condition) => network.Axes[condition[0]].Split('|').Intersect(condition[1].Split('|')).Any();

    private static string Vertical(ChartSpec spec) => spec.Y ?? spec.X switch { ChartSpec.Epoch => "validation mAP", ChartSpec.Recall => "precision", _ => "map" };

    private static IEnumerable<ChartPoint> Points(ChartSpec spec, JudgedNetwork network, IReadOnlyList<StudyRow> rows)
    {
        if (spec.X == ChartSpec.Epoch)
            return network.Results[0].Epochs.Select(epoch => Point(network, epoch.Epoch, epoch.ValidationMap));
        if (spec.X == ChartSpec.Recall)
            return network.Results[0].Curve.Select(at => Point(network, at.Recall, at.Precision));
        StudyRow? row = rows.FirstOrDefault(row => row.Name == network.Name && row.Metric == Vertical(spec));
        return row?.Number(spec.X) is { } x ? [Point(network, x, row.Value)] : [];
    }

    private static ChartPoint Point(JudgedNetwork network, double x, double y) =>
        new(x, y, $"{network.Name}: {NumberText.Significant(x)}, {NumberText.Score(y)}");
}
