using System.Globalization;

namespace Tern.Training.Data;

/// <summary>
/// LFW's lists of pairs (Huang et al. 2007): <c>name n1 n2</c> is a pair of one person, <c>name1 n1 name2 n2</c> of two, with tabs between; picture n of a name is
/// <c>name/name_000n.jpg</c>. A first line <c>10 300</c> says ten folds of 300 same pairs and 300 different ones each, <c>500</c> one such fold; it may be missing.
/// </summary>
internal static class LfwPairs
{
    private sealed record Row(int Line, string[] Fields)
    {
        public bool Same => Fields.Length == 3;

        public (string Person, string Number)[] Sides => Same ? [(Fields[0], Fields[1]), (Fields[0], Fields[2])] : [(Fields[0], Fields[1]), (Fields[2], Fields[3])];
    }

    /// <summary>Reads a list of pictures below <paramref name="people"/>; every bad line is reported with its number, all at once.</summary>
    public static ListedPair[] Read(string list, string people)
    {
        Row[] rows =
        [
            .. CsvReader.ReadLines(list).Select((line, i) => new Row(i + 1, line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
                .Where(row => row.Fields.Length > 0),
        ];
        int[]? counts = rows.Length > 0 && rows[0].Fields.Length <= 2 && rows[0].Fields.All(IsNumber) ? [.. rows[0].Fields.Select(Number)] : null;
        if (counts is not null) rows = rows[1..];
        CsvReader.Refuse(list, rows.SelectMany(row => Problems(row, people)));
        if (rows.Length == 0) throw new TernException($"{list} lists no pairs: get LFW's lists again");
        long inFold = counts is [_, var each] ? 2L * each : rows.Length;
        ListedPair[] pairs = [.. rows.Select((row, i) => new ListedPair(row.Line, Picture(row.Sides[0], people), Picture(row.Sides[1], people), row.Same, (int)(i / inFold) + 1))];
        if (counts is not null) RequireCounts(list, counts.Length == 2 ? counts[0] : 1, counts[^1], pairs);
        return pairs;
    }

    private static IEnumerable<string> Problems(Row row, string people)
    {
        if (row.Fields.Length is not (3 or 4))
        {
            yield return $"line {row.Line}: {row.Fields.Length} fields; a pair of one person has 3, a name and two numbers, a pair of two people 4";
            yield break;
        }
        if (row.Sides[0] == row.Sides[1]) yield return $"line {row.Line}: picture {row.Fields[1]} of {row.Fields[0]} is paired with itself";
        else if (!row.Same && row.Sides[0].Person == row.Sides[1].Person) yield return $"line {row.Line}: both are {row.Fields[0]}, and a pair of one person has 3 fields";
        foreach ((string Person, string Number) side in row.Sides)
        {
            if (!IsNumber(side.Number)) yield return $"line {row.Line}: '{side.Number}' is no number of a picture, which are counted from 1";
            else if (Find(side, people) is null) yield return $"line {row.Line}: {Path.Combine(people, side.Person, FileName(side))}.jpg does not exist";
        }
    }

    private static void RequireCounts(string list, int folds, int each, ListedPair[] pairs)
    {
        string expected = $"{list}: line 1 says {folds} {(folds == 1 ? "fold" : "folds")} of {each} same and {each} different pairs, but";
        if (pairs.Length != 2L * folds * each) throw new TernException($"{expected} there are {pairs.Length} pairs: it is cut short or damaged, get it again");
        foreach (IGrouping<int, ListedPair> fold in pairs.GroupBy(pair => pair.Fold))
            if (fold.Count(pair => pair.Same) != each) throw new TernException($"{expected} fold {fold.Key} has {fold.Count(pair => pair.Same)} same ones: it is damaged, get it again");
    }

    private static FacePicture Picture((string Person, string Number) side, string people) => new(side.Person, Find(side, people)!);

    private static string? Find((string Person, string Number) side, string people) =>
        FolderReader.Extensions.Select(extension => Path.Combine(people, side.Person, FileName(side) + extension)).FirstOrDefault(File.Exists);

    private static string FileName((string Person, string Number) side) => $"{side.Person}_{Number(side.Number):D4}";

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
