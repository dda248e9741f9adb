namespace Tern.Training.Data;

/// <summary>Which training pictures are learned from and which are held back to choose by.</summary>
public static class ValidationSplit
{
    /// <summary>
    /// Holds back about <paramref name="count"/> of the pictures, each class in proportion, but never the last one of a class. The same for the same seed.
    /// Both lists are in ascending order.
    /// </summary>
    public static (int[] Train, int[] Validation) Make(int[] labels, int count, ulong seed)
    {
        if (count >= labels.Length) throw new TernException($"data.validation: {count} pictures cannot be held back of {labels.Length}");
        var held = new List<int>();
        foreach (IGrouping<int, int> members in Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]).OrderBy(group => group.Key))
        {
            int[] indices = [.. members];
            int share = (int)Math.Min(indices.Length - 1, Math.Round((double)count * indices.Length / labels.Length));
            int[] order = Randomness.Of(seed, 0x5a11d, (ulong)members.Key).Permutation(indices.Length);
            held.AddRange(order.Take(share).Select(i => indices[i]));
        }
        if (held.Count < 2) throw new TernException($"data.validation: {labels.Length} pictures in {labels.Distinct().Count()} classes are too few to hold {count} back; add pictures");
        held.Sort();
        var heldBack = held.ToHashSet();
        return ([.. Enumerable.Range(0, labels.Length).Where(i => !heldBack.Contains(i))], [.. held]);
    }
}
