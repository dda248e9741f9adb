using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Counts_sizes_and_classes_are_those_of_the_files()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        MadeData.Png(folder["train", "class1", "wide.png"], MadeData.Picture(1, 99, side: 20));
        DataCheck check = Run();
        PartCheck train = check.Parts[0], test = check.Parts[1];
        Assert.Equal(("train", 10, "test", 6), (train.Name, train.Pictures, test.Name, test.Pictures));
        Assert.Equal([KeyValuePair.Create("class0", 3), KeyValuePair.Create("class1", 4), KeyValuePair.Create("class2", 3)], train.Classes);
        Assert.Equal([KeyValuePair.Create("16x16", 9), KeyValuePair.Create("20x20", 1)], train.Sizes);
        Assert.Empty(check.Duplicates);
        Assert.Empty(train.Unreadable);
    }

    [Fact]
    public void Duplicates_are_found_within_a_part_across_parts_and_across_classes()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        Copy(["train", "class0", "0000.png"], ["train", "class0", "within.png"]);
        Copy(["train", "class1", "0001.png"], ["test", "class1", "leak.png"]);
        Copy(["train", "class2", "0002.png"], ["train", "class1", "mislabelled.png"]);
        Duplicate[] found = [.. Run().Duplicates.OrderBy(duplicate => duplicate.Names[0], StringComparer.Ordinal)];
        Assert.Equal([(false, false), (true, false), (false, true)], found.Select(one => (one.AcrossParts, one.AcrossClasses)));
        Assert.Equal([folder["train", "class0", "0000.png"], folder["train", "class0", "within.png"]], found[0].Names);
        Assert.Equal([folder["train", "class1", "mislabelled.png"], folder["train", "class2", "0002.png"]], found[2].Names);
        Assert.Equal([folder["train", "class1", "0001.png"], folder["test", "class1", "leak.png"]], found[1].Names);
    }

    /// <summary>The same picture compressed in another way is the same picture.</summary>
    [Fact]
    public void Duplicates_are_of_pixels_not_of_files()
    {
        MadeData.Png(folder["a", "1.png"], MadeData.Picture(0, 0, channels: 1));
        MadeData.Png(folder["a", "2.png"], MadeData.Picture(0, 0, channels: 1).ToRgb());
        MadeData.Png(folder["a", "3.png"], MadeData.Picture(0, 1));
        Assert.Equal(2, Assert.Single(Run().Duplicates).Names.Count);
    }

    [Theory]
    [MemberData(nameof(BrokenPicture.Kinds), MemberType = typeof(BrokenPicture))]
    public void Unreadable_pictures_are_counted_with_the_reason(string kind, string why)
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        string path = BrokenPicture.Write(folder["train", "class0"], kind);
        PartCheck train = Run().Parts[0];
        Assert.Equal((10, 4), (train.Pictures, train.Classes["class0"]));
        Assert.Equal(9, train.Sizes["16x16"]);
        BadImage bad = Assert.Single(train.Unreadable);
        Assert.Equal(path, bad.Name);
        Assert.Contains(why, bad.Problem);
    }

    [Fact]
    public void Classes_that_cannot_be_learned_are_counted_not_refused()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        Directory.CreateDirectory(folder["train", "empty"]);
        MadeData.Png(folder["train", "single", "1.png"], MadeData.Picture(0, 90));
        MadeData.Png(folder["test", "asked", "1.png"], MadeData.Picture(0, 91));
        DataCheck check = Run();
        Assert.Equal((0, 1, 0), (check.Parts[0].Classes["empty"], check.Parts[0].Classes["single"], check.Parts[0].Classes["asked"]));
        Assert.Equal(1, check.Parts[1].Classes["asked"]);
    }

    [Fact]
    public void Classes_that_are_not_trained_on_are_counted_in_their_part_alone()
    {
        MadeData.Folder(folder.Path, classes: 3, train: 9, test: 0);
        DataCheck check = DataCheck.Run(folder.Path, DataFormat.Auto, 2, CancellationToken.None, trainClasses: 2);
        Assert.Equal([KeyValuePair.Create("class0", 3), KeyValuePair.Create("class1", 3)], check.Parts[0].Classes);
        Assert.Equal([KeyValuePair.Create("class2", 3)], check.Parts[1].Classes);
    }

    [Fact]
    public void Every_layout_is_checked()
    {
        foreach (string path in new[] { MadeData.Idx(folder["idx"]), MadeData.Cifar(folder["cifar"]), MadeData.Csv(folder["csv"]) })
        {
            DataCheck check = DataCheck.Run(path, DataFormat.Auto, 2, CancellationToken.None);
            Assert.True(check.Parts[0].Pictures > check.Parts[1].Pictures);
            Assert.Equal(check.Parts[0].Pictures, check.Parts[0].Classes.Values.Sum());
            Assert.Empty(check.Duplicates);
        }
    }

    [Fact]
    public void A_picture_with_several_labels_counts_for_each()
    {
        DataCheck check = DataCheck.Run(MadeData.NusWide(folder.Path, concepts: 4, count: 60), DataFormat.Auto, 2, CancellationToken.None);
        int[] carrying = [.. Enumerable.Range(0, 60).Where(i => MadeData.Carried(i, 4).Length > 0)];
        Assert.Equal(carrying.Length, check.Parts.Sum(part => part.Pictures));
        for (int concept = 0; concept < 4; concept++)
            Assert.Equal(carrying.Count(i => MadeData.Carried(i, 4).Contains(concept)), check.Parts.Sum(part => part.Classes[$"concept{concept}"]));
        Assert.All(check.Parts, part => Assert.Empty(part.Unreadable));
    }

    private DataCheck Run() => DataCheck.Run(folder.Path, DataFormat.Auto, 2, CancellationToken.None);

    private void Copy(string[] from, string[] to) => File.Copy(folder[from], folder[to]);
}
