namespace Tern.Training.Data;

/// <summary>
/// <c>class/image.jpg</c>: a folder per class, files at any depth below it, told apart from other files by their extension only to skip
/// what is no picture; what they hold is decided by content when they are read. Classes and files are in ordinal order. Hidden files and folders
/// are left out; a link may stand for a class folder or a picture, but links to folders deeper down are not followed, so that a loop cannot trap us.
/// </summary>
public static class FolderReader
{
    internal static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    private static readonly string[] OtherParts = ["train", "test", "val", "valid", "validation"];

    /// <summary>
    /// Reads <paramref name="folder"/>: with <c>train</c> and <c>test</c> below it, as they are; otherwise <see cref="FileImageSet.EveryFifth"/> is for testing.
    /// With <paramref name="trainClasses"/> it is the classes that are divided, wherever their pictures lie.
    /// </summary>
    /// <param name="folder">The folder of class folders, or of <c>train</c> and <c>test</c>.</param>
    /// <param name="strict">Whether an empty class, and one that only <c>test</c> has where others are in both, is an error. Otherwise it is there, to be counted.</param>
    /// <param name="trainClasses">How many classes are trained on, in ordinal order of their names; all others are for testing.</param>
    public static DataSplit Open(string folder, bool strict = true, int? trainClasses = null)
    {
        string[] names = Folders(folder);
        if (names.Length == 0) throw new TernException($"{folder} has no folders: expected one folder of pictures per class");
        bool parted = names.Contains("train") && names.Contains("test");
        if (!parted && names.All(OtherParts.Contains))
            throw new TernException($"{folder} has {string.Join(" and ", names)}: expected train and test;"
                + " rename one, or give one of them to have every fifth picture of a class tested");
        string train = Path.Combine(folder, "train"), test = Path.Combine(folder, "test");
        if (trainClasses is { } count)
        {
            string[] parts = parted ? [train, test] : [folder], all = [.. parts.SelectMany(part => Folders(part)).Distinct().Order(StringComparer.Ordinal)];
            return Read(parts, all, all, strict).ByClass(count, folder);
        }
        if (!parted) return Read([folder], names, names, strict).EveryFifth(strict ? folder : null);
        string[] learned = Folders(train), asked = Folders(test), extra = [.. asked.Except(learned)];
        if (strict && learned.Length == 0) throw new TernException($"{train} has no folders: expected one folder of pictures per class");
        if (strict && asked.Length == 0) throw new TernException($"{test} has no folders: expected one folder of pictures per class; without any, remove {test} and every fifth picture of a class is tested");
        bool others = learned.Length > 0 && extra.Length > 0 && extra.Length == asked.Length;                  // none of them is trained on
        if (strict && extra.Length > 0 && !others)
            throw new TernException($"{test} has class '{extra[0]}', which {train} has not: remove the folder or add its pictures to train;"
                + " to test classes that are not trained on, have none of them in train, or set data.trainClasses");
        string[] classes = [.. learned, .. extra];
        return new DataSplit(Read([train], learned, others ? learned : classes, strict), Read([test], asked, classes, strict));
    }

    /// <summary>Picture files below a folder, in ordinal order.</summary>
    public static string[] Pictures(string folder)
    {
        var found = new List<string>();
        var waiting = new Stack<string>([folder]);
        while (waiting.TryPop(out string? at))
            foreach (FileSystemInfo entry in Entries(at))
            {
                string path = Path.Combine(at, entry.Name);
                bool isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
                if (entry is DirectoryInfo && !isLink) waiting.Push(path);
                else if (entry is FileInfo && Extensions.Contains(entry.Extension, StringComparer.OrdinalIgnoreCase)) found.Add(path);
            }
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>Pictures of the classes called <paramref name="names"/>, all below the first folder, then below the next, class by class.</summary>
    private static FileImageSet Read(string[] folders, string[] names, string[] classes, bool strict)
    {
        var files = new List<(string, int)>();
        foreach (string name in names)
        {
            string[] pictures = [.. folders.Select(folder => Path.Combine(folder, name)).Where(Directory.Exists).SelectMany(below => Pictures(below))];
            if (strict && pictures.Length == 0)
                throw new TernException($"class '{name}' in {string.Join(" and ", folders)} has no {string.Join(", ", Extensions)} files: add pictures or remove the folder");
            int label = Array.IndexOf(classes, name);
            files.AddRange(pictures.Select(path => (path, label)));
        }
        return new FileImageSet(classes, files);
    }

    /// <summary>The names of the folders in a folder, in ordinal order.</summary>
    internal static string[] Folders(string folder)
    {
        if (!Directory.Exists(folder)) throw new TernException($"{folder} does not exist: give the folder that holds the data set");
        return [.. Entries(folder).OfType<DirectoryInfo>().Select(entry => entry.Name).Order(StringComparer.Ordinal)];
    }

    private static FileSystemInfo[] Entries(string folder)
    {
        var visible = new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden };
        try { return new DirectoryInfo(folder).GetFileSystemInfos("*", visible); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"the folder {folder} cannot be read: {error.Message}", error);
        }
    }
}
