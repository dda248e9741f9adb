using System.Text;
using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>
/// A list of pictures: a header line <c>path,label</c> or <c>path,label,split</c>, then a line each; paths are relative to the list, split is
/// <c>train</c> or <c>test</c>, or in place of <c>test</c> <c>query</c> and <c>gallery</c>, where test pictures either ask or answer. Fields may be quoted
/// with <c>"</c>, doubled inside. A label cell may hold several, as <c>sea|sky</c>; when any does, every picture carries a mask of labels.
/// </summary>
public static class CsvReader
{
    private const int Shown = 20;

    private sealed record Row(int Line, string[]? Fields)
    {
        public string Path => Fields![0];

        public string[] Labels => Fields![1].Split('|', StringSplitOptions.TrimEntries);

        public string? Split => Fields!.Length == 3 ? Fields[2] : null;
    }

    /// <summary>
    /// Reads a list; every bad line is reported with its number, all at once. Without a split column <see cref="FileImageSet.EveryFifth"/> is for testing.
    /// With <paramref name="trainClasses"/> it is the classes that are divided, whatever that column says.
    /// </summary>
    /// <param name="path">The list.</param>
    /// <param name="strict">Whether a class that only <c>test</c> has where others are in both is an error. Otherwise it is there, to be counted.</param>
    /// <param name="trainClasses">How many classes are trained on, in ordinal order of their names; all others are for testing.</param>
    public static DataSplit Open(string path, bool strict = true, int? trainClasses = null)
    {
        string[] lines = ReadLines(path);
        string[]? header = lines.Length == 0 ? null : Fields(lines[0]);
        if (header is not (["path", "label"] or ["path", "label", "split"]))
            throw new TernException($"{path}: the first line must read path,label or path,label,split; got '{(lines.Length == 0 ? "" : Short(lines[0]))}'");

        Row[] rows = [.. lines.Index().Skip(1).Where(line => line.Item.Trim().Length > 0).Select(line => new Row(line.Index + 1, Fields(line.Item)))];
        if (rows.Length == 0) throw new TernException($"{path} lists no pictures: add a line for each, path,label");
        Refuse(path, rows.SelectMany(row => Problems(row, header.Length)));
        if (strict && header.Length == 3 && trainClasses is null) Refuse(path, SplitProblems(rows));
        return Split(path, rows, strict, trainClasses);
    }

    private static DataSplit Split(string path, Row[] rows, bool strict, int? trainClasses)
    {
        bool parted = rows[0].Split is not null && trainClasses is null;
        Row[] train = parted ? [.. rows.Where(row => row.Split == "train")] : rows, test = parted ? [.. rows.Where(row => row.Split != "train")] : [];
        bool others = TestsOtherClasses(train, test);
        string[] classes = others ? [.. Classes(train), .. Classes(test)] : Classes(rows), learned = others ? Classes(train) : classes;
        Dictionary<string, int> positions = classes.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        Row? several = rows.FirstOrDefault(row => row.Labels.Length > 1);
        if (several is not null && classes.Length > Labels.MostInMasks)
            throw new TernException($"{path} has {classes.Length} classes; pictures with several labels (line {several.Line}) go with at most {Labels.MostInMasks}:"
                + " leave some classes out, or give each picture one label");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        FileImageSet Part(Row[] part, string[] own)
        {
            Labels labels = several is null
                ? Labels.Single([.. part.Select(row => positions[row.Labels[0]])])
                : Labels.Masks([.. part.Select(row => row.Labels.Aggregate(0UL, (mask, label) => mask | 1UL << positions[label]))]);
            return new FileImageSet(own, [.. part.Select(row => Path.Combine(folder, row.Path))], labels);
        }
        if (trainClasses is { } count) return Part(rows, classes).ByClass(count, path);
        if (!parted) return Part(rows, classes).EveryFifth(strict ? path : null);
        int[] asking = [.. test.Index().Where(entry => entry.Item.Split == "query").Select(entry => entry.Index)];
        return new DataSplit(Part(train, learned), Part(test, classes), asking.Length > 0 ? asking : null);
    }

    private static string[] Classes(IEnumerable<Row> rows) => [.. rows.SelectMany(row => row.Labels).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether no class of a test picture is trained on.</summary>
    private static bool TestsOtherClasses(Row[] train, Row[] test)
    {
        HashSet<string> learned = [.. train.SelectMany(row => row.Labels)];
        return learned.Count > 0 && test.Length > 0 && !test.Any(row => row.Labels.Any(learned.Contains));
    }

    /// <summary>What is wrong with the shape of a line; null: nothing.</summary>
    internal static string? Unreadable(int line, string[]? fields, int columns) =>
        fields is null ? $"line {line}: a \" has no end" : fields.Length != columns ? $"line {line}: {fields.Length} fields, expected {columns}" : null;

    private static IEnumerable<string> Problems(Row row, int columns)
    {
        if (Unreadable(row.Line, row.Fields, columns) is { } problem)
        {
            yield return problem;
            yield break;
        }
        if (row.Path.Length == 0 || row.Path.Contains('\0')) yield return $"line {row.Line}: '{row.Path.Replace("\0", "\\0")}' is no path";
        if (row.Labels.Contains("")) yield return $"line {row.Line}: {(row.Labels.Length == 1 ? "the label is empty" : $"a label in '{row.Fields![1]}' is empty")}";
        if (row.Split is not (null or "train" or "test" or "query" or "gallery")) yield return $"line {row.Line}: split must be train or test, or query or gallery; got '{row.Split}'";
    }

    private static IEnumerable<string> SplitProblems(Row[] rows)
    {
        Row? Of(string split) => rows.FirstOrDefault(row => row.Split == split);
        if (Of("train") is null) yield return "no line is for train";
        if (Of("test") is null && Of("query") is null && Of("gallery") is null) yield return "no line is for test";
        if ((Of("query") is null) != (Of("gallery") is null)) yield return $"lines are for {(Of("query") is null ? "gallery and none for query" : "query and none for gallery")}";
        if (Of("test") is { } either && (Of("query") ?? Of("gallery")) is { } one) yield return $"line {either.Line}: split is test, and line {one.Line} has {one.Split}: have test alone, or query and gallery";
        Row[] train = [.. rows.Where(row => row.Split == "train")], test = [.. rows.Where(row => row.Split != "train")];
        if (TestsOtherClasses(train, test)) yield break;
        HashSet<string> learned = [.. train.SelectMany(row => row.Labels)];
        foreach ((Row row, string label) in test.SelectMany(row => row.Labels.Select(label => (row, label))).Where(pair => !learned.Contains(pair.label)).DistinctBy(pair => pair.label))
            yield return $"line {row.Line}: class '{label}' has no training picture";
    }

    internal static void Refuse(string path, IEnumerable<string> found)
    {
        string[] problems = [.. found];
        string more = problems.Length > Shown ? $"\n  and {problems.Length - Shown} more" : "";
        if (problems.Length > 0) throw new TernException($"{path}:\n  {string.Join("\n  ", problems.Take(Shown))}{more}");
    }

    internal static string[] ReadLines(string path)
    {
        try { return File.ReadAllLines(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The fields of a line; null where a quote has no end.</summary>
    internal static string[]? Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
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
        return quoted ? null : [.. fields];
    }

    internal static string Short(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
