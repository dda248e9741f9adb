using System.Globalization;

namespace Tern.Training.Data;

/// <summary>Lists as public data sets have them: a record a line, fields between spaces, sometimes lines of heading first.</summary>
internal static class FieldList
{
    /// <summary>Every line but headings and empty ones.</summary>
    /// <param name="source">The data set, for errors: what to download again.</param>
    /// <param name="fields">How many a line has.</param>
    /// <param name="heading">Lines of heading.</param>
    public static FieldLine[] Read(string path, string source, int fields, int heading = 0)
    {
        FieldLine[] lines =
        [
            .. Lines(path, source).Index().Skip(heading).Where(line => line.Item.Trim().Length > 0)
                .Select(line => new FieldLine(path, line.Index + 1, line.Item.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), source)),
        ];
        if (lines.Length == 0) throw new TernException($"{path} lists nothing: download {source} again");
        return lines.FirstOrDefault(line => line.Fields.Length != fields) is { } wrong ? throw wrong.Wrong($"{wrong.Fields.Length} fields, expected {fields}") : lines;
    }

    /// <summary>The same by the first field, which must be another on each line.</summary>
    public static Dictionary<string, FieldLine> ReadByFirst(string path, string source, int fields, int heading = 0)
    {
        var lines = new Dictionary<string, FieldLine>();
        foreach (FieldLine line in Read(path, source, fields, heading))
            if (!lines.TryAdd(line.Fields[0], line)) throw line.Wrong($"'{line.Fields[0]}' stands twice");
        return lines;
    }

    /// <summary>Of some places below a folder the first where a listed picture lies. A picture that is missing there is not looked for elsewhere.</summary>
    public static string PlaceOf(IReadOnlyCollection<string> listed, string folder, string source, params string[] places)
    {
        string[] roots = Array.ConvertAll(places, place => Path.Combine(folder, place));
        return roots.FirstOrDefault(root => listed.Any(path => File.Exists(Path.Combine(root, path))))
            ?? throw new TernException($"{Path.Combine(roots[0], listed.First())} does not exist, and neither does any other listed picture: unpack the pictures of {source} there");
    }

    private static string[] Lines(string path, string source)
    {
        try { return File.ReadAllLines(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message.TrimEnd('.')}. It is part of {source}: download it again", error);
        }
    }
}

/// <summary>A line of a list.</summary>
internal sealed record FieldLine(string Path, int Line, string[] Fields, string Source)
{
    /// <summary>A field as a whole number of at least 0.</summary>
    public int Whole(int field) =>
        int.TryParse(Fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw Wrong($"'{Fields[field]}' is no whole number");

    /// <summary>A field as a number of pixels, what is behind the point left out.</summary>
    public int Pixels(int field) =>
        double.TryParse(Fields[field], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) < 1e6
            ? (int)value
            : throw Wrong($"'{Fields[field]}' is no number of pixels");

    /// <summary>What to throw about this line.</summary>
    public TernException Wrong(string what) => new($"{Path}: line {Line}: {what}: the list is damaged, download {Source} again");
}
