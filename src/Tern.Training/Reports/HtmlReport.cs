namespace Tern.Training.Reports;

/// <summary>The report of a run: one HTML file that needs nothing else, no script, no network; well-formed as XML too.</summary>
public static class HtmlReport
{
    /// <summary>The page. Write it as UTF-8.</summary>
    public static string Render(ReportData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyList<Stage> stages = Stage.Of(data);
        var pictures = new PictureSheet();
        (string Id, string Title, Html Body)[] sections =
        [
            ("chain", "The chain", ChainSection.Render(data, stages)),
            ("sizes", "Sizes", SizeSection.Render(stages)),
            ("retrieval", "Retrieval", RetrievalSection.Render(data, stages)),
            .. VerificationSection.IsThere(stages) ? [("verification", "Verification", VerificationSection.Render(stages))] : Array.Empty<(string, string, Html)>(),
            ("queries", "Queries", QuerySection.Render(stages, pictures)),
            .. Optional("descriptors", "Descriptors", DescriptorSection.Render(stages, pictures)),
            .. Optional("map", "Map", MapSection.Render(stages)),
            ("training", "Training", TrainingSection.Render(stages)),
            ("bits", "Bit health", BitSection.Render(stages)),
            ("measurements", "Measurements", MeasurementSection.Render(stages)),
            ("recipe", "Recipe", LineageSection.Recipe(data)),
            ("lineage", "Lineage", LineageSection.Lineage(data, stages)),
        ];
        return ReportPage.Render($"{data.Name} · Tern report", Html.Of($"""
            {Header.Render(data)}
            <nav aria-label="Sections">{sections.Select(section => Html.Of($"""<a href="#{section.Id}">{section.Title}</a>"""))}</nav>
            <main>
            {sections.Select(section => Html.Of($"""
                <section id="{section.Id}"><h2>{section.Title}</h2>
                {section.Body}</section>

                """))}</main>
            {pictures.Render()}
            """));
    }

    private static IEnumerable<(string, string, Html)> Optional(string id, string title, Html? body) => body is { } shown ? [(id, title, shown)] : [];
}
