using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>A picture of a public data set that tests classes it does not train on.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Number">The number of its class, which orders the classes.</param>
/// <param name="Class">The name of its class.</param>
/// <param name="Box">What of it is of interest; null: all of it, or not asked for.</param>
internal sealed record ListedPicture(string Path, int Number, string Class, Box? Box)
{
    /// <summary>The first half of the classes for training, the others for testing.</summary>
    public static DataSplit Halves(string source, IReadOnlyList<ListedPicture> pictures)
    {
        int[] numbers = [.. pictures.Select(picture => picture.Number).Distinct().Order()];
        int first = numbers[numbers.Length / 2];
        return Split(source, [.. pictures.Where(picture => picture.Number < first)], [.. pictures.Where(picture => picture.Number >= first)]);
    }

    /// <summary>Both parts under one list of classes: those trained on first, each part's in the order of their numbers. Pictures stay in their order.</summary>
    public static DataSplit Split(string source, IReadOnlyList<ListedPicture> train, IReadOnlyList<ListedPicture> test, int[]? asking = null)
    {
        (int Number, string Class)[] learned = Classes(train), others = Classes(test), all = [.. learned, .. others];
        if (all.DistinctBy(one => one.Number).Count() < all.Length || all.DistinctBy(one => one.Class).Count() < all.Length)
            throw new TernException($"a class of {source} has two numbers or names, or is in both parts: the lists do not belong together, download {source} again");
        if (learned.Length == 0 || others.Length == 0) throw new TernException($"{source} has {learned.Length} classes to train on and {others.Length} to test, and both need one: download {source} again");
        Dictionary<int, int> labels = all.Index().ToDictionary(entry => entry.Item.Number, entry => entry.Index);
        FileImageSet Set(IReadOnlyList<ListedPicture> part, int classes) => new(
            [.. all.Take(classes).Select(one => one.Class)], [.. part.Select(picture => picture.Path)], Labels.Single([.. part.Select(picture => labels[picture.Number])]),
            part[0].Box is null ? null : [.. part.Select(picture => picture.Box!.Value)]);
        return new DataSplit(Set(train, learned.Length), Set(test, all.Length), asking);
    }

    private static (int Number, string Class)[] Classes(IReadOnlyList<ListedPicture> pictures) => [.. pictures.Select(picture => (picture.Number, picture.Class)).Distinct().Order()];
}
