using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class OnlineProductsReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Both_lists_are_read_under_one_numbering()
    {
        DataSplit split = DataSource.Open(MadeData.OnlineProducts(folder.Path, classes: 4, perClass: 3));
        Assert.Equal(["lamp_final 1", "lamp_final 2"], split.Train.Classes);
        Assert.Equal(["lamp_final 1", "lamp_final 2", "lamp_final 3", "lamp_final 4"], split.Test.Classes);
        Assert.Equal([0, 0, 0, 1, 1, 1], Enumerable.Range(0, 6).Select(i => split.Train.Labels[i]));
        Assert.Equal([2, 2, 2, 3, 3, 3], Enumerable.Range(0, 6).Select(i => split.Test.Labels[i]));
        Assert.Equal(MadeData.Picture(3, 11, 4, channels: 3).Pixels, split.Test.Read(5, 3).Pixels);
    }

    [Theory]
    [InlineData("Ebay_train.txt")]
    [InlineData("Ebay_test.txt")]
    public void A_missing_list_is_named(string list)
    {
        MadeData.OnlineProducts(folder.Path);
        File.Delete(folder[list]);
        Assert.Contains($"{folder[list]} cannot be read", Message());
        Assert.Contains("It is part of Stanford Online Products", Message());
    }

    [Fact]
    public void A_class_in_both_lists_and_a_bad_line_are_told()
    {
        MadeData.OnlineProducts(folder.Path);
        string test = folder["Ebay_test.txt"];
        File.AppendAllText(test, "99 1 7 lamp_final/99.JPG\n");
        Assert.Contains("is in both parts", Message());
        File.AppendAllText(test, "100 4 7\n");
        Assert.Contains($"{test}: line 12: 3 fields, expected 4", Message());                      // a heading, nine pictures and the one above
    }

    private string Message() => Assert.Throws<TernException>(() => DataSource.Open(folder.Path)).Message;
}
