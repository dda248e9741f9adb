namespace Tern.Training.Data;

/// <summary>
/// CUB-200-2011 (Wah et al. 2011) as it is downloaded: <c>images.txt</c>, <c>image_class_labels.txt</c>, <c>bounding_boxes.txt</c> and the pictures in
/// <c>images</c>. The first half of the classes is trained on, the other is for testing: 100 of 200 (5,864 pictures) and 100 (5,924).
/// </summary>
/// <remarks>
/// The split of Oh Song et al. CVPR 2016, which metric learning reports on; the set's own split for classifiers is not looked at. Boxes are x, y, width and
/// height, each cut down to whole pixels as in the code of CGD (Jun et al. 2019).
/// </remarks>
public static class CubReader
{
    private const string Source = "CUB-200-2011", Images = "images.txt", ClassLabels = "image_class_labels.txt", Boxes = "bounding_boxes.txt";

    /// <summary>Whether a folder holds two of the three lists: enough to say what is missing.</summary>
    public static bool Recognizes(string folder) => new[] { Images, ClassLabels, Boxes }.Count(name => File.Exists(Path.Combine(folder, name))) >= 2;

    /// <summary>Reads the lists.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="boxes">Whether pictures are cut to their boxes.</param>
    public static DataSplit Open(string folder, bool boxes)
    {
        FieldLine[] images = FieldList.Read(Path.Combine(folder, Images), Source, 2);
        Dictionary<string, FieldLine> labels = FieldList.ReadByFirst(Path.Combine(folder, ClassLabels), Source, 2);
        Dictionary<string, FieldLine>? cuts = boxes ? FieldList.ReadByFirst(Path.Combine(folder, Boxes), Source, 5) : null;
        string root = FieldList.PlaceOf([.. images.Select(image => image.Fields[1])], folder, Source, "images");
        ListedPicture Picture(FieldLine image) => new(
            Path.Combine(root, image.Fields[1]), Of(image, labels, ClassLabels).Whole(1), image.Fields[1].Split('/')[0], cuts is null ? null : BoxOf(Of(image, cuts, Boxes)));
        return ListedPicture.Halves(Source, [.. images.Select(Picture)]);
    }

    private static FieldLine Of(FieldLine image, Dictionary<string, FieldLine> lines, string list) =>
        lines.TryGetValue(image.Fields[0], out FieldLine? line) ? line : throw image.Wrong($"picture {image.Fields[0]} is not in {list}");

    private static Box BoxOf(FieldLine line)
    {
        int left = line.Pixels(1), top = line.Pixels(2);
        return new Box(left, top, left + line.Pixels(3), top + line.Pixels(4));
    }
}
