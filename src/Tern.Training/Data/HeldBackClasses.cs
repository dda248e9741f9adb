using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>Whole classes are held back to choose by: where nobody who is tested is learned from, nobody who is chosen by is either.</summary>
public static class HeldBackClasses
{
    /// <summary>
    /// Holds back classes in random order, at most <paramref name="count"/> pictures in all: one that has more than are left is passed over, and so is a class of one picture.
    /// The same for the same seed. Both lists are in ascending order.
    /// </summary>
    /// <exception cref="TernException">Fewer than two classes fit, or fewer than two stay to be learned from.</exception>
    public static (int[] Train, int[] Validation) Make(Labels labels, int count, ulong seed)
    {
        int[][] classes = [.. labels.Carriers().OrderBy(members => members.Key).Select(members => members.ToArray())];
        var held = new List<int>();
        int heldClasses = 0;
        foreach (int i in Randomness.Of(seed, 0x5a120).Permutation(classes.Length))
        {
            if (classes[i].Length < 2 || held.Count + classes[i].Length > count) continue;
            held.AddRange(classes[i]);
            heldClasses++;
        }
        if (heldClasses < 2 || classes.Length - heldClasses < 2)
            throw new TernException($"data.validation: of {classes.Length} people with {labels.Count} pictures, {count} pictures would hold back {heldClasses}, and at least 2 must be held back"
                + $" and 2 learned from: choose {(heldClasses < 2 ? "more" : "fewer")} pictures");
        int[] validation = [.. held.Order()];
        return ([.. Enumerable.Range(0, labels.Count).Except(validation)], validation);
    }
}
