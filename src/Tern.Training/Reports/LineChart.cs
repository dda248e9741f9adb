using System.Globalization;
using System.Text;

namespace Tern.Training.Reports;

/// <summary>A point of a line, and what it says under the pointer.</summary>
internal sealed record ChartPoint(double X, double Y, string Title, bool Marked = false);

/// <summary>A line.</summary>
/// <param name="Style">CSS classes of its colour and dashes.</param>
internal sealed record ChartLine(string Name, string Style, IReadOnlyList<ChartPoint> Points);

/// <summary>Lines over two axes as inline SVG, with their legend in HTML.</summary>
internal static class LineChart
{
    private const int MostDots = 130;                                                           // more of them hide their line
    private static readonly Plot Plot = new(480, 300);

    /// <summary>The chart as a figure; points that are not numbers are left out.</summary>
    public static Html Render(string title, Axis horizontal, Axis vertical, IReadOnlyList<ChartLine> lines, string? note = null) =>
        Html.Of($"""
        <figure class="chart"><figcaption><b>{title}</b>{Legend(lines)}</figcaption>
        <svg viewBox="0 0 {Plot.Width} {Plot.Height}" role="img"><title>{title}: {vertical.Label} over {horizontal.Label}</title>
        {Plot.Frame(horizontal, vertical)}
        {lines.Select(line => Line(line, horizontal, vertical))}</svg>
        <p class="note">{note}</p></figure>

        """);

    private static Html Legend(IReadOnlyList<ChartLine> lines) => lines.Count < 2 ? default : Html.Of($"""
        <span class="legend">{lines.Select(line => Html.Of($"""
            <span class="{line.Style}"><svg viewBox="0 0 24 8" aria-hidden="true"><path class="line" d="M0 4H24"/></svg>{line.Name}</span>

            """))}</span>
        """);

    private static Html Line(ChartLine line, Axis horizontal, Axis vertical)
    {
        var path = new StringBuilder();
        var dots = new List<Html>();
        ChartPoint[] points = [.. line.Points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))];
        foreach (ChartPoint point in points)
        {
            (double x, double y) = (Plot.X(horizontal, point.X), Plot.Y(vertical, point.Y));
            path.Append(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? 'M' : 'L')}{x:0.#} {y:0.#}");
            if (point.Marked || points.Length <= MostDots) dots.Add(Dot(point, x, y));
        }
        return Html.Of($"""
            <g class="{line.Style}"><path class="line" d="{path.ToString()}"/>{dots}</g>

            """);
    }

    private static Html Dot(ChartPoint point, double x, double y) => point.Marked
        ? Html.Of($"""<circle class="marked" cx="{x:0.#}" cy="{y:0.#}" r="5"><title>{point.Title}</title></circle>""")
        : Html.Of($"""<circle cx="{x:0.#}" cy="{y:0.#}" r="2"><title>{point.Title}</title></circle>""");
}
