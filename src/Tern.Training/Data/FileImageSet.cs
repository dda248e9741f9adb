using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Pictures in files of their own: what an image folder or a CSV list comes down to.</summary>
public sealed class FileImageSet(IReadOnlyList<string> classes, IReadOnlyList<(string Path, int Label)> files) : ImageSet(classes)
{
    public override int Count => files.Count;

    public override int Label(int index) => files[index].Label;

    public override string Name(int index) => files[index].Path;

    public override Picture Read(int index, int channels) => ImageDecoder.Open(files[index].Path, channels);

    /// <summary>
    /// Every fifth file of each class for testing, and the last of a class of two to four; a class of one is learned only.
    /// </summary>
    /// <param name="source">What an error calls the set; with it, an empty test part is an error.</param>
    public DataSplit EveryFifth(string? source = null)
    {
        ILookup<bool, (string Path, int Label)> parts = files.GroupBy(file => file.Label)
            .SelectMany(members => members.Select((file, place) => (file, IsTest: IsTest(place, members.Count()))))
            .ToLookup(member => member.IsTest, member => member.file);
        if (source is not null && !parts.Contains(true))
            throw new TernException($"{source}: no class has two pictures, so none can be left to test with; add pictures, or say which are for testing");
        return new DataSplit(new FileImageSet(Classes, [.. parts[false]]), new FileImageSet(Classes, [.. parts[true]]));
    }

    private static bool IsTest(int place, int count) => place % 5 == 4 || (count is > 1 and < 5 && place == count - 1);
}
