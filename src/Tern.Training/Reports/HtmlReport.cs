namespace Tern.Training.Reports;
public static class HtmlReport { public static string Render(ReportData d) => d.Name; }
