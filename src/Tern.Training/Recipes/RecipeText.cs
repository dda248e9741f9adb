using System.Text.Json;

namespace Tern.Training.Recipes;

/// <summary>Where things stand in a recipe's text: the line of every key and list item by its path, such as <c>student.objective[0].type</c>.</summary>
internal sealed class RecipeText
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly byte[] text;
    private readonly Dictionary<string, int> lines = [];
    private readonly List<Problem> repeated = [];

    /// <summary>Reads through the text. Throws <see cref="JsonException"/>, with the line, where it is not JSON.</summary>
    public RecipeText(string text)
    {
        this.text = System.Text.Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(this.text, Lenient);
        reader.Read();
        Value(ref reader, "");
        reader.Read();                                              // complains about what follows the recipe
    }

    /// <summary>Keys that stand more than once.</summary>
    public IReadOnlyList<Problem> Repeated => repeated;

    /// <summary>The line of a path, or of the nearest thing around it; null for the recipe as a whole.</summary>
    public int? Line(string path)
    {
        for (; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))])
            if (lines.TryGetValue(path, out int line)) return line;
        return null;
    }

    private void Value(ref Utf8JsonReader reader, string path)
    {
        lines.TryAdd(path, LineHere(ref reader));
        if (reader.TokenType == JsonTokenType.StartObject)
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject) Entry(ref reader, path);
        else if (reader.TokenType == JsonTokenType.StartArray)
            for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++) Value(ref reader, $"{path}[{i}]");
        else if (reader.TokenType == JsonTokenType.String) Text(ref reader);
    }

    private void Entry(ref Utf8JsonReader reader, string path)
    {
        string full = Problem.Below(path, Text(ref reader));
        int line = LineHere(ref reader);
        if (!lines.TryAdd(full, line)) repeated.Add(new Problem(full, $"stands again on line {line}; keep one of the two"));
        reader.Read();
        Value(ref reader, full);
    }

    private string Text(ref Utf8JsonReader reader)
    {
        try { return reader.GetString()!; }
        catch (InvalidOperationException error)                     // "\ud800" without its second half
        {
            throw new JsonException("a text has half a character in it", null, LineHere(ref reader) - 1, null, error);
        }
    }

    private int LineHere(ref Utf8JsonReader reader) => 1 + text.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n');
}
