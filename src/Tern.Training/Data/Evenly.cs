namespace Tern.Training.Data;

/// <summary>A few of many.</summary>
internal static class Evenly
{
    /// <summary>At most so many of the items, spread evenly over all and in their order.</summary>
    public static int[] Choose(int[] all, int most)
    {
        int count = Math.Min(all.Length, most);
        return [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Length / count)])];
    }
}
