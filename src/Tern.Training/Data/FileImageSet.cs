using Tern.Evaluation;
using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Pictures in files of their own: what an image folder, a CSV list or NUS-WIDE comes down to.</summary>
public sealed class FileImageSet : ImageSet
{
    private readonly IReadOnlyList<string> paths;

    /// <summary>Pairs path i with label i; a bug when there are not as many of each.</summary>
    public FileImageSet(IReadOnlyList<string> classes, IReadOnlyList<string> paths, Labels labels) : base(classes, labels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Count, paths.Count);
        this.paths = paths;
    }

    /// <summary>Pictures of one class each.</summary>
    public FileImageSet(IReadOnlyList<string> classes, IReadOnlyList<(string Path, int Label)> files)
        : this(classes, [.. files.Select(file => file.Path)], Labels.Single([.. files.Select(file => file.Label)])) { }

    public override string Name(int index) => paths[index];

    public override Picture Read(int index, int channels) => ImageDecoder.Open(paths[index], channels);

    /// <summary>Some of the pictures.</summary>
    public FileImageSet Select(IReadOnlyList<int> indices) => new(Classes, [.. indices.Select(i => paths[i])], Labels.Select(indices));

    /// <summary>
    /// Every fifth file of each class for testing, and the last of a class of two to four; a class of one is learned only. Of pictures with several
    /// labels every fifth.
    /// </summary>
    /// <param name="source">What an error calls the set; with it, an empty test part is an error.</param>
    public DataSplit EveryFifth(string? source = null)
    {
        IEnumerable<IGrouping<int, int>> groups = Enumerable.Range(0, Count).GroupBy(i => Labels.AreMasks ? 0 : Labels[i]);
        ILookup<bool, int> parts = groups
            .SelectMany(members => members.Select((i, place) => (Index: i, IsTest: IsTest(place, members.Count()))))
            .ToLookup(member => member.IsTest, member => member.Index);
        if (source is not null && !parts.Contains(true))
            throw new TernException($"{source}: no class has two pictures, so none can be left to test with; add pictures, or say which are for testing");
        return new DataSplit(Select([.. parts[false]]), Select([.. parts[true]]));
    }

    private static bool IsTest(int place, int count) => place % 5 == 4 || (count is > 1 and < 5 && place == count - 1);
}
