using Tern.Training.Data;

namespace Tern.Training.Tests;

/// <summary>The public data sets that test classes they do not train on. Picture i is of class i / perClass; files are called .jpg, and content decides.</summary>
internal static partial class MadeData
{
    /// <summary>The box of every picture, as pixels from the corner; the sets write it each in its own way.</summary>
    public static Box Box { get; } = new(2, 3, 12, 11);

    /// <summary>CUB-200-2011: the classes from the last to the first, so that numbers and not lines decide. Returns <paramref name="folder"/>.</summary>
    public static string Cub(string folder, int classes = 6, int perClass = 3, int side = 16)
    {
        int[] order = [.. Enumerable.Range(0, classes * perClass).Reverse()];
        string Listed(int i) => $"{i / perClass + 1:D3}.Bird_{i / perClass}/Bird_{i:D4}.jpg";
        foreach (int i in order) Png(Path.Combine(folder, "images", Listed(i)), Picture(i / perClass, i, classes, side, 3));
        File.WriteAllLines(Path.Combine(folder, "images.txt"), order.Select(i => $"{i + 1} {Listed(i)}"));
        File.WriteAllLines(Path.Combine(folder, "image_class_labels.txt"), order.Select(i => $"{i + 1} {i / perClass + 1}"));
        File.WriteAllLines(Path.Combine(folder, "bounding_boxes.txt"), order.Select(i => $"{i + 1} {Box.Left}.0 {Box.Top}.0 {Box.Right - Box.Left}.9 {Box.Bottom - Box.Top}.0"));
        return folder;
    }

    /// <summary>Cars196: corners of boxes count from 1 and lie inside. Returns <paramref name="folder"/>.</summary>
    public static string Cars(string folder, int classes = 6, int perClass = 3, int side = 16, bool compressed = true)
    {
        string Listed(int i) => $"car_ims/{i + 1:D6}.jpg";
        int count = classes * perClass;
        for (int i = 0; i < count; i++) Png(Path.Combine(folder, Listed(i)), Picture(i / perClass, i, classes, side, 3));
        byte[][] values = [.. Enumerable.Range(0, count).SelectMany(i => new[] { MatWriter.Text(Listed(i)) }.Concat(CarValues(i / perClass)).Append(MatWriter.Number(i % 2)))];
        byte[][] variables = [MatWriter.Structures("annotations", ["relative_im_path", .. CarFields, "test"], values), CarNames(classes)];
        File.WriteAllBytes(Path.Combine(folder, "cars_annos.mat"), MatWriter.File(compressed ? Array.ConvertAll(variables, MatWriter.Compressed) : variables));
        return folder;
    }

    /// <summary>The same as the development kit has it: pictures of even i in its training part, those of odd i in its test part. Returns <paramref name="folder"/>.</summary>
    public static string CarsKit(string folder, int classes = 6, int perClass = 4, int side = 16)
    {
        Directory.CreateDirectory(Path.Combine(folder, "devkit"));
        foreach ((string part, string list, int odd) in new[] { ("cars_train", "devkit/cars_train_annos.mat", 0), ("cars_test", "cars_test_annos_withlabels.mat", 1) })
        {
            int[] pictures = [.. Enumerable.Range(0, classes * perClass).Where(i => i % 2 == odd)];
            for (int at = 0; at < pictures.Length; at++) Png(Path.Combine(folder, part, $"{at + 1:D5}.jpg"), Picture(pictures[at] / perClass, pictures[at], classes, side, 3));
            byte[][] values = [.. pictures.SelectMany((i, at) => CarValues(i / perClass).Append(MatWriter.Text($"{at + 1:D5}.jpg")))];
            File.WriteAllBytes(Path.Combine(folder, list), MatWriter.File(MatWriter.Compressed(MatWriter.Structures("annotations", [.. CarFields, "fname"], values))));
        }
        File.WriteAllBytes(Path.Combine(folder, "devkit", "cars_meta.mat"), MatWriter.File(MatWriter.Compressed(CarNames(classes))));
        return folder;
    }

    private static readonly string[] CarFields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class"];

    private static IEnumerable<byte[]> CarValues(int label) => new[] { Box.Left + 1, Box.Top + 1, Box.Right, Box.Bottom, label + 1 }.Select(value => MatWriter.Number(value));

    private static byte[] CarNames(int classes) => MatWriter.Cells("class_names", [.. Enumerable.Range(0, classes).Select(label => MatWriter.Text($"Car {label}"))]);

    /// <summary>Stanford Online Products: the first half of the classes in one list, the others in the other. Returns <paramref name="folder"/>.</summary>
    public static string OnlineProducts(string folder, int classes = 6, int perClass = 3, int side = 16)
    {
        string Listed(int i) => $"lamp_final/{i / perClass}_{i}.JPG";
        int count = classes * perClass, half = classes / 2 * perClass;
        for (int i = 0; i < count; i++) Png(Path.Combine(folder, Listed(i)), Picture(i / perClass, i, classes, side, 3));
        string[] Lines(int first, int end) => ["image_id class_id super_class_id path", .. Enumerable.Range(first, end - first).Select(i => $"{i + 1} {i / perClass + 1} 7 {Listed(i)}")];
        File.WriteAllLines(Path.Combine(folder, "Ebay_train.txt"), Lines(0, half));
        File.WriteAllLines(Path.Combine(folder, "Ebay_test.txt"), Lines(half, count));
        return folder;
    }

    /// <summary>In-shop Clothes Retrieval: of the items of the second half the first picture answers and the others ask. Returns <paramref name="folder"/>.</summary>
    public static string InShop(string folder, int classes = 6, int perClass = 3, int side = 16)
    {
        string Listed(int i) => $"img/WOMEN/Dresses/id_{i / perClass + 1:D8}/{i:D2}_1_front.jpg";
        int count = classes * perClass, half = classes / 2 * perClass;
        for (int i = 0; i < count; i++) Png(Path.Combine(folder, "Img", Listed(i)), Picture(i / perClass, i, classes, side, 3));
        Directory.CreateDirectory(Path.Combine(folder, "Eval"));
        Directory.CreateDirectory(Path.Combine(folder, "Anno"));
        string[] List(string heading, Func<int, string> line) => [$"{count}", heading, .. Enumerable.Range(0, count).Select(line)];
        File.WriteAllLines(Path.Combine(folder, "Eval", "list_eval_partition.txt"), List(
            "image_name item_id evaluation_status", i => $"{Listed(i),-70} id_{i / perClass + 1:D8} {(i < half ? "train" : i % perClass == 0 ? "gallery" : "query")}   "));
        File.WriteAllLines(Path.Combine(folder, "Anno", "list_bbox_inshop.txt"), List(
            "image_name clothes_type pose_type x_1 y_1 x_2 y_2", i => $"{Listed(i),-70} 3 1 {Box.Left:D3} {Box.Top:D3} {Box.Right:D3} {Box.Bottom:D3}"));
        return folder;
    }
}
