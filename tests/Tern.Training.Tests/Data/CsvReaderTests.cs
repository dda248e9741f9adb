using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class CsvReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Quotes_commas_spaces_and_blank_lines_are_read()
    {
        DataSplit split = Open("path,label,split\r\n\"a, b.png\", \"say \"\"cheese\"\"\" ,train\r\n\r\nsub dir/c.png,zebra,test\n/abs/d.png,zebra,train\n");
        Assert.Equal(["say \"cheese\"", "zebra"], split.Train.Classes);
        Assert.Equal([folder["a, b.png"], "/abs/d.png"], new[] { split.Train.Name(0), split.Train.Name(1) });
        Assert.Equal((folder["sub dir/c.png"], 1), (split.Test.Name(0), split.Test.Labels[0]));
    }

    /// <summary>Testing on what was learned from would flatter every number.</summary>
    [Fact]
    public void Without_a_split_column_every_fifth_of_a_class_is_for_testing()
    {
        DataSplit split = Open("path,label\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i}.png,a\n")) + "x.png,b\ny.png,b\n");
        Assert.Equal([folder["4.png"], folder["9.png"], folder["y.png"]], Enumerable.Range(0, split.Test.Count).Select(split.Test.Name));
        Assert.Equal(9, split.Train.Count);
    }

    [Fact]
    public void Every_bad_line_is_told_with_its_number()
    {
        string message = Message("path,label,split\na.png,cat,train\nb.png,cat\nc.png,cat,valid\n\n,cat,train\nd.png,,test\n\"e.png,cat,test\nf\0.png,cat,test\n");
        Assert.StartsWith(folder["list.csv"], message);
        Assert.Contains("line 3: 2 fields, expected 3", message);
        Assert.Contains("line 4: split must be train or test, or query or gallery; got 'valid'", message);
        Assert.Contains("line 6: '' is no path", message);
        Assert.Contains("line 7: the label is empty", message);
        Assert.Contains("line 8: a \" has no end", message);
        Assert.Contains("line 9: 'f\\0.png' is no path", message);
        Assert.DoesNotContain("line 2", message);
    }

    [Fact]
    public void Several_labels_in_a_cell_make_every_picture_carry_a_mask()
    {
        DataSplit split = Open("path,label,split\na.png,sky | sea,train\nb.png,tree,train\nc.png,\"sea|tree|sea\",test\n");
        Assert.Equal(["sea", "sky", "tree"], split.Train.Classes);
        Assert.True(split.Train.Labels.AreMasks && split.Test.Labels.AreMasks);
        Assert.Equal([[0, 1], [2]], Enumerable.Range(0, 2).Select(split.Train.Labels.Of));
        Assert.Equal("sea|tree", split.Test.Labels.Text(0, split.Test.Classes));
    }

    [Fact]
    public void Of_pictures_with_several_labels_every_fifth_is_for_testing()
    {
        DataSplit split = Open("path,label\n" + string.Concat(Enumerable.Range(0, 11).Select(i => $"{i}.png,{(i == 0 ? "a|b" : i % 2 == 0 ? "a" : "b")}\n")));
        Assert.Equal([folder["4.png"], folder["9.png"]], Enumerable.Range(0, split.Test.Count).Select(split.Test.Name));
    }

    [Fact]
    public void An_empty_label_among_several_and_one_without_training_pictures_are_told()
    {
        Assert.Contains("line 2: a label in 'sea||sky' is empty", Message("path,label\na.png,sea||sky\n"));
        Assert.Contains("line 3: class 'moon' has no training picture", Message("path,label,split\na.png,sea|sky,train\nb.png,sky|moon,test\n"));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    public void Several_labels_go_with_64_classes_and_no_more(int classes)
    {
        string list = "path,label\n0.png,c0|c1\n" + string.Concat(Enumerable.Range(0, classes).Select(i => $"{i}.png,c{i}\n"));
        if (classes <= 64) Assert.Equal(classes, Open(list).Train.Classes.Count);
        else Assert.Contains("has 65 classes; pictures with several labels (line 2) go with at most 64", Message(list));
    }

    [Fact]
    public void Many_bad_lines_are_counted()
    {
        string message = Message("path,label\n" + string.Concat(Enumerable.Repeat("x\n", 30)));
        Assert.Contains("line 21: 1 fields", message);
        Assert.DoesNotContain("line 22:", message);
        Assert.Contains("and 10 more", message);
    }

    [Fact]
    public void A_class_without_training_pictures_is_told_by_its_first_line()
    {
        string list = "path,label,split\na.png,cat,train\nb.png,dog,test\nc.png,dog,test\nd.png,cat,test\n";
        string message = Message(list);
        Assert.Contains("line 3: class 'dog' has no training picture", message);
        Assert.DoesNotContain("line 4", message);
        Assert.Equal(3, CsvReader.Open(folder["list.csv"], strict: false).Test.Count);
    }

    [Theory]
    [InlineData("train", "test")]
    [InlineData("test", "train")]
    public void A_list_for_one_part_only_is_told(string given, string missing) =>
        Assert.Contains($"no line is for {missing}", Message($"path,label,split\na.png,cat,{given}\nb.png,cat,{given}\n"));

    [Theory]
    [InlineData("", "got ''")]
    [InlineData("file,class\na.png,b\n", "got 'file,class'")]
    [InlineData("label,path\n", "got 'label,path'")]
    public void Another_header_is_told(string text, string expected)
    {
        string message = Message(text);
        Assert.Contains("the first line must read path,label or path,label,split", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_list_without_lines_and_one_that_is_not_there_are_told()
    {
        Assert.Contains("lists no pictures", Message("path,label\n\n"));
        Assert.Contains("cannot be read", Assert.Throws<TernException>(() => CsvReader.Open(folder["nowhere.csv"])).Message);
    }

    [Fact]
    public void A_binary_file_called_csv_is_told_shortly()
    {
        File.WriteAllBytes(folder["list.csv"], [.. Enumerable.Repeat((byte)0xff, 10_000)]);
        Assert.InRange(Assert.Throws<TernException>(() => CsvReader.Open(folder["list.csv"])).Message.Length, 1, 400);
    }

    [Fact]
    public void Query_and_gallery_are_test_pictures_that_ask_or_answer()
    {
        DataSplit split = Open("path,label,split\na.png,x,train\nb.png,y,gallery\nc.png,y,query\nd.png,z,query\ne.png,z,gallery\n");
        Assert.Equal(["b.png", "c.png", "d.png", "e.png"], Enumerable.Range(0, 4).Select(i => Path.GetFileName(split.Test.Name(i))));
        Assert.Equal([1, 2], split.Asking!);
        Assert.Null(Open("path,label,split\na.png,x,train\nb.png,x,test\n").Asking);
    }

    [Fact]
    public void Parts_that_do_not_go_together_are_told()
    {
        Assert.Contains("lines are for query and none for gallery", Message("path,label,split\na.png,x,train\nb.png,y,query\n"));
        Assert.Contains("lines are for gallery and none for query", Message("path,label,split\na.png,x,train\nb.png,y,gallery\n"));
        Assert.Contains("line 5: split is test, and line 3 has query", Message("path,label,split\na.png,x,train\nb.png,y,query\nc.png,y,gallery\nd.png,y,test\n"));
    }

    [Fact]
    public void Test_classes_may_be_other_than_those_trained_on_but_all_of_them()
    {
        DataSplit split = Open("path,label,split\na.png,zebra,train\nb.png,ant,test\nc.png,yak,train\nd.png,bee,test\n");
        Assert.True(split.TestsOtherClasses);
        Assert.Equal(["yak", "zebra"], split.Train.Classes);
        Assert.Equal(["yak", "zebra", "ant", "bee"], split.Test.Classes);                  // one numbering, those trained on first
        Assert.Equal([1, 0], new[] { split.Train.Labels[0], split.Train.Labels[1] });
        Assert.Equal([2, 3], new[] { split.Test.Labels[0], split.Test.Labels[1] });
        Assert.Contains("line 5: class 'bee' has no training picture", Message("path,label,split\na.png,zebra,train\nb.png,ant,test\nc.png,ant,train\nd.png,bee,test\n"));
    }

    [Fact]
    public void Classes_are_divided_whatever_the_split_column_says()
    {
        DataSplit split = Open("path,label,split\na.png,c,train\nb.png,a,test\nc.png,b,train\nd.png,c,test\n", trainClasses: 2);
        Assert.Equal(["a", "b"], split.Train.Classes);
        Assert.Equal(["a", "b", "c"], split.Test.Classes);
        Assert.Equal([folder["b.png"], folder["c.png"]], Enumerable.Range(0, split.Train.Count).Select(split.Train.Name));
        Assert.Equal([folder["a.png"], folder["d.png"]], Enumerable.Range(0, split.Test.Count).Select(split.Test.Name));
        Assert.Equal([2, 2], Enumerable.Range(0, 2).Select(i => split.Test.Labels[i]));
    }

    [Theory]
    [InlineData(3, "has 3 classes, of which 1 to 2 can be trained on, so that one is left to test; got 3")]
    [InlineData(0, "got 0")]
    public void Classes_must_be_left_to_test(int trainClasses, string expected)
    {
        string message = Assert.Throws<TernException>(() => Open("path,label\na.png,a\nb.png,b\nc.png,c\n", trainClasses)).Message;
        Assert.StartsWith("data.trainClasses: ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Pictures_with_several_labels_are_not_divided_by_class() =>
        Assert.Contains("carry several labels", Assert.Throws<TernException>(() => Open("path,label\na.png,a|b\nb.png,b\n", trainClasses: 1)).Message);

    /// <summary>A list of the size of Stanford Online Products must not take a look through all classes for each line.</summary>
    [Fact]
    public void Many_classes_are_numbered_in_order()
    {
        DataSplit split = Open("path,label\n" + string.Concat(Enumerable.Range(0, 4000).Select(i => $"{i}.png,c{i / 2:D5}\n")));
        Assert.Equal(2000, split.Train.Classes.Count);
        Assert.Equal(Enumerable.Range(0, 2000), Enumerable.Range(0, 2000).Select(i => split.Train.Labels[i]));
    }

    private DataSplit Open(string text, int? trainClasses = null)
    {
        File.WriteAllText(folder["list.csv"], text);
        return CsvReader.Open(folder["list.csv"], trainClasses: trainClasses);
    }

    private string Message(string text) => Assert.Throws<TernException>(() => Open(text)).Message;
}
