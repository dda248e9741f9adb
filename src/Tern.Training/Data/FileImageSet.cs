using Tern.Evaluation;
using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Pictures in files of their own: what an image folder, a list or a public data set of photographs comes down to.</summary>
public sealed class FileImageSet : ImageSet
{
    private readonly IReadOnlyList<string> paths;
    private readonly IReadOnlyList<Box>? boxes;

    /// <summary>Pairs path i with label i, and box i, which it is cut to, where there are boxes; a bug when there are not as many of each.</summary>
    public FileImageSet(IReadOnlyList<string> classes, IReadOnlyList<string> paths, Labels labels, IReadOnlyList<Box>? boxes = null) : base(classes, labels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Count, paths.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(boxes?.Count ?? paths.Count, paths.Count);
        (this.paths, this.boxes) = (paths, boxes);
    }

    /// <summary>Pictures of one class each.</summary>
    public FileImageSet(IReadOnlyList<string> classes, IReadOnlyList<(string Path, int Label)> files)
        : this(classes, [.. files.Select(file => file.Path)], Labels.Single([.. files.Select(file => file.Label)])) { }

    public override string Name(int index) => paths[index];

    public override Picture Read(int index, int channels)
    {
        Picture picture = ImageDecoder.Open(paths[index], channels);
        return boxes is null
            ? picture
            : boxes[index].Cut(picture) ?? throw new TernException($"'{paths[index]}': its box {boxes[index]} lies outside its {picture.Width} x {picture.Height} pixels");
    }

    /// <summary>Some of the pictures.</summary>
    public FileImageSet Select(IReadOnlyList<int> indices) => Select(indices, Classes);

    /// <summary>
    /// The first so many classes for training, all pictures of the others for testing: what is tested is never trained on. Throws <see cref="TernException"/>
    /// when one of the two would be without classes.
    /// </summary>
    /// <param name="trainClasses">How many classes are trained on, in the order of <see cref="ImageSet.Classes"/>.</param>
    /// <param name="source">What an error calls the set.</param>
    public DataSplit ByClass(int trainClasses, string source)
    {
        if (Labels.AreMasks) throw new TernException($"data.trainClasses: pictures of {source} carry several labels and belong to no class as a whole; remove it, or give each picture one label");
        if (trainClasses < 1 || trainClasses >= Classes.Count)
            throw new TernException($"data.trainClasses: {source} has {Classes.Count} classes, of which 1 to {Classes.Count - 1} can be trained on, so that one is left to test; got {trainClasses}");
        ILookup<bool, int> parts = Enumerable.Range(0, Count).ToLookup(i => Labels[i] < trainClasses);
        return new DataSplit(Select([.. parts[true]], [.. Classes.Take(trainClasses)]), Select([.. parts[false]]));
    }

    private FileImageSet Select(IReadOnlyList<int> indices, IReadOnlyList<string> classes) =>
        new(classes, [.. indices.Select(i => paths[i])], Labels.Select(indices), boxes is null ? null : [.. indices.Select(i => boxes[i])]);

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
