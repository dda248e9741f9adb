namespace Tern.Training.Recipes;

/// <summary>Something wrong in a recipe.</summary>
/// <param name="Path">Where, such as <c>student.objective[0].type</c>.</param>
/// <param name="What">What is wrong and what would be right.</param>
internal sealed record Problem(string Path, string What)
{
    /// <summary>From "path: what".</summary>
    public static Problem Parse(string text)
    {
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? new Problem("", text) : new Problem(text[..colon], text[(colon + 2)..]);
    }

    /// <summary>The path of a key within <paramref name="path"/>.</summary>
    public static string Below(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    public override string ToString() => Path.Length == 0 ? What : $"{Path}: {What}";
}
