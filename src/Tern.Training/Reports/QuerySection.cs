namespace Tern.Training.Reports;

/// <summary>Queries and their nearest pictures, a tab for each network: flicking between them compares networks.</summary>
internal static class QuerySection
{
    public static Html Render(IReadOnlyList<Stage> stages, PictureSheet pictures)
    {
        Stage[] shown = [.. stages.Where(stage => stage.Network.Queries.Count > 0)];
        if (shown.Length == 0) return Html.Of($"""<p class="note">The recipe asks for no query rows.</p>""");
        return Html.Of($"""
            <p class="note">A query on the left, then its nearest gallery pictures, nearest first, with their distances: Hamming for codes, 1 - cosine for embeddings.
            <span class="good">✓ green frame</span>: a class in common with the query.
            <span class="bad">✗ red frame</span>: none in common; its own is named.</p>
            <div class="tabs">
            {shown.Select(stage => Tab(stage, stage == shown[^1], pictures))}</div>
            """);
    }

    // A tab is a radio button, so that it needs no script; on paper every panel is shown.
    private static Html Tab(Stage stage, bool open, PictureSheet pictures)
    {
        Html check = open ? Html.Of($""" checked="checked" """) : default;
        return Html.Of($"""
            <input type="radio" name="network" id="tab{stage.Position}"{check}/>
            <label for="tab{stage.Position}" class="{stage.Colour}"><i class="dot"></i>{stage.Title}
            <small>{Tally(stage.Network.Queries.SelectMany(row => row.Neighbours))}</small></label>
            <div class="panel">
            {stage.Network.Queries.Select(row => Row(row, pictures))}</div>

            """);
    }

    private static Html Row(QueryRow row, PictureSheet pictures) => Html.Of($"""
        <div class="query"><figure>{pictures.Show(row.Query, $"Query: {row.Query.Label}, {row.Query.Name}")}
        <figcaption><b>{row.Query.Label}</b><small>{Tally(row.Neighbours)}</small></figcaption></figure>
        <div class="found">
        {row.Neighbours.Select(neighbour => Found(neighbour, pictures))}</div></div>

        """);

    /// <summary>A picture found, in the frame of its verdict.</summary>
    internal static Html Found(Neighbour found, PictureSheet pictures)
    {
        (string verdict, string mark) = found.Right ? ("right", "✓") : ("wrong", "✗");
        Html picture = pictures.Show(found.Picture, $"{found.Picture.Label}, {found.Picture.Name}: {verdict}, distance {NumberText.Distance(found.Distance)}");
        Html label = found.Right ? default : Html.Of($"<small>{found.Picture.Label}</small>");
        return Html.Of($"""<figure class="{verdict}">{picture}<figcaption>{mark} {NumberText.Distance(found.Distance)}{label}</figcaption></figure>{"\n"}""");
    }

    private static string Tally(IEnumerable<Neighbour> neighbours)
    {
        Neighbour[] all = [.. neighbours];
        return $"{all.Count(neighbour => neighbour.Right)} of {all.Length} right";
    }
}
