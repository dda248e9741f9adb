using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class CubReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_half_of_the_classes_is_trained_on_and_the_other_tested()
    {
        DataSplit split = DataSource.Open(MadeData.Cub(folder.Path, classes: 5, perClass: 3));
        Assert.Equal(["001.Bird_0", "002.Bird_1"], split.Train.Classes);
        Assert.Equal(["001.Bird_0", "002.Bird_1", "003.Bird_2", "004.Bird_3", "005.Bird_4"], split.Test.Classes);
        Assert.Equal((6, 9, true), (split.Train.Count, split.Test.Count, split.TestsOtherClasses));
        Assert.Null(split.Asking);
        foreach (ImageSet part in new[] { split.Train, split.Test })
            for (int i = 0; i < part.Count; i++)
            {
                int number = int.Parse(Path.GetFileNameWithoutExtension(part.Name(i)).Split('_')[1]);
                Assert.Equal(number / 3, part.Labels[i]);
                Assert.Equal(MadeData.Picture(number / 3, number, 5, channels: 3).Pixels, part.Read(i, 3).Pixels);
            }
    }

    [Fact]
    public void Pictures_are_cut_to_their_boxes_on_request()
    {
        DataSplit split = DataSource.Open(MadeData.Cub(folder.Path), boxes: true);
        int number = int.Parse(Path.GetFileNameWithoutExtension(split.Test.Name(0)).Split('_')[1]);
        Assert.Equal(MadeData.Box.Cut(MadeData.Picture(number / 3, number, 6, channels: 3))!.Pixels, split.Test.Read(0, 3).Pixels);
        Assert.Equal((10, 8), (split.Train.Read(0, 1).Width, split.Train.Read(0, 1).Height));
    }

    [Fact]
    public void A_box_that_reaches_out_of_its_picture_is_cut_down_and_one_outside_is_told()
    {
        MadeData.Cub(folder.Path, classes: 2, perClass: 1);
        File.WriteAllLines(folder["bounding_boxes.txt"], ["1 -3.0 10.0 8.0 99.0", "2 16.0 0.0 5.0 5.0"]);
        DataSplit split = DataSource.Open(folder.Path, boxes: true);
        Assert.Equal(new Box(0, 10, 5, 16).Cut(MadeData.Picture(0, 0, 2, channels: 3))!.Pixels, split.Train.Read(0, 3).Pixels);
        string message = Assert.Throws<TernException>(() => split.Test.Read(0, 3)).Message;
        Assert.Contains("its box (16, 0) to (21, 5) lies outside its 16 x 16 pixels", message);
        Assert.Contains(split.Test.Name(0), message);
    }

    [Theory]
    [InlineData("images.txt")]
    [InlineData("image_class_labels.txt")]
    [InlineData("bounding_boxes.txt")]
    public void A_list_that_is_missing_or_empty_is_named(string list)
    {
        MadeData.Cub(folder.Path);
        File.WriteAllText(folder[list], "\n");
        Assert.Contains($"{folder[list]} lists nothing: download CUB-200-2011 again", Message());
        File.Delete(folder[list]);
        Assert.Contains($"{folder[list]} cannot be read", Message());
    }

    [Fact]
    public void A_bad_line_is_told_with_its_number()
    {
        MadeData.Cub(folder.Path, classes: 2, perClass: 1);
        string labels = folder["image_class_labels.txt"];
        foreach ((string lines, string expected) in new[]
        {
            ("1 1\n2\n", "line 2: 1 fields, expected 2"), ("1 1\n\n2 x\n", "line 3: 'x' is no whole number"), ("1 1\n1 2\n2 1\n", "line 2: '1' stands twice"), ("1 -1\n2 2\n", "'-1' is no whole number"),
        })
        {
            File.WriteAllText(labels, lines);
            Assert.Contains($"{labels}: ", Message());
            Assert.Contains(expected, Message());
        }
        File.WriteAllText(labels, "1 1\n");
        Assert.Contains($"{folder["images.txt"]}: line 1: picture 2 is not in image_class_labels.txt", Message());
        File.WriteAllText(labels, "1 1\n2 1\n");
        Assert.Contains("has two numbers or names", Message());
        File.WriteAllText(labels, "1 1\n2 2\n");
        File.WriteAllText(folder["bounding_boxes.txt"], "1 1 1 5 5\n2 1 1 wide 5\n");
        Assert.Contains("line 2: 'wide' is no number of pixels", Message());
    }

    [Fact]
    public void Missing_pictures_are_told_with_where_they_were_looked_for()
    {
        MadeData.Cub(folder.Path);
        Directory.Delete(folder["images"], recursive: true);
        string message = Message();
        Assert.Contains(folder["images", "006.Bird_5", "Bird_0017.jpg"], message);                // the first line is the last picture
        Assert.Contains("unpack the pictures of CUB-200-2011 there", message);
    }

    private string Message() => Assert.Throws<TernException>(() => CubReader.Open(folder.Path, boxes: true)).Message;
}
