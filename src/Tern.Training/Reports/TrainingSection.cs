using Tern.Training.Fitting;

namespace Tern.Training.Reports;

/// <summary>How training went: validation mAP of all networks in one chart, the loss and its terms in one for each.</summary>
internal static class TrainingSection
{
    public static Html Render(IReadOnlyList<Stage> stages)
    {
        Stage[] trained = [.. stages.Where(stage => stage.Network.Epochs.Count > 0)];
        if (trained.Length == 0) return Html.Of($"""<p class="note">No network was trained in this run.</p>""");
        return Html.Of($"""
            <div class="pair">{Validation(trained)}<div>
            <h3>The epoch that was kept</h3>
            <div class="scroll"><table><thead><tr><th scope="col">Stage</th><th scope="col">Epochs</th><th scope="col">Kept</th>
            <th scope="col">Validation mAP</th><th scope="col">Loss</th></tr></thead><tbody>
            {trained.Select(Row)}</tbody></table></div>
            <p class="note">The best on the validation pictures: held-back pictures ask learned ones, or, where whole classes are held back, one another. The test pictures are never looked at.</p>
            </div></div>
            <div class="grid">{trained.Select(Loss)}</div>

            """);
    }

    private static Html Row(Stage stage)
    {
        EpochRecord kept = Kept(stage);
        return Html.Of($"""
            <tr class="{stage.Colour}"><th scope="row"><i class="dot"></i>{stage.Title}</th>
            <td>{stage.Network.Epochs.Count}</td><td>{kept.Epoch}</td>
            <td>{NumberText.Score(kept.ValidationMap)}</td><td>{NumberText.Significant(kept.Loss)}</td></tr>

            """);
    }

    private static Html Validation(Stage[] stages)
    {
        ChartLine[] lines = [.. stages.Select(Validation)];
        Axis horizontal = Epochs(stages.SelectMany(stage => stage.Network.Epochs));
        Axis vertical = Axis.Around("mAP", lines.SelectMany(line => line.Points).Select(point => point.Y));
        return LineChart.Render("Validation mAP", horizontal, vertical, lines, "A ring marks the epoch that was kept.");
    }

    private static ChartLine Validation(Stage stage)
    {
        int kept = Kept(stage).Epoch;
        return new ChartLine(stage.Title, stage.Colour, [.. stage.Network.Epochs.Select(at => new ChartPoint(
            at.Epoch, at.ValidationMap, $"{stage.Title}, epoch {at.Epoch}: {NumberText.Score(at.ValidationMap)}", at.Epoch == kept))]);
    }

    private static Html Loss(Stage stage)
    {
        IReadOnlyList<EpochRecord> epochs = stage.Network.Epochs;
        string[] terms = [.. epochs.SelectMany(epoch => epoch.Terms.Keys).Distinct()];
        if (terms.Length == 1) terms = [];                                                      // it is the loss
        ChartLine[] lines =
        [
            Line("loss", stage.Colour, epochs.Select(epoch => (epoch.Epoch, epoch.Loss))),
            .. terms.Select((term, position) => Line(
                term, $"term t{position % 4}",
                from epoch in epochs where epoch.Terms.ContainsKey(term) select (epoch.Epoch, epoch.Terms[term]))),
        ];
        Axis vertical = Axis.Around("mean over the epoch", lines.SelectMany(line => line.Points).Select(point => point.Y).Append(0));
        return LineChart.Render($"{stage.Title}: loss", Epochs(epochs), vertical, lines);
    }

    private static ChartLine Line(string name, string style, IEnumerable<(int Epoch, double Value)> values) => new(
        name, style,
        [.. values.Select(at => new ChartPoint(at.Epoch, at.Value, $"{name}, epoch {at.Epoch}: {NumberText.Significant(at.Value)}"))]);

    private static Axis Epochs(IEnumerable<EpochRecord> epochs) =>
        Axis.Around("epoch", epochs.Select(epoch => (double)epoch.Epoch), leastStep: 1);

    // The trainer keeps the first of equally good epochs.
    private static EpochRecord Kept(Stage stage) => stage.Network.Epochs.MaxBy(epoch => epoch.ValidationMap)!;
}
