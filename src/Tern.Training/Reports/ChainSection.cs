using Tern.Evaluation;

namespace Tern.Training.Reports;

/// <summary>The chain's table: what each stage costs and what it finds, compared with the teacher.</summary>
internal static class ChainSection
{
    private sealed record Column(string Title, Func<NetworkReport, Html> Cell);

    public static Html Render(ReportData data, IReadOnlyList<Stage> stages)
    {
        if (stages.Count == 0) return Html.Of($"""<p class="note">The run has no network yet.</p>""");
        NetworkReport? teacher = stages.Count > 1 ? Stage.Teacher(data) : null;
        Column[] columns = [.. Columns(data.Networks, teacher)];
        return Html.Of($"""
            <div class="scroll"><table class="chain"><thead><tr><th scope="col">Stage</th>
            {columns.Select(column => Html.Of($"""<th scope="col">{column.Title}</th>{"\n"}"""))}</tr></thead><tbody>
            {stages.Select(stage => Row(stage, columns))}</tbody></table></div>
            <p class="note">{Codes(data)}{Asked(data)} <code>{data.Protocol}</code>. {Rule(data)} Multiply-adds are those
            of convolutions and fully connected layers for one picture. On disk is the whole model file.
            Encoding is the median time for one picture alone, on one thread.
            {(teacher is null ? "" : "Times smaller and faster are against the teacher.")}</p>
            """);
    }

    private static string Codes(ReportData data) =>
        data.Networks.All(network => network.Dimensions is not null && network.AccuracyOfPairs(codes: true) is null) ? "" : $"Codes of {data.CodeBits} bits; ";

    private static string Asked(ReportData data) => data.Queries > 0 ? $"{NumberText.Count(data.Queries)} queries, gallery {NumberText.Count(data.Gallery)}," : "pairs,";

    private static string Rule(ReportData data) => data.Queries > 0 ? TiesRule.Of(data) : "Accuracy is the share of pairs told right, with a threshold chosen on other pairs.";

    private static IEnumerable<Column> Columns(IReadOnlyList<NetworkReport> networks, NetworkReport? teacher)
    {
        long largest = networks.Max(network => network.Bytes);
        double slowest = networks.Max(network => network.EncodeMs);
        yield return new("Parameters", network => Html.Of($"{NumberText.Count(network.Parameters)}"));
        yield return new("Multiply-adds", network => Html.Of($"{NumberText.Millions(network.MultiplyAdds)}"));
        yield return new("On disk", network => Html.Of($"{NumberText.Bytes(network.Bytes)}{Bar(network.Bytes, largest)}"));
        if (teacher is not null) yield return new("Times smaller", network => Times(network, teacher, of => of.Bytes));
        if (networks.Any(network => network.Dimensions is not null))
            yield return new("Found by", network => Html.Of($"{(network.Dimensions is { } dimensions ? $"{dimensions} numbers" : "code")}"));
        if (networks.Any(network => network.MeanAveragePrecision is not null))
        {
            yield return new("mAP", network => Html.Of($"<b>{Score(network.MeanAveragePrecision)}</b>{Bounds(network)}"));
            yield return new("Recall@1", network => Html.Of($"{Score(network.RecallAt1)}"));
        }
        if (networks.Any(network => network.AccuracyOfPairs(codes: true) is not null))
        {
            yield return new("Accuracy, embeddings", network => Html.Of($"{Score(network.AccuracyOfPairs(codes: false))}"));
            yield return new("Accuracy, codes", network => Html.Of($"<b>{Score(network.AccuracyOfPairs(codes: true))}</b>"));
        }
        yield return new("Encode one image", network => Html.Of(
            $"{NumberText.Milliseconds(network.EncodeMs)}{Bar(network.EncodeMs, slowest)}"));
        if (teacher is not null) yield return new("Times faster", network => Times(network, teacher, of => of.EncodeMs));
    }

    private static Html Row(Stage stage, Column[] columns) => Html.Of($"""
        <tr class="{stage.Colour}"><th scope="row"><i class="dot"></i>{stage.Title}</th>
        {columns.Select(column => Html.Of($"<td>{column.Cell(stage.Network)}</td>\n"))}</tr>

        """);

    private static Html Times(NetworkReport network, NetworkReport teacher, Func<NetworkReport, double> of) =>
        Html.Of($"{(ReferenceEquals(network, teacher) ? "1" : NumberText.Factor(of(teacher), of(network)))}×");

    private static string Score(double? value) => NumberText.Score(value ?? double.NaN);

    private static Html Bounds(NetworkReport network) => TiesRule.MeanAveragePrecision(network) is { Worst: { } worst, Best: { } best }
        ? Html.Of($"<small>{NumberText.Score(worst)} – {NumberText.Score(best)}</small>")
        : default;

    private static Html Bar(double value, double largest) => value > 0 && double.IsFinite(value)
        ? Html.Of($"""<i class="bar" style="width:{Math.Max(1, 100 * value / largest):F0}%"></i>""")
        : default;
}
