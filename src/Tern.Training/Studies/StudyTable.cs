using System.Globalization;
using System.Text;

namespace Tern.Training.Studies;

/// <summary>The rows of a study as Markdown and CSV.</summary>
internal static class StudyTable
{
    /// <summary>Numbers that a table shows where a study has them, with their headings and formats.</summary>
    private static readonly (string Name, string Heading, Func<double, string> Text)[] Columns =
    [
        ("recall@1", "Recall@1", Score), ("precision@radius2", "P@r≤2", Score),
        ("accuracy.standardError", "standard error", Score), ("eer", "EER", Score), ("tpr@fpr1e-2", "TPR@FPR 1e-2", Score), ("tpr@fpr1e-3", "TPR@FPR 1e-3", Score),
        ("parameters", "parameters", Count), ("multiplyAdds", "multiply-adds", Count),
        ("floatBytes", "bytes as floats", Count), ("bytes", "bytes", Count), ("codedBytes", "coded", Count),
        ("quantizedFloatBytes", "quantised layers as floats", Count), ("quantizedBytes", "packed", Count), ("quantizedCodedBytes", "packed and coded", Count), ("zeroRatio", "zeros", Score),
        ("encodeMs", "ms", value => value.ToString("F2", CultureInfo.InvariantCulture)),
        ("minutes", "minutes", value => value.ToString("F1", CultureInfo.InvariantCulture)),
    ];

    /// <summary>First, where the study asks for it, a table with one axis across; then every network with all its numbers.</summary>
    public static string Markdown(StudySpec spec, IReadOnlyList<StudyRow> rows)
    {
        if (rows.Count == 0) return "";
        var text = new StringBuilder();
        if (spec.Note is { } note) text.Append(note).Append("\n\n");
        foreach (IGrouping<string, StudyRow> protocol in rows.GroupBy(row => row.Protocol))
        {
            string ties = protocol.FirstOrDefault(row => row.Ties is not null)?.Ties ?? "expected";
            text.Append(CultureInfo.InvariantCulture, $"{spec.Name}: {protocol.Key}, ties: {ties}{SeedText(rows[0])}\n\n");
            if (spec.Table is { } table && protocol.Any(row => row.Metric == table.Metric)) text.Append(Pivot(spec, table, [.. protocol])).Append('\n');
            text.Append(Full(spec, [.. protocol])).Append('\n');
        }
        return text.Append(CultureInfo.InvariantCulture, $"All networks together: {rows.DistinctBy(row => row.Name).Sum(row => row.Minutes * row.Seeds.Length):F0} minutes.\n").ToString();
    }

    /// <summary>A line for every row, every number under its name.</summary>
    public static string Csv(StudySpec spec, IReadOnlyList<StudyRow> rows)
    {
        string[] numbers = [.. rows.SelectMany(row => row.Numbers.Keys).Distinct()];
        string[] head = [.. spec.AxisNames, "metric", "value", "spread", "protocol", "ties", "ranked", "split", "model", "bits", "bytes", "minutes", .. numbers];
        IEnumerable<string> lines = rows.Select(row => string.Join(',',
        [
            .. spec.AxisNames.Select(axis => row.Axes[axis]), row.Metric, Plain(row.Value), Plain(row.Spread), row.Protocol, row.Ties ?? "", row.Ranked ?? "", row.Split ?? "", row.Model ?? "", $"{row.Bits}", $"{row.Bytes}", Plain(row.Minutes),
            .. numbers.Select(name => Plain(row.Numbers.TryGetValue(name, out double value) ? value : null)),
        ]));
        return string.Join('\n', lines.Prepend(string.Join(',', head))) + "\n";
    }

    private static string Pivot(StudySpec spec, TableSpec table, StudyRow[] rows)
    {
        string[] down = [.. spec.AxisNames.Where(axis => axis != table.Columns)];
        StudyRow[] shown = [.. rows.Where(row => row.Metric == table.Metric)];
        string[] across = [.. shown.Select(row => row.Axes[table.Columns]).Distinct()];
        return Table(
            [.. down, .. across.Select(value => $"{table.Columns} {Short(spec, table.Columns, value)}")], down.Length,
            shown.GroupBy(row => string.Join(',', down.Select(axis => row.Axes[axis]))).Select(line => (string[])
            [
                .. down.Select(axis => Short(spec, axis, line.First().Axes[axis])),
                .. across.Select(value => line.FirstOrDefault(row => row.Axes[table.Columns] == value) is { } row ? Value(row, Score) : ""),
            ]));
    }

    /// <summary>A line for each network and, where there are several, for each thing its pictures are found by.</summary>
    private static string Full(StudySpec spec, StudyRow[] rows)
    {
        StudyRow[][] lines = [.. rows.GroupBy(row => (row.Name, row.FoundBy)).Select(line => line.ToArray())];
        bool several = lines.Select(line => line[0].FoundBy).Distinct().Count() > 1;
        string[] FoundBy(string text) => several ? [text] : [];
        string main = rows[0].Measure;
        string Text(StudyRow[] line, string name, Func<double, string> format) =>
            line.FirstOrDefault(row => row.Measure == name) is { } row ? Value(row, format) : line[0].Number(name) is { } number ? format(number) : "";
        var known = Columns.Where(column => lines.Any(line => Text(line, column.Name, column.Text) != "")).ToArray();
        string[] texts = [.. spec.AxisNames, .. FoundBy("found by")];
        return Table(
            [.. texts, main == "map" ? "mAP" : main, .. known.Select(column => column.Heading)], texts.Length,
            lines.Select(line => (string[])
            [
                .. spec.AxisNames.Select(axis => Short(spec, axis, line[0].Axes[axis])), .. FoundBy(line[0].FoundBy), Value(line[0], Score),
                .. known.Select(column => Text(line, column.Name, column.Text)),
            ]));
    }

    private static string Table(string[] head, int texts, IEnumerable<string[]> lines) => string.Concat(
        lines.Prepend([.. head.Select((_, i) => i < texts ? "---" : "---:")]).Prepend(head).Select(line => $"| {string.Join(" | ", line.Select(cell => cell.Replace("|", @"\|")))} |\n"));   // cells that share a network name it a|b

    /// <summary>Where a row stands on an axis: "all" where it stands for all of five values or more, which nobody would read.</summary>
    private static string Short(StudySpec spec, string axis, string values) =>
        values.Split('|') is { Length: >= 5 } all && all.Length == spec.ValuesOf(axis).Length ? "all" : values;

    private static string Value(StudyRow row, Func<double, string> format) => row.Spread is { } spread ? $"{format(row.Value)} ± {format(spread)}" : format(row.Value);

    private static string SeedText(StudyRow row) => row.Seeds.Length > 1 ? $", mean ± standard deviation over seeds {string.Join(", ", row.Seeds)}" : $", seed {row.Seeds[0]}";

    private static string Score(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Plain(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
