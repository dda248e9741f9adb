namespace Tern.Training.Data;

/// <summary>
/// Cars196 (Krause et al. 2013) as it is downloaded: <c>cars_annos.mat</c> and the pictures in <c>car_ims</c>; or the development kit, <c>cars_train_annos.mat</c>
/// and <c>cars_meta.mat</c> in <c>devkit</c>, <c>cars_test_annos_withlabels.mat</c> there or beside it, and the pictures in <c>cars_train</c> and <c>cars_test</c>.
/// The first half of the classes is trained on, the other is for testing: 98 of 196 (8,054 pictures) and 98 (8,131).
/// </summary>
/// <remarks>
/// The split of Oh Song et al. CVPR 2016, which metric learning reports on; the set's own split for classifiers is not looked at. Corners of boxes count from 1
/// and lie inside. The annotations are read by <see cref="MatFile"/>.
/// </remarks>
public static class CarsReader
{
    private const string Source = "Cars196", Whole = "cars_annos.mat", Kit = "devkit", Train = "cars_train_annos.mat", Test = "cars_test_annos_withlabels.mat", Meta = "cars_meta.mat";

    private static readonly string[] Corners = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"];

    /// <summary>Whether a folder holds annotations of either kind.</summary>
    public static bool Recognizes(string folder) => File.Exists(Path.Combine(folder, Whole)) || HasKit(folder);

    /// <summary>Reads the annotations.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="boxes">Whether pictures are cut to their boxes.</param>
    public static DataSplit Open(string folder, bool boxes)
    {
        string whole = Path.Combine(folder, Whole), kit = Path.Combine(folder, Kit), meta = Path.Combine(kit, Meta), beside = Path.Combine(folder, Test);
        if (File.Exists(whole) || !HasKit(folder)) return ListedPicture.Halves(Source, Pictures(whole, "relative_im_path", Names(whole), folder, "", boxes));
        string[] names = Names(meta);
        return ListedPicture.Halves(Source,
        [
            .. Pictures(Path.Combine(kit, Train), "fname", names, folder, "cars_train", boxes),
            .. Pictures(File.Exists(beside) ? beside : Path.Combine(kit, Test), "fname", names, folder, "cars_test", boxes),
        ]);
    }

    private static bool HasKit(string folder) => File.Exists(Path.Combine(folder, Kit, Train));

    /// <summary>Every picture of a file of annotations.</summary>
    /// <param name="field">The field that holds its path below <paramref name="place"/>.</param>
    private static ListedPicture[] Pictures(string path, string field, string[] names, string folder, string place, bool boxes)
    {
        if (Variables(path).GetValueOrDefault("annotations") is not MatStructs annotations) throw Wrong(path, "has no structures called annotations");
        string[] files = Texts(path, field, Column(path, annotations, field));
        int[] numbers = Wholes(path, annotations, "class");
        if (Array.FindIndex(numbers, number => number < 1 || number > names.Length) is >= 0 and var wrong)
            throw Wrong(path, $"gives picture {wrong + 1} class {numbers[wrong]}, but there are {names.Length} names of classes");
        int[][]? corners = boxes ? Array.ConvertAll(Corners, corner => Wholes(path, annotations, corner)) : null;
        string root = FieldList.PlaceOf(files, folder, Source, place);
        Box? Cut(int i) => corners is null ? null : new Box(corners[0][i] - 1, corners[1][i] - 1, corners[2][i], corners[3][i]);
        return [.. Enumerable.Range(0, files.Length).Select(i => new ListedPicture(Path.Combine(root, files[i]), numbers[i], names[numbers[i] - 1], Cut(i)))];
    }

    private static string[] Names(string path) =>
        Variables(path).GetValueOrDefault("class_names") is MatCells classes ? Texts(path, "class_names", classes.Items) : throw Wrong(path, "has no cells called class_names");

    private static Dictionary<string, MatArray> Variables(string path)
    {
        try { return MatFile.Read(File.ReadAllBytes(path)); }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message.TrimEnd('.')}. It holds annotations of {Source}: download them again", error);
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
