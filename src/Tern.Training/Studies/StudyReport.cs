using Tern.Training.Reports;

namespace Tern.Training.Studies;

/// <summary>The charts and the table of a study as one HTML file that needs nothing else.</summary>
internal static class StudyReport
{
    /// <summary>The page. Write it as UTF-8.</summary>
    public static string Render(StudySpec spec, IReadOnlyList<JudgedNetwork> networks, IReadOnlyList<StudyRow> rows) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>{spec.Name} · Tern study</title>
        <style>{new Html(Stylesheet.Css)}</style>
        </head>
        <body>
        <header><p class="eyebrow">Tern study<span>{spec.Name}</span></p><h1>{spec.Name}</h1><p class="lede">{rows.FirstOrDefault()?.Protocol}</p></header>
        <main>
        <section><div class="grid">{(spec.Charts ?? []).Select(chart => StudyChart.Render(chart, networks, rows))}</div></section>
        <section><h2>Tables</h2><pre>{StudyTable.Markdown(spec, rows)}</pre></section>
        </main>
        </body>
        </html>

        """).ToString();
}
