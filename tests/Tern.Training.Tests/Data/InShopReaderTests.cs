using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class InShopReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Test_pictures_ask_or_answer_wherever_the_lists_lie(bool moved)
    {
        MadeData.InShop(folder.Path, classes: 4, perClass: 3);
        if (moved)
        {
            File.Move(folder["Eval", "list_eval_partition.txt"], folder["list_eval_partition.txt"]);
            File.Move(folder["Anno", "list_bbox_inshop.txt"], folder["list_bbox_inshop.txt"]);
            Directory.Move(folder["Img", "img"], folder["img"]);
        }
        DataSplit split = DataSource.Open(folder.Path, boxes: true);
        Assert.Equal(["id_00000001", "id_00000002"], split.Train.Classes);
        Assert.Equal(["id_00000001", "id_00000002", "id_00000003", "id_00000004"], split.Test.Classes);
        Assert.Equal([2, 2, 2, 3, 3, 3], Enumerable.Range(0, 6).Select(i => split.Test.Labels[i]));
        Assert.Equal([1, 2, 4, 5], split.Asking!);                                                 // the first of each item answers
        Assert.Equal(MadeData.Box.Cut(MadeData.Picture(2, 7, 4, channels: 3))!.Pixels, split.Test.Read(1, 3).Pixels);
        Assert.Equal(16, DataSource.Open(folder.Path).Test.Read(1, 3).Width);
    }

    [Fact]
    public void Lists_that_are_missing_or_damaged_are_told()
    {
        MadeData.InShop(folder.Path, classes: 4, perClass: 3);
        string partition = folder["Eval", "list_eval_partition.txt"], boxes = folder["Anno", "list_bbox_inshop.txt"], whole = File.ReadAllText(partition);
        void Says(string text, string expected)
        {
            File.WriteAllText(partition, text);
            string message = Assert.Throws<TernException>(() => InShopReader.Open(folder.Path, boxes: true)).Message;
            Assert.Contains(expected, message);
            Assert.Contains("download In-shop Clothes Retrieval again", message);
        }
        Says(whole.Replace("gallery", "galery"), $"{partition}: line 9: 'galery' is none of train, query, gallery");
        Says(whole.Replace("gallery", "query"), $"{partition} has no picture for gallery");
        Says(whole.Replace("id_00000004 ", "id_four "), $"{partition}: line 12: 'id_four' is no item such as id_00000001");
        Says(whole.Replace(" id_00000001 ", " id_00000003 "), "has two numbers or names, or is in both parts");
        File.WriteAllText(partition, whole);
        File.WriteAllLines(boxes, File.ReadAllLines(boxes)[..^1]);
        Assert.Contains("line 14: 'img/WOMEN/Dresses/id_00000004/11_1_front.jpg' is not in list_bbox_inshop.txt", Assert.Throws<TernException>(() => InShopReader.Open(folder.Path, boxes: true)).Message);
        File.Delete(boxes);
        Assert.Contains("list_bbox_inshop.txt cannot be read", Assert.Throws<TernException>(() => InShopReader.Open(folder.Path, boxes: true)).Message);
        Assert.Equal(6, InShopReader.Open(folder.Path, boxes: false).Test.Count);                  // boxes nobody asked for
    }
}
