using System.Globalization;

namespace Tern.Training.Data;

/// <summary>
/// In-shop Clothes Retrieval (DeepFashion, Liu et al. CVPR 2016) as it is downloaded: <c>list_eval_partition.txt</c> (or in <c>Eval</c>), on request
/// <c>list_bbox_inshop.txt</c> (or in <c>Anno</c>), pictures in <c>img</c> (or <c>Img/img</c>). 3,997 items (25,882 pictures) are trained on; of 3,985 others
/// 14,218 pictures ask and 12,612 answer.
/// </summary>
/// <remarks>Boxes are x and y of the upper left and of the lower right corner; the latter is taken to lie just outside, which the set does not say.</remarks>
public static class InShopReader
{
    private const string Source = "In-shop Clothes Retrieval", Partition = "list_eval_partition.txt", Boxes = "list_bbox_inshop.txt";

    /// <summary>Whether a folder holds the partition.</summary>
    public static bool Recognizes(string folder) => File.Exists(Existing(folder, "Eval", Partition));

    /// <summary>Reads the lists.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="boxes">Whether pictures are cut to their boxes.</param>
    public static DataSplit Open(string folder, bool boxes)
    {
        FieldLine[] lines = FieldList.Read(Existing(folder, "Eval", Partition), Source, fields: 3, heading: 2);
        if (lines.FirstOrDefault(line => line.Fields[2] is not ("train" or "query" or "gallery")) is { } wrong) throw wrong.Wrong($"'{wrong.Fields[2]}' is none of train, query, gallery");
        Dictionary<string, FieldLine>? cuts = boxes ? FieldList.ReadByFirst(Existing(folder, "Anno", Boxes), Source, fields: 7, heading: 2) : null;
        string root = FieldList.PlaceOf([.. lines.Select(line => line.Fields[0])], folder, Source, "", "Img");
        ListedPicture Picture(FieldLine line) => new(Path.Combine(root, line.Fields[0]), Item(line), line.Fields[1], cuts is null ? null : BoxOf(line, cuts));
        FieldLine[] test = [.. lines.Where(line => line.Fields[2] != "train")];
        int[] asking = [.. test.Index().Where(entry => entry.Item.Fields[2] == "query").Select(entry => entry.Index)];
        if (asking.Length == 0 || asking.Length == test.Length) throw new TernException($"{lines[0].Path} has no picture for {(asking.Length == 0 ? "query" : "gallery")}: download {Source} again");
        return ListedPicture.Split(Source, [.. lines.Where(line => line.Fields[2] == "train").Select(Picture)], [.. test.Select(Picture)], asking);
    }

    /// <summary>id_00000001 is item 1.</summary>
    private static int Item(FieldLine line) =>
        line.Fields[1].StartsWith("id_", StringComparison.Ordinal) && int.TryParse(line.Fields[1].AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw line.Wrong($"'{line.Fields[1]}' is no item such as id_00000001");

    private static Box BoxOf(FieldLine line, Dictionary<string, FieldLine> boxes) => boxes.TryGetValue(line.Fields[0], out FieldLine? box)
        ? new Box(box.Pixels(3), box.Pixels(4), box.Pixels(5), box.Pixels(6))
        : throw line.Wrong($"'{line.Fields[0]}' is not in {Boxes}");

    /// <summary>A list beside the others, or in the folder the download keeps it in.</summary>
    private static string Existing(string folder, string below, string list)
    {
        string beside = Path.Combine(folder, list), inside = Path.Combine(folder, below, list);
        return File.Exists(inside) && !File.Exists(beside) ? inside : beside;
    }
}
