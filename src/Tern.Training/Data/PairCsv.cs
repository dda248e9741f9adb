using System.Globalization;

namespace Tern.Training.Data;

/// <summary>
/// A list of pairs for any face set: a header line <c>path1,path2,same</c> or <c>path1,path2,same,fold</c>, then a line each; paths are relative to the list, same is
/// <c>1</c> or <c>0</c> (or <c>true</c>, <c>false</c>), folds are counted from 1. Whom a picture shows is the name of the folder it lies in.
/// </summary>
internal static class PairCsv
{
    private sealed record Row(int Line, string[]? Fields, string Folder)
    {
        public bool Same => Fields![2] is "1" or "true";

        public int Fold => Fields!.Length < 4 ? 1 : int.Parse(Fields[3], CultureInfo.InvariantCulture);

        public string Full(int column) => Path.GetFullPath(Path.Combine(Folder, Fields![column]));
    }

    /// <summary>Reads a list; every bad line is reported with its number, all at once.</summary>
    /// <param name="list">The list.</param>
    /// <param name="people">The people's folders: a picture anywhere below one of them shows that person.</param>
    public static ListedPair[] Read(string list, string people)
    {
        string[] lines = CsvReader.ReadLines(list);
        string[]? header = lines.Length == 0 ? null : CsvReader.Fields(lines[0]);
        if (header is not (["path1", "path2", "same"] or ["path1", "path2", "same", "fold"]))
            throw new TernException($"{list}: the first line must read path1,path2,same or path1,path2,same,fold; got '{(lines.Length == 0 ? "" : CsvReader.Short(lines[0]))}'");
        string folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        Row[] rows = [.. lines.Index().Skip(1).Where(line => line.Item.Trim().Length > 0).Select(line => new Row(line.Index + 1, CsvReader.Fields(line.Item), folder))];
        if (rows.Length == 0) throw new TernException($"{list} lists no pairs: add a line for each, {string.Join(',', header)}");
        CsvReader.Refuse(list, rows.SelectMany(row => Problems(row, header.Length, people)));
        return [.. rows.Select(row => new ListedPair(row.Line, Picture(row.Full(0), people), Picture(row.Full(1), people), row.Same, row.Fold))];
    }

    private static IEnumerable<string> Problems(Row row, int columns, string people)
    {
        if (CsvReader.Unreadable(row.Line, row.Fields, columns) is { } problem)
        {
            yield return problem;
            yield break;
        }
        string[] fields = row.Fields!;
        if (fields[2] is not ("1" or "0" or "true" or "false")) yield return $"line {row.Line}: same must be 1 or 0; got '{fields[2]}'";
        if (columns == 4 && !(int.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out int fold) && fold > 0))
            yield return $"line {row.Line}: fold must be a whole number of at least 1; got '{fields[3]}'";
        string[] lost = [.. fields.Take(2).Where(path => path.Length == 0 || !File.Exists(Path.Combine(row.Folder, path)))];
        foreach (string path in lost) yield return path.Length == 0 ? $"line {row.Line}: '' is no path" : $"line {row.Line}: {path} does not exist";
        if (lost.Length > 0) yield break;
        FacePicture first = Picture(row.Full(0), people), second = Picture(row.Full(1), people);
        if (first.Path == second.Path) yield return $"line {row.Line}: {fields[0]} is paired with itself";
        else if (row.Same != (first.Person == second.Person))
            yield return $"line {row.Line}: same is {fields[2]}, but the pictures lie in the folders of {(row.Same ? $"{first.Person} and {second.Person}" : $"{first.Person} both")}";
    }

    private static FacePicture Picture(string path, string people) => new(FaceReader.PersonOf(path, people), path);
}
