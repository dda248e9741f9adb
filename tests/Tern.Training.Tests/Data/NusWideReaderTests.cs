using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class NusWideReaderTests : IDisposable
{
    private const int Pictures = 60;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_picture_that_carries_a_concept_is_there_once_with_all_it_carries()
    {
        DataSplit split = DataSource.Open(MadeData.NusWide(folder.Path, concepts: 5, count: 105));
        var carried = new Dictionary<int, string>();
        foreach (ImageSet part in new[] { split.Train, split.Test })
            for (int i = 0; i < part.Count; i++) carried.Add(Listed(part, i), string.Join('|', part.Labels.Of(i).Select(label => part.Classes[label]).Order()));
        Assert.Equal(Enumerable.Range(0, 105).Where(i => i % 7 != 6), carried.Keys.Order());
        Assert.All(carried, pair => Assert.Equal(string.Join('|', MadeData.Carried(pair.Key, 5).Order().Select(concept => $"concept{concept}")), pair.Value));
        Assert.Equal(90 / 5, split.Test.Count);                                          // fewer than 50,000: a fifth
        Assert.Equal(MadeData.Picture(Listed(split.Test, 0) % 5, Listed(split.Test, 0), 5, channels: 3).Pixels, split.Test.Read(0, 3).Pixels);
    }

    [Fact]
    public void The_test_pictures_are_drawn_from_the_whole_list_and_are_always_the_same()
    {
        MadeData.NusWide(folder.Path, count: 400);
        int[] first = [.. Listed(DataSource.Open(folder.Path).Test)], second = [.. Listed(DataSource.Open(folder.Path).Test)];
        Assert.Equal(first, second);
        Assert.Equal(first.Order(), first);
        Assert.InRange(first.Average(), 150, 250);                                       // 0 to 399 evenly: 200, deviation 14
    }

    [Fact]
    public void Of_a_list_of_full_size_10_000_pictures_ask()
    {
        const int count = 50_100;
        MadeData.NusWide(folder.Path, concepts: 1, count: 1);
        File.WriteAllText(folder["ImageList/Imagelist.txt"], "topic\\0000_0.jpg\n" + string.Concat(Enumerable.Range(1, count - 1).Select(i => $"topic\\{i}.jpg\n")));
        File.WriteAllText(folder["Groundtruth/AllLabels/Labels_concept0.txt"], string.Concat(Enumerable.Repeat("1\n", count)));
        DataSplit split = DataSource.Open(folder.Path);
        Assert.Equal((count - 10_000, 10_000), (split.Train.Count, split.Test.Count));
    }

    /// <summary>Concept c is carried by the first pictures only, as many as its count: so what is kept follows from the counts.</summary>
    [Fact]
    public void The_21_most_frequent_concepts_are_kept_and_the_list_decides_between_equals()
    {
        int[] counts = [.. Enumerable.Range(0, 24).Select(concept => concept switch { 0 => 0, 1 => 50, 2 => 7, 3 => 7, 4 => 7, _ => 10 + concept })];   // 20 above 7: one of three equals stays
        WriteLists(counts);
        DataSplit split = DataSource.Open(folder.Path);
        string[] expected = ["c1", .. Enumerable.Range(5, 19).Reverse().Select(concept => $"c{concept}"), "c2"];
        Assert.Equal(expected, split.Train.Classes);
        Assert.Equal(50, split.Train.Count + split.Test.Count);                          // pictures 50 to 59 carry nothing
        Assert.Contains(expected.Length - 1, split.Train.Labels.Carriers().Select(carriers => carriers.Key));
    }

    [Fact]
    public void The_two_official_halves_are_read_as_one_list()
    {
        Directory.CreateDirectory(folder["ImageList"]);
        Directory.CreateDirectory(folder["Groundtruth", "TrainTestLabels"]);
        File.WriteAllText(folder["Concepts81.txt"], "sea\nsky\n");                       // beside the folders, where some keep it
        foreach ((string half, int first) in new[] { ("Train", 0), ("Test", 10) })
        {
            File.WriteAllLines(folder["ImageList", $"{half}Imagelist.txt"], Enumerable.Range(first, 10).Select(i => $@"a\{i}_{i}.jpg"));
            File.WriteAllLines(folder["Groundtruth", "TrainTestLabels", $"Labels_sea_{half}.txt"], Enumerable.Range(first, 10).Select(i => i < 15 ? "1" : "0"));
            File.WriteAllLines(folder["Groundtruth", "TrainTestLabels", $"Labels_sky_{half}.txt"], Enumerable.Range(first, 10).Select(i => i % 2 == 0 ? "1 " : "0 "));
        }
        MadeData.Png(folder["images", "0_0.jpg"], MadeData.Picture(0, 0));              // all in one folder
        DataSplit split = DataSource.Open(folder.Path);
        Assert.Equal(["sea", "sky"], split.Train.Classes);
        Assert.Equal([.. Enumerable.Range(0, 15), 16, 18], Listed(split.Train).Concat(Listed(split.Test)).Order());
        foreach (ImageSet part in new[] { split.Train, split.Test })
            for (int i = 0; i < part.Count; i++)
            {
                int listed = Listed(part, i);
                Assert.Equal(listed < 15 ? listed % 2 == 0 ? [0, 1] : [0] : [1], part.Labels.Of(i));
                Assert.Equal(folder["images", $"{listed}_{listed}.jpg"], part.Name(i));
            }
    }

    [Theory]
    [InlineData("ImageList/Imagelist.txt")]
    [InlineData("ConceptsList/Concepts81.txt")]
    [InlineData("Groundtruth/AllLabels/Labels_concept3.txt")]
    public void A_missing_list_is_named(string file)
    {
        MadeData.NusWide(folder.Path);
        File.Delete(folder[file]);
        Assert.Contains($"{folder[file]} cannot be read", Message());
        File.WriteAllText(folder[file], "");
        Assert.Contains(folder[file], Message());
    }

    [Fact]
    public void Missing_pictures_are_told_with_where_they_were_looked_for()
    {
        MadeData.NusWide(folder.Path);
        Directory.Delete(folder["Flickr"], recursive: true);
        string message = Message();
        Assert.Contains(folder["Flickr", "topic", "0000_0.jpg"], message);
        Assert.Contains("put NUS-WIDE's pictures in Flickr or images", message);
    }

    [Fact]
    public void Lists_that_do_not_fit_or_are_damaged_are_told()
    {
        MadeData.NusWide(folder.Path, count: 30);
        string labels = folder["Groundtruth", "AllLabels", "Labels_concept1.txt"], whole = File.ReadAllText(labels);
        File.WriteAllText(labels, whole[..^2]);
        Assert.Contains($"{labels} has 29 pictures, but {folder["ImageList", "Imagelist.txt"]} lists 30", Message());
        File.WriteAllText(labels, whole[..8] + "x" + whole[9..]);
        Assert.Contains($"{labels}: picture 5 has 'x', expected 0 or 1", Message());
        foreach (string file in Directory.GetFiles(folder["Groundtruth", "AllLabels"])) File.WriteAllText(file, string.Concat(Enumerable.Repeat("0\n", 30)));
        Assert.Contains("0 pictures carry a concept", Message());
    }

    private string Message() => Assert.Throws<TernException>(() => DataSource.Open(folder.Path)).Message;

    /// <summary>The position in the list of a picture, which its name ends with.</summary>
    private static int Listed(ImageSet set, int i) => int.Parse(Path.GetFileNameWithoutExtension(set.Name(i)).Split('_')[1]);

    private static IEnumerable<int> Listed(ImageSet set) => Enumerable.Range(0, set.Count).Select(i => Listed(set, i));

    private void WriteLists(int[] counts)
    {
        foreach (string part in new[] { "ImageList", "Groundtruth/AllLabels", "ConceptsList" }) Directory.CreateDirectory(folder[part]);
        File.WriteAllLines(folder["ImageList", "Imagelist.txt"], Enumerable.Range(0, Pictures).Select(i => $@"a\{i}_{i}.jpg"));
        File.WriteAllLines(folder["ConceptsList", "Concepts81.txt"], Enumerable.Range(0, counts.Length).Select(concept => $"c{concept}"));
        for (int concept = 0; concept < counts.Length; concept++)
            File.WriteAllLines(folder["Groundtruth", "AllLabels", $"Labels_c{concept}.txt"], Enumerable.Range(0, Pictures).Select(i => i < counts[concept] ? "1" : "0"));
        MadeData.Png(folder["Flickr", "a", "0_0.jpg"], MadeData.Picture(0, 0));
    }
}
