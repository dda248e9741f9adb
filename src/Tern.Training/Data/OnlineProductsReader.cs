namespace Tern.Training.Data;

/// <summary>
/// Stanford Online Products (Oh Song et al. CVPR 2016) as it is downloaded: <c>Ebay_train.txt</c> and <c>Ebay_test.txt</c>, a heading and then number of the
/// picture, of its class, of its kind, and its path. 11,318 classes (59,551 pictures) are trained on, 11,316 others (60,502) are for testing.
/// </summary>
public static class OnlineProductsReader
{
    private const string Source = "Stanford Online Products", Train = "Ebay_train.txt", Test = "Ebay_test.txt";

    /// <summary>Whether a folder holds one of the lists: enough to say that the other is missing.</summary>
    public static bool Recognizes(string folder) => File.Exists(Path.Combine(folder, Train)) || File.Exists(Path.Combine(folder, Test));

    /// <summary>Reads the lists. A class is called after its kind and its number.</summary>
    public static DataSplit Open(string folder)
    {
        FieldLine[] train = Lines(folder, Train), test = Lines(folder, Test);
        string root = FieldList.PlaceOf([.. train.Concat(test).Select(line => line.Fields[3])], folder, Source, "");
        ListedPicture[] Pictures(FieldLine[] lines) =>
            [.. lines.Select(line => new ListedPicture(Path.Combine(root, line.Fields[3]), line.Whole(1), $"{line.Fields[3].Split('/')[0]} {line.Fields[1]}", null))];
        return ListedPicture.Split(Source, Pictures(train), Pictures(test));
    }

    private static FieldLine[] Lines(string folder, string list) => FieldList.Read(Path.Combine(folder, list), Source, fields: 4, heading: 1);
}
