using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>
/// Faces: a folder per person (<c>Person_Name/Person_Name_0001.jpg</c>), in the folder given or in the only one in it, and a list of pairs, LFW's or a .csv. The test
/// part are the pictures of the pairs reported on; learned from is everybody else with enough pictures.
/// </summary>
/// <remarks>
/// LFW (Huang et al. 2007), "unrestricted": View 1's test leaves out its 963 people, a fold of View 2 its about 430, all of View 2 nearly everybody. A list that lies
/// elsewhere has its pictures beside it, and then all people of the folder are learned from; someone who is also in the pairs is an error.
/// </remarks>
public static class FaceReader
{
    /// <summary>Reads the list and finds the pictures. Labels are people: those learned from, then those tested.</summary>
    /// <param name="folder">The folder of people, or the one it lies in.</param>
    /// <param name="spec">The pairs reported on.</param>
    /// <param name="strict">Whether it is an error that nobody is left to learn from.</param>
    /// <exception cref="TernException">A line is bad (with its number), the fold is not there, the pairs are all of one kind, or somebody would be learned from and tested.</exception>
    public static DataSplit Open(string folder, PairsSpec spec, bool strict = true)
    {
        string people = People(folder), list = Path.GetFullPath(Path.Combine(folder, spec.File));
        ListedPair[] listed = Path.GetExtension(list) == ".csv"
            ? PairCsv.Read(list, people)
            : LfwPairs.Read(list, IsBelow(list, Path.GetFullPath(folder)) ? people : People(Path.GetDirectoryName(list)!));
        RequireFolds(list, spec, listed);
        ListedPair[] reported = [.. listed.Where(pair => spec.Folds is null || spec.Folds.Contains(pair.Fold))];
        RequireBothKinds(list, reported);
        FacePicture[] pictures = [.. reported.SelectMany(pair => new[] { pair.First, pair.Second })];
        HashSet<string> leftOut = [.. pictures.Where(picture => IsBelow(picture.Path, people)).Select(picture => picture.Person)];
        FileImageSet train = Learned(people, leftOut, spec.Minimum), test = Tested(train.Classes, pictures);
        RequireApart(list, people, train.Classes, reported);
        if (strict && train.Count == 0) throw new TernException($"{people}: nobody is left to learn from: outside the pairs of {list} no one has {spec.Minimum} pictures");
        Dictionary<string, int> places = Enumerable.Range(0, test.Count).ToDictionary(test.Name);
        return new DataSplit(train, test)
        {
            Pairs = new PairSet(Title(list, spec.Folds), [.. reported.Select(pair => new VerificationPair(places[pair.First.Path], places[pair.Second.Path], pair.Same, pair.Fold))]),
        };
    }

    /// <summary>Whom a picture shows: the person below whose folder it lies, or elsewhere the name of its own folder.</summary>
    internal static string PersonOf(string path, string people) => IsBelow(path, people)
        ? path[(people.Length + 1)..].Split(Path.DirectorySeparatorChar)[0]
        : Path.GetFileName(Path.GetDirectoryName(path))!;

    private static FileImageSet Learned(string people, HashSet<string> leftOut, int minimum)
    {
        var names = new List<string>();
        var files = new List<(string, int)>();
        foreach (string person in FolderReader.Folders(people).Where(person => !leftOut.Contains(person)))
        {
            string[] pictures = FolderReader.Pictures(Path.Combine(people, person));
            if (pictures.Length < minimum) continue;
            int label = names.Count;
            names.Add(person);
            files.AddRange(pictures.Select(path => (path, label)));
        }
        return new FileImageSet(names, files);
    }

    /// <summary>Every picture once, in the order of the list. Its classes go on where those learned end: the two never share a label.</summary>
    private static FileImageSet Tested(IReadOnlyList<string> learned, FacePicture[] pictures)
    {
        string[] names = [.. pictures.Select(picture => picture.Person).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> labels = names.Index().ToDictionary(entry => entry.Item, entry => learned.Count + entry.Index);
        return new FileImageSet([.. learned, .. names], [.. pictures.DistinctBy(picture => picture.Path).Select(picture => (picture.Path, labels[picture.Person]))]);
    }

    private static void RequireFolds(string list, PairsSpec spec, ListedPair[] listed)
    {
        int[] known = [.. listed.Select(pair => pair.Fold).Distinct().Order()], lost = [.. (spec.Folds ?? []).Except(known)];
        if (lost.Length > 0) throw new TernException($"{list} has no fold {lost[0]}; its folds are {string.Join(", ", known)}");
    }

    private static void RequireBothKinds(string list, ListedPair[] reported)
    {
        if (reported.All(pair => pair.Same == reported[0].Same))
            throw new TernException($"{list}: all {reported.Length} pairs are {(reported[0].Same ? "the same" : "different")};"
                + $" rates need pairs of both kinds, add {(reported[0].Same ? "different" : "same")} ones");
    }

    /// <summary>Nobody is learned from and tested, not under a name in other letters either.</summary>
    private static void RequireApart(string list, string people, IReadOnlyList<string> learned, ListedPair[] reported)
    {
        Dictionary<string, string> folders = learned.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).ToDictionary(same => same.Key, same => same.First(), StringComparer.OrdinalIgnoreCase);
        foreach (ListedPair pair in reported)
            foreach (string person in new[] { pair.First.Person, pair.Second.Person })
                if (folders.TryGetValue(person, out string? folder))
                    throw new TernException(
                        $"{list}, line {pair.Line}: {person} is tested here and would be learned from too, from {Path.Combine(people, folder)}: take that folder out, or the pairs");
    }

    /// <summary>The folder of the people's folders: the one given, or the only one in it.</summary>
    private static string People(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(FolderReader.Folders(folder) is [var only] ? Path.Combine(folder, only) : folder));

    private static bool IsBelow(string path, string folder) => path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>view2-fold3; of several folds view2-folds1+2.</summary>
    private static string Title(string list, int[]? folds)
    {
        string name = Path.GetFileName(list) switch
        {
            "pairsDevTest.txt" => "view1",
            "pairsDevTrain.txt" => "view1-development",
            "pairs.txt" => "view2",
            _ => Path.GetFileNameWithoutExtension(list),
        };
        return folds is null ? name : $"{name}-fold{(folds.Length > 1 ? "s" : "")}{string.Join('+', folds)}";
    }
}
