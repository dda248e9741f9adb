namespace Tern.Training.Reports;

/// <summary>The result in one sentence with its numbers, and what they were measured on.</summary>
internal static class Header
{
    public static Html Render(ReportData data) => Html.Of($"""
        <header>
        <p class="eyebrow">Tern report<span>{data.Name}</span></p>
        <h1>{Headline(data)}</h1>
        <p class="lede">{Asked(data)}
        protocol <code>{data.Protocol}</code>.{Bounds(data)}</p>
        </header>
        """);

    private static string Asked(ReportData data) => data.Queries > 0
        ? $"{NumberText.Count(data.Queries)} queries against a gallery of {NumberText.Count(data.Gallery)} pictures,"
        : "Pairs of pictures, the same or different,";

    private static string Bounds(ReportData data) =>
        data.Networks.Select(TiesRule.MeanAveragePrecision).LastOrDefault() is { Worst: { } worst, Best: { } best }
            ? $" Whichever way ties fall, mAP lies between {NumberText.Score(worst)} and {NumberText.Score(best)}."
            : "";

    private static Html Headline(ReportData data)
    {
        if (data.Networks.Count == 0) return Html.Of($"No network has been measured yet.");
        NetworkReport network = data.Networks[^1];
        return Html.Of($"""
            {Subject(network.Name)} {Found(network)} at <b>{(network.Dimensions is { } dimensions ? $"{dimensions} dimensions" : $"{data.CodeBits} bits")}</b>
            in <b>{NumberText.Bytes(network.Bytes)}</b>{Comparison(network, Stage.Teacher(data))}.
            """);
    }

    private static Html Found(NetworkReport network) => network is { MeanAveragePrecision: null } && network.AccuracyOfPairs(codes: network.Dimensions is null) is { } accuracy
        ? Html.Of($"tells <b>{NumberText.Score(accuracy)}</b> of pairs right")
        : Html.Of($"finds <b>{NumberText.Score(network.MeanAveragePrecision ?? double.NaN)} mAP</b>");

    private static string Subject(string name) => name switch
    {
        "ternary" => "A network of two-bit weights",
        "quantized" => "A network of quantised weights",
        "teacher" => "The teacher",
        "student" => "The distilled student",
        "student-plain" => "The student, trained on labels only,",
        _ => $"The network {name}",
    };

    private static Html Comparison(NetworkReport network, NetworkReport? teacher)
    {
        if (teacher is null || ReferenceEquals(teacher, network)) return default;
        Html? size = Times(teacher.Bytes, network.Bytes, "smaller", "larger");
        Html? time = Times(teacher.EncodeMs, network.EncodeMs, "faster", "slower");
        return (size, time) switch
        {
            ({ } smaller, { } faster) => Html.Of($", {smaller} and {faster} than its teacher"),
            (null, null) => default,
            _ => Html.Of($", {(size ?? time)!.Value} than its teacher"),
        };
    }

    // A difference under a twentieth is not worth a headline.
    private static Html? Times(double teacher, double network, string less, string more) => (teacher / network) switch
    {
        >= 1.05 and < double.PositiveInfinity => Html.Of($"<b>{NumberText.Factor(teacher, network)} times {less}</b>"),
        > 0 and <= 1 / 1.05 => Html.Of($"{NumberText.Factor(network, teacher)} times {more}"),
        _ => null,
    };
}
