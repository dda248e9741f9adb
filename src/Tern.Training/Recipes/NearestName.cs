namespace Tern.Training.Recipes;

/// <summary>What somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>"unknown 'x'; did you mean 'y'? Known here: ...".</summary>
    public static string Suggest(string given, IReadOnlyCollection<string> known)
    {
        string? nearest = known.MinBy(name => Distance(given, name));
        bool near = nearest is not null && Distance(given, nearest) <= Math.Max(2, nearest.Length / 2);
        return $"unknown '{given}'{(near ? $"; did you mean '{nearest}'?" : ".")} Known here: {string.Join(", ", known)}";
    }

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, 1 + Math.Min(row[j], diagonal));
            }
        }
        return row[^1];
    }
}
