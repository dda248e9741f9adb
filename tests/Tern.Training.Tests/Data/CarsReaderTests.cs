using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class CarsReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_first_half_of_the_classes_is_trained_on_and_the_other_tested(bool compressed)
    {
        DataSplit split = DataSource.Open(MadeData.Cars(folder.Path, classes: 5, perClass: 3, compressed: compressed));
        Assert.Equal(["Car 0", "Car 1"], split.Train.Classes);
        Assert.Equal(["Car 0", "Car 1", "Car 2", "Car 3", "Car 4"], split.Test.Classes);
        Assert.Equal((6, 9), (split.Train.Count, split.Test.Count));
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(2 + i / 3, split.Test.Labels[i]);
            Assert.Equal(folder["car_ims", $"{7 + i:D6}.jpg"], split.Test.Name(i));
            Assert.Equal(MadeData.Picture(2 + i / 3, 6 + i, 5, channels: 3).Pixels, split.Test.Read(i, 3).Pixels);
        }
    }

    /// <summary>Corners count from 1 and lie inside: x 3 to 12 are ten columns, the first of them the third.</summary>
    [Fact]
    public void Pictures_are_cut_to_their_boxes_on_request()
    {
        DataSplit split = DataSource.Open(MadeData.Cars(folder.Path), boxes: true);
        Assert.Equal(MadeData.Box.Cut(MadeData.Picture(0, 0, 6, channels: 3))!.Pixels, split.Train.Read(0, 3).Pixels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_development_kit_is_read_through_both_of_its_parts(bool inside)
    {
        MadeData.CarsKit(folder.Path, classes: 4, perClass: 4);
        if (inside) File.Move(folder["cars_test_annos_withlabels.mat"], folder["devkit", "cars_test_annos_withlabels.mat"]);
        DataSplit split = DataSource.Open(folder.Path, boxes: true);
        Assert.Equal(["Car 0", "Car 1"], split.Train.Classes);
        Assert.Equal(["Car 0", "Car 1", "Car 2", "Car 3"], split.Test.Classes);
        Assert.Equal([2, 2, 3, 3, 2, 2, 3, 3], Enumerable.Range(0, split.Test.Count).Select(i => split.Test.Labels[i]));     // 8, 10, 12, 14 of the one part, 9, 11, 13, 15 of the other
        Assert.Equal(folder["cars_test", "00005.jpg"], split.Test.Name(4));
        Assert.Equal(MadeData.Box.Cut(MadeData.Picture(2, 9, 4, channels: 3))!.Pixels, split.Test.Read(4, 3).Pixels);
    }

    [Fact]
    public void A_development_kit_without_the_labels_of_its_test_part_or_its_names_is_told()
    {
        MadeData.CarsKit(folder.Path);
        File.Delete(folder["cars_test_annos_withlabels.mat"]);
        Assert.Contains($"{folder["devkit", "cars_test_annos_withlabels.mat"]} cannot be read", Message());
        File.WriteAllBytes(folder["devkit", "cars_meta.mat"], MatWriter.File(MatWriter.Number(1, "class_names")));
        Assert.Contains($"{folder["devkit", "cars_meta.mat"]} has no cells called class_names", Message());
    }

    /// <summary>The same annotations as scipy writes them: fixtures/make_cars.py.</summary>
    [Fact]
    public void Annotations_of_scipy_are_read()
    {
        foreach (string file in new[] { "cars_plain.mat", "cars_compressed.mat" })
        {
            MadeData.Cars(folder[file], classes: 4, perClass: 2);
            File.Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", file), folder[file, "cars_annos.mat"], overwrite: true);
            DataSplit split = DataSource.Open(folder[file], boxes: true);
            Assert.Equal(["Acura RL Sedan 2012", "Ram C/V Cargo Van Minivan 2012"], split.Train.Classes);
            Assert.Equal(["Acura RL Sedan 2012", "Ram C/V Cargo Van Minivan 2012", "Volvo 240 Sedan 1993", "smart fortwo Convertible 2012"], split.Test.Classes);
            Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3], Enumerable.Range(0, 4).Select(i => split.Train.Labels[i]).Concat(Enumerable.Range(0, 4).Select(i => split.Test.Labels[i])));
            Assert.Equal(folder[file, "car_ims", "000008.jpg"], split.Test.Name(3));
            Assert.Equal(new Box(2, 3, 12, 11).Cut(MadeData.Picture(0, 0, 4, channels: 3))!.Pixels, split.Train.Read(0, 3).Pixels);
            Assert.Equal((15, 16), (split.Test.Read(3, 3).Width, split.Test.Read(3, 3).Height));   // x 2 to 300, cut down to what the picture has
        }
    }

    [Fact]
    public void Annotations_that_are_missing_damaged_or_others_are_told()
    {
        MadeData.Cars(folder.Path);
        string path = folder["cars_annos.mat"];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
        Assert.Contains($"{path} cannot be read", Message());
        File.WriteAllText(path, "no annotations");
        Assert.Contains("not a little-endian MATLAB file of level 5", Message());
        File.WriteAllBytes(path, MatWriter.File(MatWriter.Number(1, "annotations")));
        Assert.Contains($"{path} has no cells called class_names: download the annotations of Cars196 again", Message());
        byte[] names = MatWriter.Cells("class_names", MatWriter.Text("a"), MatWriter.Text("b"));
        File.WriteAllBytes(path, MatWriter.File(names, MatWriter.Number(1, "annotations")));
        Assert.Contains($"{path} has no structures called annotations: download the annotations of Cars196 again", Message());
        byte[] Annotations(params byte[][] values) => MatWriter.File(names, MatWriter.Structures("annotations", ["relative_im_path", "class"], values));
        File.WriteAllBytes(path, Annotations(MatWriter.Text("a.jpg"), MatWriter.Text("first")));
        Assert.Contains("has something else than a number in annotations.class", Message());
        File.WriteAllBytes(path, Annotations(MatWriter.Text("a.jpg"), MatWriter.Number(1), MatWriter.Text("b.jpg"), MatWriter.Number(3)));
        Assert.Contains("gives picture 2 class 3, but there are 2 names of classes", Message());
        File.WriteAllBytes(path, Annotations(MatWriter.Text("a.jpg"), MatWriter.Number(1), MatWriter.Text("b.jpg"), MatWriter.Number(2)));
        Assert.Contains("has no annotations.bbox_x1", Message());
        File.Delete(path);
        Assert.Contains($"{path} cannot be read", Message());
    }

    private string Message() => Assert.Throws<TernException>(() => CarsReader.Open(folder.Path, boxes: true)).Message;
}
