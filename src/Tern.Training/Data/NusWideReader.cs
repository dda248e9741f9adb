using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>
/// NUS-WIDE (Chua et al. CIVR 2009) as it is downloaded: <c>ImageList/Imagelist.txt</c> with a path a line, <c>Groundtruth/AllLabels/Labels_(concept).txt</c>
/// with a 0 or 1 a line for the same pictures, <c>ConceptsList/Concepts81.txt</c>, and the pictures in <c>Flickr</c> or <c>images</c>. Where the official
/// halves are there instead (<c>TrainImagelist.txt</c>, <c>TestImagelist.txt</c>, <c>Groundtruth/TrainTestLabels</c>), both are read as one list.
/// </summary>
/// <remarks>
/// The protocol of Liu et al. (DSH, CVPR 2016): the 21 most frequent concepts, the pictures that carry at least one of them (195,834), 10,000 of these drawn
/// for testing, the rest for training. Their draw is not known. Ours is a function of the list alone, so that every run and every model is asked by the same
/// pictures; of fewer than 50,000 pictures a fifth is drawn.
/// </remarks>
public static class NusWideReader
{
    private const int Concepts = 21, TestPictures = 10_000;
    private const ulong DrawSeed = 1;
    private const string Lists = "ImageList", Truth = "Groundtruth", Names = "ConceptsList", NamesFile = "Concepts81.txt";

    /// <summary>A list of pictures, and where the lists of who carries a concept are.</summary>
    private sealed record Part(string List, Func<string, string> Carriers);

    /// <summary>Whether a folder holds two of the three parts of the lists: enough to say what is missing.</summary>
    public static bool Recognizes(string folder) => new[] { Lists, Truth, Names }.Count(name => Directory.Exists(Path.Combine(folder, name))) >= 2;

    /// <summary>Reads the lists; a part that is missing or does not fit is an error naming its file.</summary>
    public static DataSplit Open(string folder)
    {
        Part[] parts = Parts(folder);
        string[][] lists = [.. parts.Select(part => Lines(part.List))];
        bool[] Carried(string concept) => [.. parts.Zip(lists, (part, list) => Flags(part.Carriers(concept), list.Length, part.List)).SelectMany(flags => flags)];
        string names = Existing(Path.Combine(folder, Names, NamesFile), Path.Combine(folder, NamesFile));
        (string Name, bool[] Carried)[] frequent =
        [
            .. Lines(names).Select(concept => (Name: concept, Carried: Carried(concept))).Where(concept => concept.Carried.Contains(true))
                .OrderByDescending(concept => concept.Carried.Count(carried => carried)).Take(Concepts),               // stable: the list's order decides ties
        ];
        ulong[] masks = Masks(frequent, lists.Sum(list => list.Length));
        int[] kept = [.. Enumerable.Range(0, masks.Length).Where(i => masks[i] != 0)];
        if (kept.Length < 2) throw new TernException($"{folder}: {kept.Length} pictures carry a concept; {Truth} does not belong to this list, download it again");
        string[] listed = [.. lists.SelectMany(list => list)];
        string[] paths = Located(folder, [.. kept.Select(i => listed[i].Replace('\\', '/'))]);
        var all = new FileImageSet([.. frequent.Select(concept => concept.Name)], paths, Labels.Masks([.. kept.Select(i => masks[i])]));
        int[] order = Randomness.Of(DrawSeed).Permutation(kept.Length);
        int test = Math.Max(1, Math.Min(TestPictures, kept.Length / 5));
        return new DataSplit(all.Select([.. order[test..].Order()]), all.Select([.. order[..test].Order()]));
    }

    private static Part[] Parts(string folder)
    {
        Part Read(string list, string labels, string ending) => new(Path.Combine(folder, Lists, list), concept => Path.Combine(folder, Truth, labels, $"Labels_{concept}{ending}.txt"));
        Part whole = Read("Imagelist.txt", "AllLabels", ""), train = Read("TrainImagelist.txt", "TrainTestLabels", "_Train"), test = Read("TestImagelist.txt", "TrainTestLabels", "_Test");
        return !File.Exists(whole.List) && (File.Exists(train.List) || File.Exists(test.List)) ? [train, test] : [whole];
    }

    /// <summary>The first that exists, or the first: the one to name when it cannot be read.</summary>
    private static string Existing(params string[] candidates) => candidates.FirstOrDefault(File.Exists) ?? candidates[0];

    private static string[] Lines(string path)
    {
        string[] lines = [.. System.Text.Encoding.UTF8.GetString(ReadFile(path)).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 ? lines : throw new TernException($"{path} is empty: download NUS-WIDE's lists again");
    }

    /// <summary>A 0 or 1 for each of <paramref name="count"/> pictures.</summary>
    private static bool[] Flags(string path, int count, string list)
    {
        byte[] digits = [.. ReadFile(path).Where(value => value is not ((byte)'\r' or (byte)'\n' or (byte)' '))];
        int wrong = Array.FindIndex(digits, digit => digit is not ((byte)'0' or (byte)'1'));
        if (wrong >= 0) throw new TernException($"{path}: picture {wrong + 1} has '{(char)digits[wrong]}', expected 0 or 1: it is damaged, download it again");
        if (digits.Length != count)
            throw new TernException($"{path} has {digits.Length} pictures, but {list} lists {count}: the two do not belong together, download both again");
        return Array.ConvertAll(digits, digit => digit == '1');
    }

    private static ulong[] Masks((string Name, bool[] Carried)[] concepts, int count)
    {
        var masks = new ulong[count];
        for (int concept = 0; concept < concepts.Length; concept++)
            for (int i = 0; i < count; i++)
                if (concepts[concept].Carried[i]) masks[i] |= 1UL << concept;
        return masks;
    }

    /// <summary>Where the pictures are: below Flickr or images as listed, or all in one folder. A picture that is missing is not looked for elsewhere.</summary>
    private static string[] Located(string folder, string[] listed)
    {
        Func<string, string>[] layouts =
        [
            path => Path.Combine(folder, "Flickr", path), path => Path.Combine(folder, "images", path), path => Path.Combine(folder, path),
            path => Path.Combine(folder, "images", Path.GetFileName(path)), path => Path.Combine(folder, "Flickr", Path.GetFileName(path)),
        ];
        Func<string, string> layout = layouts.FirstOrDefault(layout => listed.Any(path => File.Exists(layout(path))))
            ?? throw new TernException($"{layouts[0](listed[0])} does not exist, and neither does any other listed picture: put NUS-WIDE's pictures in Flickr or images below {folder}");
        return Array.ConvertAll(listed, path => layout(path));
    }

    private static byte[] ReadFile(string path)
    {
        try { return File.ReadAllBytes(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message} It is part of NUS-WIDE's lists: download them into {Lists}, {Truth} and {Names}", error);
        }
    }
}
