namespace Tern.Training.Data;

/// <summary>
/// <c>class/image.jpg</c>: a folder per class, files at any depth below it, told apart from other files by their extension only to skip
/// what is no picture; what they hold is decided by content when they are read. Classes and files are in ordinal order.
/// </summary>
public static class FolderReader
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>
    /// Reads <paramref name="folder"/>: with <c>train</c> and <c>test</c> below it, as they are; otherwise every fifth file of each class (at least
    /// one of two) is for testing. An empty class is an error.
    /// </summary>
    public static DataSplit Open(string folder)
    {
        RequireFolder(folder);
        string train = Path.Combine(folder, "train"), test = Path.Combine(folder, "test");
        if (Directory.Exists(train) && Directory.Exists(test))
        {
            FileImageSet learned = Read(train);
            return new DataSplit(learned, Read(test, learned.Classes));
        }
        return Split(Read(folder));
    }

    /// <summary>Every picture of one tree; with <paramref name="classes"/> given, a folder outside them is an error.</summary>
    public static FileImageSet Read(string folder, IReadOnlyList<string>? classes = null)
    {
        RequireFolder(folder);
        string[] names = [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        if (names.Length == 0) throw new TernException($"{folder} has no folders: expected one folder of pictures per class");
        string[] known = classes is null ? names : [.. classes];
        var files = new List<(string, int)>();
        foreach (string name in names)
        {
            int label = Array.IndexOf(known, name);
            if (label < 0) throw new TernException($"{folder} has class '{name}', which the training part has not: remove the folder or add its pictures to train");
            string[] pictures = Pictures(Path.Combine(folder, name));
            if (pictures.Length == 0)
                throw new TernException($"class '{name}' in {folder} has no {string.Join(", ", Extensions)} files: add pictures or remove the folder");
            files.AddRange(pictures.Select(path => (path, label)));
        }
        return new FileImageSet(known, files);
    }

    /// <summary>Picture files below a folder, in ordinal order.</summary>
    public static string[] Pictures(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal),
    ];

    private static DataSplit Split(FileImageSet all)
    {
        var train = new List<(string, int)>();
        var test = new List<(string, int)>();
        foreach (IGrouping<int, int> members in Enumerable.Range(0, all.Count).GroupBy(all.Label))
        {
            int count = members.Count(), place = 0;
            foreach (int index in members)
                (IsTest(place++, count) ? test : train).Add((all.Name(index), members.Key));
        }
        return new DataSplit(new FileImageSet(all.Classes, train), new FileImageSet(all.Classes, test));
    }

    /// <summary>Every fifth, and the last of a class too small to have a fifth; a class of one is learned only.</summary>
    private static bool IsTest(int place, int count) => place % 5 == 4 || (count is > 1 and < 5 && place == count - 1);

    private static void RequireFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new TernException($"{folder} does not exist: give the folder that holds the data set");
    }
}
