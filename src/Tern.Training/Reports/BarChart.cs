namespace Tern.Training.Reports;

/// <summary>A bar for each bit of a code over shares from 0 to 1, as inline SVG.</summary>
internal static class BarChart
{
    private static readonly Plot Plot = new(480, 200);

    /// <summary>Bars from <paramref name="foundation"/> up or down to each value.</summary>
    public static Html Render(string title, string label, string style, IReadOnlyList<double> values, double foundation)
    {
        var horizontal = new Axis("bit", -0.5, values.Count - 0.5, StepOf(values.Count));
        var vertical = new Axis(label, 0, 1, 0.25);
        return Html.Of($"""
            <figure class="chart"><figcaption><b>{title}</b></figcaption>
            <svg viewBox="0 0 {Plot.Width} {Plot.Height}" role="img"><title>{title}</title>{Plot.Frame(horizontal, vertical)}
            <g class="{style}">{values.Select((value, bit) => Bar(horizontal, vertical, bit, value, foundation))}</g>
            <g class="foundation">{Plot.Line(vertical, foundation)}</g></svg></figure>

            """);
    }

    private static Html Bar(Axis horizontal, Axis vertical, int bit, double value, double foundation)
    {
        (double left, double right) = (Plot.X(horizontal, bit - 0.4), Plot.X(horizontal, bit + 0.4));
        (double top, double bottom) = (Plot.Y(vertical, Math.Max(value, foundation)), Plot.Y(vertical, Math.Min(value, foundation)));
        Html place = Html.Of($"""x="{left:0.##}" y="{top:0.#}" width="{right - left:0.##}" height="{Math.Max(1, bottom - top):0.#}" """);
        return Html.Of($"<rect {place}><title>bit {bit}: {NumberText.Score(value)}</title></rect>");
    }

    // A power of two that leaves eight ticks at most.
    private static int StepOf(int bits)
    {
        int step = 1;
        while (bits > 8 * step) step *= 2;
        return step;
    }
}
