namespace Tern.Training.Reports;

/// <summary>How well each network uses its bits: balance, entropy, and how far bits repeat one another.</summary>
internal static class BitSection
{
    private const double LeastEntropy = 1e-3;

    public static Html Render(IReadOnlyList<Stage> stages)
    {
        Stage[] shown = [.. stages.Where(stage => stage.Network.Bits.Count > 0)];
        if (shown.Length == 0) return Html.Of($"""<p class="note">No network has codes yet.</p>""");
        return Html.Of($"""
            <p class="note">Over the codes of the gallery. A good bit is set in half of them (share 0.5, entropy 1)
            and repeats no other bit (correlation 0).</p>
            {shown.Select(Network)}
            """);
    }

    private static Html Network(Stage stage)
    {
        IReadOnlyList<BitHealth> bits = stage.Network.Bits;
        return Html.Of($"""
            <h3 class="{stage.Colour}"><i class="dot"></i>{stage.Title}</h3>
            {Summary(bits, stage.Network.Correlation)}
            <div class="bits">
            {BarChart.Render("Balance", "share of codes that set the bit", stage.Colour, [.. bits.Select(bit => bit.Share)], 0.5)}
            {BarChart.Render("Entropy", "bits of information", stage.Colour, [.. bits.Select(bit => bit.Entropy)], 0)}
            {HeatMap.Render(stage.Network.Correlation, bits.Count)}</div>

            """);
    }

    private static Html Summary(IReadOnlyList<BitHealth> bits, float[] correlation)
    {
        int constant = bits.Count(bit => bit.Entropy < LeastEntropy);
        return Html.Of($"""
            <ul class="facts"><li><b>{NumberText.Significant(bits.Sum(bit => bit.Entropy))}</b> of {bits.Count} bits of entropy</li>
            <li><b>{NumberText.Score(bits.Average(bit => Math.Abs(bit.Share - 0.5)))}</b> mean distance from balance</li>
            <li><b>{constant}</b> constant {(constant == 1 ? "bit" : "bits")}</li>
            {Correlation([.. HeatMap.Pairs(correlation, bits.Count)])}</ul>
            """);
    }

    private static Html Correlation(double[] pairs) => pairs.Length == 0
        ? default
        : Html.Of($"<li>correlation <b>{NumberText.Score(pairs.Average())}</b> mean, <b>{NumberText.Score(pairs.Max())}</b> largest</li>");
}
