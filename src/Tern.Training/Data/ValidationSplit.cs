using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>The training pictures in two parts, and the classes that are learned.</summary>
/// <param name="Learned">Positions of the pictures that are learned from, ascending.</param>
/// <param name="HeldBack">Positions of those held back, ascending. What is in neither list is looked at by nobody: more pictures of a person held back than are wanted of one.</param>
/// <param name="Classes">Labels of the classes that are learned where whole ones are held back, ascending; null: all of them.</param>
public sealed record TrainingParts(int[] Learned, int[] HeldBack, int[]? Classes = null)
{
    /// <summary>Labels of the pictures that are learned from, as the classifier counts them.</summary>
    public Labels LearnedLabels(Labels all) => Classes is null ? all.Select(Learned) : all.Select(Learned).Renumber(Classes);
}

/// <summary>Which training pictures are learned from and which are held back to choose by.</summary>
public static class ValidationSplit
{
    /// <summary>Of a person, as many pictures are held back at most: LFW has 530 of one, who would be most of what epochs and thresholds are chosen by.</summary>
    internal const int MostOfAPerson = 10;

    /// <summary>As a recipe has it; where it leaves open what is held back, of the kind that is tested: whole classes, if the test classes are not trained on.</summary>
    public static TrainingParts Of(DataSpec spec, Labels labels, bool testsOtherClasses, ulong seed)
    {
        HoldBack kind = spec.HoldBack ?? (testsOtherClasses && !labels.AreMasks ? HoldBack.Classes : HoldBack.Pictures);
        if (kind == HoldBack.Classes) return OfWholeClasses(labels, spec.Validation, seed, spec.Pairs is null ? int.MaxValue : MostOfAPerson);
        (int[] learned, int[] held) = Make(labels, spec.Validation, seed);
        return new TrainingParts(learned, held);
    }

    /// <summary>
    /// Holds back whole classes, drawn in random order: as many as it takes for <paramref name="count"/> pictures that have another of their class to find,
    /// and at least two of such classes. The same for the same seed.
    /// </summary>
    /// <param name="mostOfOne">Of a class, so many pictures at most, drawn from its own; nothing is learned from the others either.</param>
    public static TrainingParts OfWholeClasses(Labels labels, int count, ulong seed, int mostOfOne = int.MaxValue)
    {
        if (labels.AreMasks) throw new TernException("data.holdBack: pictures that carry several labels belong to no class as a whole; set it to \"pictures\"");
        int[][] classes = [.. labels.Carriers().OrderBy(members => members.Key).Select(members => members.ToArray())];
        var held = new HashSet<int>();
        int able = 0, ableClasses = 0;
        foreach (int drawn in Randomness.Of(seed, 0x5a120).Permutation(classes.Length).TakeWhile(_ => able < count || ableClasses < 2))
        {
            held.Add(drawn);
            if (classes[drawn].Length == 1) continue;
            able += Math.Min(classes[drawn].Length, mostOfOne);
            ableClasses++;
        }
        if (able < count || ableClasses < 2 || classes.Length - held.Count < 2)
            throw new TernException($"data.validation: {count} pictures in whole classes cannot be held back of {labels.Count} in {classes.Length} classes and leave two to learn;"
                + " choose fewer, or set data.holdBack to \"pictures\"");
        int[] kept = [.. Enumerable.Range(0, classes.Length).Where(i => !held.Contains(i))];
        return new TrainingParts(
            [.. kept.SelectMany(i => classes[i]).Order()], [.. held.SelectMany(i => Some(classes[i], mostOfOne, seed, labels[classes[i][0]])).Order()], [.. kept.Select(i => labels[classes[i][0]])]);
    }

    private static IEnumerable<int> Some(int[] members, int most, ulong seed, int label) =>
        members.Length <= most ? members : Randomness.Of(seed, 0x5a121, (ulong)label).Permutation(members.Length).Take(most).Select(place => members[place]);

    /// <summary>
    /// Holds back at most <paramref name="count"/> of the pictures, each class in proportion, but never the last one of a class. Held-back pictures may be
    /// judged among themselves, so a class gives two or none: where classes are too small for their share, chance decides which give. The same for the
    /// same seed. Of pictures with several labels, chance decides which are held back, but never the last one with a label: labels then come in proportion but for chance. Both lists are in
    /// ascending order.
    /// </summary>
    public static (int[] Train, int[] Validation) Make(Labels labels, int count, ulong seed)
    {
        if (count >= labels.Count) throw new TernException($"data.validation: {count} pictures cannot be held back of {labels.Count}; choose fewer");
        int[] held = labels.AreMasks ? OfAll(labels, count, seed) : OfEachClass(labels, count, seed);
        if (held.Length == 0)
            throw new TernException($"data.validation: {labels.Count} pictures in {labels.Carriers().Count} classes are too few to hold {count} back;"
                + " add pictures, so that a class has at least 3");
        var heldBack = held.ToHashSet();
        return ([.. Enumerable.Range(0, labels.Count).Where(i => !heldBack.Contains(i))], [.. held.Order()]);
    }

    /// <summary>In random order, but for pictures that are the last with one of their labels.</summary>
    private static int[] OfAll(Labels labels, int count, ulong seed)
    {
        Dictionary<int, int> left = labels.Carriers().ToDictionary(carriers => carriers.Key, carriers => carriers.Count());
        var held = new List<int>();
        foreach (int picture in Randomness.Of(seed, 0x5a11f).Permutation(labels.Count))
        {
            if (held.Count == count) break;
            if (labels.Of(picture).Any(label => left[label] == 1)) continue;
            foreach (int label in labels.Of(picture)) left[label]--;
            held.Add(picture);
        }
        return [.. held];
    }

    private static int[] OfEachClass(Labels labels, int count, ulong seed)
    {
        int[][] classes = [.. labels.Carriers().OrderBy(members => members.Key).Select(members => members.ToArray())];
        int[] shares = Shares([.. classes.Select(members => members.Length)], count, seed);
        var held = new List<int>();
        for (int i = 0; i < classes.Length; i++)
        {
            int[] order = Randomness.Of(seed, 0x5a11d, (ulong)labels[classes[i][0]]).Permutation(classes[i].Length);
            held.AddRange(order.Take(shares[i]).Select(place => classes[i][place]));
        }
        return [.. held];
    }

    /// <summary>How many each class gives: its share rounded down (none for a share below two), then the rest to those furthest below theirs.</summary>
    private static int[] Shares(int[] sizes, int count, ulong seed)
    {
        double total = sizes.Sum(size => (double)size);
        double[] exact = [.. sizes.Select(size => count * size / total)];
        int[] shares = [.. exact.Zip(sizes, (share, size) => share < 2 ? 0 : Math.Min((int)share, size - 1))];
        int left = count - shares.Sum();
        int[] chance = Randomness.Of(seed, 0x5a11e).Permutation(sizes.Length);
        foreach (int i in Enumerable.Range(0, sizes.Length).OrderByDescending(i => exact[i] - shares[i]).ThenBy(i => chance[i]))
        {
            int more = shares[i] == 0 ? 2 : 1;
            if (more > left || shares[i] + more > sizes[i] - 1) continue;
            shares[i] += more;
            left -= more;
        }
        return shares;
    }
}
