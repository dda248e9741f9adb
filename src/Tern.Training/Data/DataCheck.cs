using System.Security.Cryptography;
using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>A half of a data set as it really is.</summary>
/// <param name="Classes">Pictures by class name, empty classes included; a picture with several labels counts for each.</param>
/// <param name="Sizes">How many pictures there are of each "width x height".</param>
public sealed record PartCheck(string Name, int Pictures, IReadOnlyDictionary<string, int> Classes, IReadOnlyDictionary<string, int> Sizes, IReadOnlyList<BadImage> Unreadable);

/// <summary>Pictures that are the same pixel for pixel, and whether they stand in both halves: then the test is easier than it looks.</summary>
public sealed record Duplicate(IReadOnlyList<string> Names, bool AcrossParts, bool AcrossClasses);

/// <summary>What a data set really holds.</summary>
public sealed record DataCheck(IReadOnlyList<PartCheck> Parts, IReadOnlyList<Duplicate> Duplicates)
{
    private sealed record Item(string Part, string Label, string Name, int Width, int Height, string Hash, string? Problem);

    /// <summary>Reads every picture of a data set; classes without pictures are counted, not refused.</summary>
    /// <param name="trainClasses">As <see cref="DataSpec.TrainClasses"/>.</param>
    /// <param name="boxes">As <see cref="DataSpec.Boxes"/>.</param>
    public static DataCheck Run(string path, DataFormat format, int threads, CancellationToken cancellation, int? trainClasses = null, bool boxes = false) =>
        Run(DataSource.Open(path, format, strict: false, trainClasses: trainClasses, boxes: boxes), threads, cancellation);

    /// <summary>The same of an opened data set.</summary>
    public static DataCheck Run(DataSplit split, int threads, CancellationToken cancellation)
    {
        Item[] train = Read("train", split.Train, threads, cancellation), test = Read("test", split.Test, threads, cancellation);
        Duplicate[] duplicates =
        [
            .. train.Concat(test).Where(item => item.Problem is null).GroupBy(item => item.Hash).Where(same => same.Count() > 1)
                .Select(same => new Duplicate(
                    [.. same.Select(item => item.Name)], same.DistinctBy(item => item.Part).Count() > 1, same.DistinctBy(item => item.Label).Count() > 1)),
        ];
        int others = split.TestsOtherClasses ? split.Train.Classes.Count : 0;                   // the names before are no classes of the test part
        return new DataCheck([Summarize("train", split.Train, train, 0), Summarize("test", split.Test, test, others)], duplicates);
    }

    private static Item[] Read(string part, ImageSet set, int threads, CancellationToken cancellation)
    {
        var items = new Item[set.Count];
        Parallel.For(0, set.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            try
            {
                Picture picture = set.Read(i, 3);
                string hash = $"{picture.Width}x{picture.Height} {Convert.ToHexStringLower(SHA256.HashData(picture.Pixels))}";
                items[i] = new Item(part, set.Labels.Text(i, set.Classes), set.Name(i), picture.Width, picture.Height, hash, null);
            }
            catch (TernException error)
            {
                items[i] = new Item(part, set.Labels.Text(i, set.Classes), set.Name(i), 0, 0, "", error.Message);
            }
        });
        return items;
    }

    private static PartCheck Summarize(string name, ImageSet set, Item[] items, int firstClass)
    {
        ILookup<int, int> carriers = set.Labels.Carriers();
        Item[] good = [.. items.Where(item => item.Problem is null)];
        return new PartCheck(
            name, items.Length,
            set.Classes.Select((className, label) => (className, carriers[label].Count())).Skip(firstClass).ToDictionary(),
            good.GroupBy(item => $"{item.Width}x{item.Height}").OrderByDescending(group => group.Count()).ToDictionary(group => group.Key, group => group.Count()),
            [.. items.Where(item => item.Problem is not null).Select(item => new BadImage(item.Name, item.Problem!))]);
    }
}
