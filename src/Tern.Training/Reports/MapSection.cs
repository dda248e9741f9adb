namespace Tern.Training.Reports;

/// <summary>The gallery of each network that is searched by embedding, along its two principal axes.</summary>
internal static class MapSection
{
    private const int Hues = 12;
    private static readonly Plot Plot = new(560, 480);

    /// <summary>Null where every network is searched by code.</summary>
    public static Html? Render(IReadOnlyList<Stage> stages)
    {
        Stage[] shown = [.. stages.Where(stage => stage.Network.Map is not null)];
        if (shown.Length == 0) return null;
        return Html.Of($"""
            <p class="note">Each dot is a picture, in the colour of its class ({Hues} colours in turn: neighbours in the list of classes differ). Two axes of many hundred: what lies apart here is apart,
            what lies together may not be together.</p>
            <div class="grid">{shown.Select(stage => Chart(stage, stage.Network.Map!))}</div>
            """);
    }

    private static Html Chart(Stage stage, GalleryMap map)
    {
        var horizontal = Axis.Around($"first axis, {NumberText.Score(map.ShareOfX)} of the variance", map.Points.Select(point => point.X));
        var vertical = Axis.Around($"second axis, {NumberText.Score(map.ShareOfY)} of the variance", map.Points.Select(point => point.Y));
        return Html.Of($"""
            <figure class="chart"><figcaption><b>{stage.Title}</b></figcaption>
            <svg viewBox="0 0 {Plot.Width} {Plot.Height}" role="img"><title>{stage.Title}: the gallery along its two principal axes</title>
            {Plot.Frame(horizontal, vertical)}
            {map.Points.Select(point => Html.Of($"""
                <circle class="h{point.Class % Hues}" cx="{Plot.X(horizontal, point.X):0.#}" cy="{Plot.Y(vertical, point.Y):0.#}" r="2.2"><title>{point.Label}</title></circle>

                """))}</svg></figure>

            """);
    }
}
