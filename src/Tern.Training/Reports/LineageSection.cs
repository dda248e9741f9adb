namespace Tern.Training.Reports;

/// <summary>Where the numbers come from: the recipe that repeats the run, the data, versions and machine, each model's identity.</summary>
internal static class LineageSection
{
    public static Html Recipe(ReportData data) => Html.Of($"""
        <p class="note">As resolved, with every default written out: the same recipe on the same data repeats this run.</p>
        <pre>{data.RecipeJson}</pre>
        """);

    public static Html Lineage(ReportData data, IReadOnlyList<Stage> stages) => Html.Of($"""
        <dl class="lineage">{data.Lineage.Select(fact => Html.Of($"<dt>{fact.Name}</dt><dd>{fact.Value}</dd>\n"))}
        {stages.Where(stage => stage.Network.Model.Length > 0).Select(stage => Html.Of(
            $"""<dt>{stage.Title}, model</dt><dd><code>{stage.Network.Model}</code></dd>{"\n"}"""))}</dl>
        """);
}
