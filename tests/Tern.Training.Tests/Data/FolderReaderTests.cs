using System.Runtime.Versioning;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class FolderReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Train_and_test_are_read_as_they_are()
    {
        MadeData.Folder(folder.Path, classes: 3, train: 9, test: 6);
        DataSplit split = FolderReader.Open(folder.Path);
        Assert.Equal(["class0", "class1", "class2"], split.Train.Classes);
        Assert.Equal((9, 6), (split.Train.Count, split.Test.Count));
        Assert.Equal(folder["train", "class1", "0001.png"], split.Train.Name(3));        // ordinal: three of class0 come first
        Assert.Equal(1, split.Train.Labels[3]);
        Assert.Equal(MadeData.Picture(1, 1, channels: 3).Pixels, split.Train.Read(3, 3).Pixels);
    }

    /// <summary>Class a has 11 pictures, so places 4 and 9 of it are for testing; b has 4, so its last; c has 2, so its last; d has 1: none.</summary>
    [Fact]
    public void Without_them_every_fifth_picture_of_a_class_is_for_testing()
    {
        foreach ((string name, int count) in new[] { ("a", 11), ("b", 4), ("c", 2), ("d", 1) })
            for (int i = 0; i < count; i++) MadeData.Png(folder[name, $"{i:D2}.png"], MadeData.Picture(0, i, side: 8));
        DataSplit split = FolderReader.Open(folder.Path);
        Assert.Equal([folder["a", "04.png"], folder["a", "09.png"], folder["b", "03.png"], folder["c", "01.png"]], Names(split.Test));
        Assert.Equal(18 - 4, split.Train.Count);
        Assert.Empty(Names(split.Train).Intersect(Names(split.Test)));
    }

    [Fact]
    public void Files_at_any_depth_count_and_other_files_do_not()
    {
        Png("a", "deep", "er", "1.PNG");
        Png("a", "2.jpeg");
        Png("a", "3.webp");
        Png("a", "4.jpg");
        Png("a", "5.png");
        File.WriteAllText(folder["a", "notes.txt"], "");
        File.WriteAllText(folder["stray.txt"], "");
        DataSplit split = FolderReader.Open(folder.Path);
        Assert.Equal(5, split.Train.Count + split.Test.Count);
    }

    [Fact]
    public void Hidden_files_and_folders_are_left_out()
    {
        MadeData.Folder(folder.Path, train: 9, test: 0);
        Png(".ipynb_checkpoints", "1.png");
        Png("class0", "._0000.png");
        Png("class0", ".thumbnails", "1.png");
        DataSplit split = FolderReader.Open(folder.Path);
        Assert.Equal(3, split.Train.Classes.Count);
        Assert.Equal(9, split.Train.Count + split.Test.Count);
    }

    [Fact]
    public void Names_with_spaces_and_unicode_are_read()
    {
        string root = folder["my photos", "日本語 ☕"];
        for (int i = 0; i < 5; i++) MadeData.Png(Path.Combine(root, "crème brûlée", $"straße {i} é.png"), MadeData.Picture(0, i, side: 8));
        for (int i = 0; i < 5; i++) MadeData.Png(Path.Combine(root, "🐦", $"{i}.png"), MadeData.Picture(1, i, side: 8));
        DataSplit split = DataSource.Open(root);
        Assert.Equal(["crème brûlée", "🐦"], split.Train.Classes);
        PixelStore store = PixelStore.Load(split.Train, MadeData.Spec(8), 2, CancellationToken.None);
        Assert.Equal((8, 0), (store.Count, store.Bad.Count));
    }

    [Fact]
    public void A_loop_of_links_ends_and_counts_each_picture_once()
    {
        MadeData.Folder(folder.Path, train: 9, test: 0);
        Directory.CreateSymbolicLink(folder["class0", "again"], folder["class0"]);
        Directory.CreateSymbolicLink(folder["class1", "up"], folder.Path);
        File.CreateSymbolicLink(folder["class2", "self"], folder["class2", "self"]);
        DataSplit split = FolderReader.Open(folder.Path);
        Assert.Equal(9, split.Train.Count + split.Test.Count);
    }

    [Fact]
    public void A_link_can_stand_for_a_class_and_for_a_picture()
    {
        MadeData.Folder(folder["store"], classes: 2, train: 10, test: 0);
        Directory.CreateDirectory(folder["links", "one"]);
        Directory.CreateSymbolicLink(folder["links", "zero"], folder["store", "class0"]);
        for (int i = 0; i < 5; i++) File.CreateSymbolicLink(folder["links", "one", $"{i}.png"], folder["store", "class1", $"{2 * i + 1:D4}.png"]);
        DataSplit split = FolderReader.Open(folder["links"]);
        Assert.Equal((8, 2), (split.Train.Count, split.Test.Count));
        Assert.Equal(MadeData.Picture(1, 1, 2, channels: 3).Pixels, split.Train.Read(0, 3).Pixels);
    }

    [Fact]
    public void An_empty_class_is_refused_by_name()
    {
        MadeData.Folder(folder.Path);
        Directory.CreateDirectory(folder["train", "class9"]);
        string message = Message();
        Assert.Contains($"class 'class9' in {folder["train"]} has no .jpg", message);
        Assert.Contains("add pictures or remove the folder", message);
    }

    [Fact]
    public void A_test_part_without_classes_is_refused()
    {
        MadeData.Folder(folder.Path);
        Directory.Delete(folder["test"], recursive: true);
        Directory.CreateDirectory(folder["test"]);
        Assert.Contains($"{folder["test"]} has no folders", Message());
    }

    [Fact]
    public void A_class_that_only_the_test_part_has_is_refused_by_name()
    {
        MadeData.Folder(folder.Path);
        Png("test", "class9", "1.png");
        Assert.Contains("has class 'class9', which", Message());
    }

    [Fact]
    public void Both_are_counted_when_nothing_is_to_be_learned()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        Directory.CreateDirectory(folder["train", "empty"]);
        Png("test", "asked", "1.png");
        DataSplit split = FolderReader.Open(folder.Path, strict: false);
        Assert.Equal(["class0", "class1", "class2", "empty", "asked"], split.Test.Classes);
        Assert.Equal(split.Test.Classes, split.Train.Classes);
        Assert.Equal((9, 7), (split.Train.Count, split.Test.Count));
    }

    [Fact]
    public void Test_classes_may_be_other_than_those_trained_on_but_all_of_them()
    {
        Png("train", "zebra", "1.png");
        Png("train", "yak", "1.png");
        Png("test", "ant", "1.png");
        Png("test", "bee", "1.png");
        DataSplit split = FolderReader.Open(folder.Path);
        Assert.True(split.TestsOtherClasses);
        Assert.Equal(["yak", "zebra"], split.Train.Classes);
        Assert.Equal(["yak", "zebra", "ant", "bee"], split.Test.Classes);                  // one numbering, those trained on first
        Assert.Equal([2, 3], new[] { split.Test.Labels[0], split.Test.Labels[1] });
        Png("train", "ant", "2.png");
        Assert.Contains("or set data.trainClasses", Message());
    }

    [Fact]
    public void The_first_classes_by_name_are_trained_on_wherever_their_pictures_lie()
    {
        MadeData.Folder(folder["flat"], classes: 5, train: 20, test: 0);
        MadeData.Folder(folder["parts"], classes: 5, train: 15, test: 5);
        foreach (string root in new[] { folder["flat"], folder["parts"] })
        {
            DataSplit split = FolderReader.Open(root, trainClasses: 3);
            Assert.Equal(MadeData.ClassNames(3), split.Train.Classes);
            Assert.Equal(MadeData.ClassNames(5), split.Test.Classes);
            Assert.Equal((12, 8), (split.Train.Count, split.Test.Count));
            Assert.All(Names(split.Train), name => Assert.Contains(Path.GetFileName(Path.GetDirectoryName(name))!, MadeData.ClassNames(3)));
            Assert.Equal([3, 4], Enumerable.Range(0, split.Test.Count).Select(i => split.Test.Labels[i]).Distinct());
            Assert.All(Enumerable.Range(0, split.Test.Count), i => Assert.Contains($"class{split.Test.Labels[i]}", split.Test.Name(i)));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void A_class_must_be_left_to_test(int trainClasses)
    {
        MadeData.Folder(folder.Path, classes: 5, train: 10, test: 0);
        string message = Assert.Throws<TernException>(() => FolderReader.Open(folder.Path, trainClasses: trainClasses)).Message;
        Assert.Contains($"has 5 classes, of which 1 to 4 can be trained on, so that one is left to test; got {trainClasses}", message);
    }

    [Theory]
    [InlineData("train", "val")]
    [InlineData("test")]
    [InlineData("validation", "test")]
    public void Parts_under_other_names_are_not_taken_for_classes(params string[] parts)
    {
        foreach (string part in parts) MadeData.Folder(folder[part], train: 3, test: 0);
        string message = Message();
        Assert.Contains(string.Join(" and ", parts.Order()), message);
        Assert.Contains("expected train and test", message);
    }

    [Fact]
    public void A_class_may_be_called_train()
    {
        foreach (string name in new[] { "train", "plane" })
            for (int i = 0; i < 2; i++) Png(name, $"{i}.png");
        Assert.Equal(["plane", "train"], FolderReader.Open(folder.Path).Train.Classes);
    }

    [Fact]
    public void Classes_of_one_picture_each_leave_nothing_to_test_with()
    {
        Png("a", "1.png");
        Png("b", "1.png");
        Assert.Contains("no class has two pictures", Message());
    }

    [Fact]
    public void A_folder_without_folders_and_one_that_is_not_there_are_told()
    {
        Assert.Contains("expected one folder of pictures per class", Message());
        Assert.Contains($"{folder["nowhere"]} does not exist", Assert.Throws<TernException>(() => FolderReader.Open(folder["nowhere"])).Message);
        Directory.CreateDirectory(folder["train"]);
        Directory.CreateDirectory(folder["test"]);
        Assert.Contains($"{folder["train"]} has no folders", Message());
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_may_not_be_read_is_named()
    {
        Skip.If(Environment.IsPrivilegedProcess, "root may read everything");
        MadeData.Folder(folder.Path, train: 9, test: 0);
        File.SetUnixFileMode(folder["class1"], UnixFileMode.None);
        try { Assert.Contains($"the folder {folder["class1"]} cannot be read", Message()); }
        finally { File.SetUnixFileMode(folder["class1"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }

    private string Message() => Assert.Throws<TernException>(() => FolderReader.Open(folder.Path)).Message;

    private void Png(params string[] parts) => MadeData.Png(folder[parts], MadeData.Picture(0, 0, side: 8));

    private static IEnumerable<string> Names(ImageSet set) => Enumerable.Range(0, set.Count).Select(set.Name);
}
