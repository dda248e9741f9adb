namespace Tern.Training.Data;

/// <summary>
/// Cars196 (Krause et al. 2013) as it is downloaded: <c>cars_annos.mat</c> and the pictures in <c>car_ims</c>. The first half of the classes is trained on, the
/// other is for testing: 98 of 196 (8,054 pictures) and 98 (8,131).
/// </summary>
/// <remarks>
/// The split of Oh Song et al. CVPR 2016, which metric learning reports on; the set's own split for classifiers is not looked at. Corners of boxes count from 1
/// and lie inside.
/// </remarks>
public static class CarsReader
{
    private const string Source = "Cars196", Annotations = "cars_annos.mat";

    /// <summary>Whether a folder holds the annotations.</summary>
    public static bool Recognizes(string folder) => File.Exists(Path.Combine(folder, Annotations));

    /// <summary>Reads the annotations.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="boxes">Whether pictures are cut to their boxes.</param>
    public static DataSplit Open(string folder, bool boxes)
    {
        string path = Path.Combine(folder, Annotations);
        Dictionary<string, MatArray> variables = Variables(path);
        if (variables.GetValueOrDefault("annotations") is not MatStructs annotations) throw Wrong(path, "has no structures called annotations");
        if (variables.GetValueOrDefault("class_names") is not MatCells classes) throw Wrong(path, "has no cells called class_names");
        string[] files = Texts(path, "relative_im_path", Column(path, annotations, "relative_im_path")), names = Texts(path, "class_names", classes.Items);
        int[] numbers = Wholes(path, annotations, "class");
        if (Array.FindIndex(numbers, number => number < 1 || number > names.Length) is >= 0 and var wrong)
            throw Wrong(path, $"gives picture {wrong + 1} class {numbers[wrong]}, but names {names.Length} classes");
        int[][]? corners = boxes ? [.. new[] { "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2" }.Select(name => Wholes(path, annotations, name))] : null;
        string root = FieldList.PlaceOf(files, folder, Source, "");
        ListedPicture Picture(int i) => new(
            Path.Combine(root, files[i]), numbers[i], names[numbers[i] - 1], corners is null ? null : new Box(corners[0][i] - 1, corners[1][i] - 1, corners[2][i], corners[3][i]));
        return ListedPicture.Halves(Source, [.. Enumerable.Range(0, files.Length).Select(Picture)]);
    }

    private static Dictionary<string, MatArray> Variables(string path)
    {
        try { return MatFile.Read(File.ReadAllBytes(path)); }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message.TrimEnd('.')}. It holds the annotations of {Source}: download them again", error);
        }
    }

    /// <summary>A field of every picture.</summary>
    private static MatArray[] Column(string path, MatStructs annotations, string field) =>
        annotations.Fields.TryGetValue(field, out MatArray[]? values) && values.Length > 0 ? values : throw Wrong(path, $"has no annotations.{field}");

    private static string[] Texts(string path, string what, MatArray[] values) =>
        Array.ConvertAll(values, value => value is MatText { Text.Length: > 0 } text ? text.Text : throw Wrong(path, $"has something else than a text in {what}"));

    private static int[] Wholes(string path, MatStructs annotations, string field) => Array.ConvertAll(
        Column(path, annotations, field), value => value is MatNumbers { Values: [>= 0.0 and < 1e6 and var number] } ? (int)number : throw Wrong(path, $"has something else than a number in annotations.{field}"));

    private static TernException Wrong(string path, string what) => new($"{path} {what}: download the annotations of {Source} again");
}
