namespace Tern.Training.Data;

/// <summary>
/// A list of pictures: a header line <c>path,label</c> or <c>path,label,split</c>, then a line each; paths are relative to the list, split is
/// <c>train</c> or <c>test</c>. Fields may be quoted with <c>"</c>, doubled inside.
/// </summary>
public static class CsvReader
{
    /// <summary>Reads a list; every bad line is reported with its number, all at once. Without a split column everything is for training and testing.</summary>
    public static DataSplit Open(string path)
    {
        string[] lines;
        try { lines = File.ReadAllLines(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message}", error);
        }
        string[] header = lines.Length == 0 ? [] : Fields(lines[0]);
        if (header is not (["path", "label"] or ["path", "label", "split"]))
            throw new TernException($"{path}: the first line must read path,label or path,label,split; got '{(lines.Length == 0 ? "" : lines[0])}'");

        (int Line, string[] Fields)[] rows = [.. lines.Select((line, i) => (i + 1, Fields(line))).Skip(1).Where(row => row.Item2 is not [""])];
        Check(path, header, rows);
        string[] classes = [.. rows.Select(row => row.Fields[1]).Distinct().Order(StringComparer.Ordinal)];
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        FileImageSet Part(string? split) => new(classes,
            [.. rows.Where(row => split is null || row.Fields[2] == split).Select(row => (Path.Combine(folder, row.Fields[0]), Array.IndexOf(classes, row.Fields[1])))]);
        return header.Length == 2 ? new DataSplit(Part(null), Part(null)) : new DataSplit(Part("train"), Part("test"));
    }

    private static void Check(string path, string[] header, (int Line, string[] Fields)[] rows)
    {
        if (rows.Length == 0) throw new TernException($"{path} lists no pictures");
        string[] problems =
        [
            .. rows.Where(row => row.Fields.Length != header.Length).Select(row => $"line {row.Line}: {row.Fields.Length} fields, expected {header.Length}"),
            .. rows.Where(row => row.Fields.Length == 3 && header.Length == 3 && row.Fields[2] is not ("train" or "test"))
                .Select(row => $"line {row.Line}: split must be train or test; got '{row.Fields[2]}'"),
        ];
        if (problems.Length > 0) throw new TernException($"{path}:\n  {string.Join("\n  ", problems.Take(20))}{(problems.Length > 20 ? $"\n  and {problems.Length - 20} more" : "")}");
    }

    /// <summary>The fields of a line.</summary>
    internal static string[] Fields(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[++i]);
            else if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted) { fields.Add(field.ToString().Trim()); field.Clear(); }
            else field.Append(c);
        }
        fields.Add(field.ToString().Trim());
        return [.. fields];
    }
}
