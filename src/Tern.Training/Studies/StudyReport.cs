using Tern.Training.Reports;

namespace Tern.Training.Studies;

/// <summary>The charts and the tables of a study as a page.</summary>
internal static class StudyReport
{
    /// <summary>The page. Write it as UTF-8.</summary>
    public static string Render(StudySpec spec, IReadOnlyList<JudgedNetwork> networks, IReadOnlyList<StudyRow> rows) => ReportPage.Render($"{spec.Name} · Tern study", Html.Of($"""
        <header><p class="eyebrow">Tern study<span>{spec.Name}</span></p><h1>{spec.Name}</h1><p class="lede">{spec.Note ?? rows.FirstOrDefault()?.Protocol}</p></header>
        <main>
        <section><div class="grid">{(spec.Charts ?? []).Select(chart => StudyChart.Render(chart, networks, rows))}</div></section>
        <section><h2>Tables</h2><pre>{StudyTable.Markdown(spec, rows)}</pre></section>
        </main>
        """));
}
