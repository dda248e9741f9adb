namespace Tern.Training.Reports;

/// <summary>The page around a report: one HTML file that needs nothing else, no script, no network; well-formed as XML too.</summary>
internal static class ReportPage
{
    /// <summary>The page. Write it as UTF-8.</summary>
    public static string Render(string title, Html body) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>{title}</title>
        <style>{new Html(Stylesheet.Css)}</style>
        </head>
        <body>
        {body}
        </body>
        </html>

        """).ToString();
}
