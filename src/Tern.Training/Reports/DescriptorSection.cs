namespace Tern.Training.Reports;

/// <summary>What each descriptor of a network looks at in a picture, and what it finds by itself; below them, all combined.</summary>
internal static class DescriptorSection
{
    /// <summary>Null where no network is made of descriptors.</summary>
    public static Html? Render(IReadOnlyList<Stage> stages, PictureSheet pictures)
    {
        Stage[] shown = [.. stages.Where(stage => stage.Network.Described.Count > 0)];
        if (shown.Length == 0) return null;
        return Html.Of($"""
            <p class="note">The warmer a place, the more it adds to the descriptor's length (gradient times input). Each row then has the nearest pictures by that descriptor alone;
            <span class="good">✓ green frame</span>: a class in common with the query, <span class="bad">✗ red frame</span>: none.</p>
            {shown.Select(stage => Html.Of($"""
                <h3 class="{stage.Colour}"><i class="dot"></i>{stage.Title}</h3>
                {stage.Network.Described.Select(query => Query(query, pictures))}
                """))}
            """);
    }

    private static Html Query(DescribedQuery described, PictureSheet pictures) => Html.Of($"""
        <h4>{described.Query.Label} <small>{described.Query.Name}</small></h4>
        {described.Rows.Select(row => Row(described.Query, row, pictures))}
        """);

    private static Html Row(ReportPicture query, DescriptorRow row, PictureSheet pictures) => Html.Of($"""
        <div class="query"><figure>{pictures.Show(row.LooksAt ?? query, row.LooksAt is null ? query.Label : $"What {row.Name} looks at in {query.Label}")}
        <figcaption><b>{row.Name}</b></figcaption></figure>
        <div class="found">
        {row.Neighbours.Select(neighbour => QuerySection.Found(neighbour, pictures))}</div></div>

        """);
}
