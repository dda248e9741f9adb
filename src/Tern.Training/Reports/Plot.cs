namespace Tern.Training.Reports;

/// <summary>The drawing area of a chart and the frame around it, in SVG user units.</summary>
internal sealed record Plot(int Width, int Height)
{
    private const int Left = 44, Top = 26, Right = 10, Bottom = 40;

    public double X(Axis axis, double value) => Left + axis.Place(value) * (Width - Left - Right);

    public double Y(Axis axis, double value) => Height - Bottom - axis.Place(value) * (Height - Top - Bottom);

    /// <summary>Grid lines, ticks and the axes' labels; the vertical one lies flat on top, where it can be read.</summary>
    public Html Frame(Axis horizontal, Axis vertical) => Html.Of($"""
        <g class="frame">{vertical.Ticks.Select(tick => Line(vertical, tick))}
        {vertical.Ticks.Select(tick => Text("end", Left - 8, Y(vertical, tick) + 4, vertical.Text(tick)))}
        {horizontal.Ticks.Select(tick => Text("middle", X(horizontal, tick), Height - Bottom + 17, horizontal.Text(tick)))}
        {Text("start", Left, Top - 13, vertical.Label)}{Text("end", Width - Right, Height - 5, horizontal.Label)}</g>
        """);

    /// <summary>A line across at a height.</summary>
    public Html Line(Axis vertical, double height) => Html.Of($"""<path d="M{Left} {Y(vertical, height):0.#}H{Width - Right}"/>""");

    private static Html Text(string anchor, double x, double y, string text) =>
        Html.Of($"""<text text-anchor="{anchor}" x="{x:0.#}" y="{y:0.#}">{text}</text>""");
}
