using Tern.Evaluation;

namespace Tern.Training.Reports;

/// <summary>Every number of every network beside its protocol: a row is one question, asked of all networks alike.</summary>
internal static class MeasurementSection
{
    public static Html Render(IReadOnlyList<Stage> stages)
    {
        // What is left of a measurement without its metric and its answer is the protocol; equal protocols share a heading.
        var groups = stages.SelectMany(stage => stage.Network.Measurements).Select(Question).Distinct().GroupBy(Protocol).ToArray();
        if (groups.Length == 0) return Html.Of($"""<p class="note">Nothing has been measured yet.</p>""");
        return Html.Of($"""
            <div class="scroll"><table class="measurements"><thead><tr><th scope="col">Metric</th>{stages.Select(stage => Html.Of(
                $"""<th scope="col" class="{stage.Colour}"><i class="dot"></i>{stage.Title}</th>"""))}<th scope="col">Ties</th></tr></thead>
            {groups.Select(group => Group(group.Key, group, stages))}</table></div>
            <p class="note">Small figures: the worst and the best value over all orders of tied pictures.</p>

            """);
    }

    private static Html Group(Measurement protocol, IEnumerable<Measurement> questions, IReadOnlyList<Stage> stages) => Html.Of($"""
        <tbody><tr class="protocol"><td colspan="{stages.Count + 2}">{string.Join(" · ", Conditions(protocol))}</td></tr>
        {questions.Select(question => Html.Of($"""
            <tr><th scope="row">{Title(question.Metric)}</th>{stages.Select(stage => Cell(stage, question))}
            <td>{question.Ties ?? NumberText.None}</td></tr>

            """))}</tbody>

        """);

    private static Html Cell(Stage stage, Measurement question) =>
        stage.Network.Measurements.FirstOrDefault(measurement => Question(measurement) == question) is not { } answer
            ? Html.Of($"<td>{NumberText.None}</td>")
            : answer is { Worst: { } worst, Best: { } best }
            ? Html.Of($"<td>{NumberText.Score(answer.Value)}<small>{NumberText.Score(worst)} – {NumberText.Score(best)}</small></td>")
            : Html.Of($"<td>{NumberText.Score(answer.Value)}</td>");

    private static Measurement Question(Measurement measurement) => measurement with { Value = 0, Worst = null, Best = null, Model = null };

    private static Measurement Protocol(Measurement question) => question with { Metric = "", Ties = null, Denominator = null };

    private static IEnumerable<string> Conditions(Measurement protocol)
    {
        yield return protocol.Protocol;
        if (protocol.Queries is { } queries) yield return $"{NumberText.Count(queries)} queries";
        if (protocol.QueriesWithoutRelevant is > 0 and { } without) yield return $"{NumberText.Count(without)} more had nothing to find";
        if (protocol.Gallery is { } gallery) yield return $"gallery {NumberText.Count(gallery)}";
        yield return (protocol.Bits, protocol.Distance) switch
        {
            ({ } bits, null) => $"{bits} bits",
            ({ } bits, { } distance) => $"{bits} bits, the first again by {distance} of embeddings",
            (null, { } distance) => $"float embeddings by {distance}",
            _ => "float embeddings",
        };
        if (protocol.ExcludeSelf == true) yield return "a query is not its own answer";
        if (protocol.Seed is { } seed) yield return $"seed {seed}";
        if (protocol.Split is { } split) yield return $"split {(split.Length > 12 ? split[..12] + "…" : split)}";
    }

    private static string Title(string metric) => metric switch
    {
        _ when metric.Split("+rerank") is [var plain, var depth] => $"{Title(plain)}, first {depth} ranked again by embedding",
        "map" => "mAP",
        "map@r" => "mAP@R",
        "precision@radius2" => "Precision within radius 2",
        "accuracy.standardError" => "Accuracy, standard error",
        "eer" => "Equal error rate",
        "auc" => "Area under the ROC curve",
        "tpr@fpr1e-2" => "True positives at 1e-2 false ones",
        "tpr@fpr1e-3" => "True positives at 1e-3 false ones",
        _ when metric.StartsWith("map@", StringComparison.Ordinal) => $"mAP{metric[3..]}",
        _ when metric.Length > 0 => char.ToUpperInvariant(metric[0]) + metric[1..],
        _ => metric,
    };
}
