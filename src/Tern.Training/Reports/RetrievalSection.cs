using Tern.Evaluation;

namespace Tern.Training.Reports;

/// <summary>The precision-recall curve of each network, and beside it what exactly was measured.</summary>
internal static class RetrievalSection
{
    public static Html Render(ReportData data, IReadOnlyList<Stage> stages)
    {
        if (data.Queries == 0 && data.Networks.Count > 0) return Html.Of($"""<p class="note">The recipe asks for no retrieval.</p>""");
        ChartLine[] lines = [.. stages.Where(stage => stage.Network.Curve.Count > 0).Select(Line)];
        Html chart = lines.Length == 0 ? default : LineChart.Render(
            "Precision and recall", Axis.Share("recall"), Axis.Share("precision"), lines,
            "A point is a Hamming radius, from 0 on the left.");
        return Html.Of($"""
            <div class="pair">{chart}<div>{Protocol(data)}</div></div>

            """);
    }

    private static ChartLine Line(Stage stage) => new(stage.Title, stage.Colour, [.. stage.Network.Curve.Select(at => new ChartPoint(
        at.Recall, at.Precision,
        $"{stage.Title}, radius {at.Radius}: precision {NumberText.Score(at.Precision)}, recall {NumberText.Score(at.Recall)}"))]);

    private static string FoundBy(ReportData data)
    {
        string codes = $"codes of {data.CodeBits} bits, by Hamming distance";
        string[] embeddings = [.. data.Networks.Where(network => network.Dimensions is not null).Select(network => $"{network.Name}: embeddings of {network.Dimensions} numbers, by cosine")];
        return string.Join("; ", embeddings.Length == data.Networks.Count ? embeddings : embeddings.Append(embeddings.Length == 0 ? codes : $"others: {codes}"));
    }

    private static Html Protocol(ReportData data)
    {
        Measurement? map = data.Networks.Select(TiesRule.MeanAveragePrecision).FirstOrDefault(found => found is not null);
        (string Name, string Value)[] facts =
        [
            ("Protocol", data.Protocol),
            ("Queries", NumberText.Count(data.Queries)),
            ("Gallery", NumberText.Count(data.Gallery)),
            ("Found by", FoundBy(data)),
            ("mAP", "Mean over queries of the precision at each relevant picture, over the ranking the protocol names."),
            ("Ties", TiesRule.Describe(map?.Ties)),
            ("Recall@1", "The share of queries whose nearest picture has a class in common with them."),
            ("Curve", "All pictures within a radius are retrieved; a query that retrieves none counts as precision 0."),
        ];
        return Html.Of($"""
            <h3>What was measured</h3>
            <dl>{facts.Select(fact => Html.Of($"<dt>{fact.Name}</dt><dd>{fact.Value}</dd>\n"))}</dl>
            """);
    }
}
