using Tern.Imaging;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class PixelStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(BrokenPicture.Kinds), MemberType = typeof(BrokenPicture))]
    public void A_broken_picture_is_left_out_and_named(string kind, string why)
    {
        string path = WithBroken(kind);
        PixelStore store = Load(folder.Path, BadImagePolicy.Skip);
        BadImage bad = Assert.Single(store.Bad);
        Assert.Equal((path, 9), (bad.Name, store.Count));
        Assert.Contains(path, bad.Problem);
        Assert.Contains(why, bad.Problem);
        Assert.DoesNotContain(path, store.Names);
    }

    [Theory]
    [MemberData(nameof(BrokenPicture.Kinds), MemberType = typeof(BrokenPicture))]
    public void Or_stops_everything_naming_it(string kind, string why)
    {
        string path = WithBroken(kind);
        string message = Assert.Throws<TernException>(() => Load(folder.Path, BadImagePolicy.Fail)).Message;
        Assert.Contains(path, message);
        Assert.Contains(why, message);
        Assert.Contains("\"onBadImage\": \"skip\" leaves such pictures out", message);
    }

    [Fact]
    public void Labels_names_and_pixels_stay_together_past_a_broken_picture()
    {
        WithBroken("text.png");
        PixelStore store = Load(folder.Path, BadImagePolicy.Skip, threads: 4);
        for (int i = 0; i < store.Count; i++)
        {
            int index = int.Parse(Path.GetFileNameWithoutExtension(store.Names[i]));
            Assert.Equal(index % 3, store.Labels[i]);
            Assert.Equal(MadeData.Picture(index % 3, index, channels: 3).Pixels, store[i]);
        }
    }

    [Fact]
    public void When_every_picture_is_broken_the_first_reason_is_told()
    {
        BrokenPicture.Write(folder["a"], "text.png");
        BrokenPicture.Write(folder["a"], "empty.png");
        string message = Assert.Throws<TernException>(() => PixelStore.Load(FolderReader.Open(folder.Path).Train, MadeData.Spec(), 1, CancellationToken.None)).Message;
        Assert.Contains("none of the 1 pictures can be read", message);
        Assert.Contains(folder["a", "empty.png"], message);
    }

    [SkippableFact]
    public void A_file_that_may_not_be_read_is_named()
    {
        Skip.If(Environment.IsPrivilegedProcess || OperatingSystem.IsWindows(), "root may read everything");
        MadeData.Folder(folder.Path, train: 9, test: 0);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["class0", "0000.png"], UnixFileMode.None);
        Assert.Contains(folder["class0", "0000.png"], Load(folder.Path, BadImagePolicy.Skip).Bad.Single().Problem);
    }

    [Fact]
    public void Pictures_of_any_size_and_colour_come_out_in_one_shape()
    {
        MadeData.Png(folder["a", "1.png"], MadeData.Picture(0, 0, side: 40, channels: 3));
        MadeData.Png(folder["a", "2.png"], MadeData.Picture(0, 1, side: 8, channels: 1));
        DataSpec spec = MadeData.Spec() with { Height = 12, Width = 20 };
        PixelStore store = PixelStore.Load(new FileImageSet(["a"], [(folder["a", "1.png"], 0), (folder["a", "2.png"], 0)]), spec, 1, CancellationToken.None);
        Assert.Equal("12x20x1", store.Shape.ToString());
        Assert.Equal((240, 240), (store[0].Length, store[1].Length));
        Assert.Equal(Resizer.Fit(MadeData.Picture(0, 1, side: 8), 20, 12, ResizePolicy.Stretch).Pixels, store[1]);
    }

    [Fact]
    public void More_than_memory_holds_is_refused_before_anything_is_read()
    {
        string message = Assert.Throws<TernException>(() => PixelStore.Load(new Huge(), MadeData.Spec(1024, 3), 1, CancellationToken.None)).Message;
        Assert.Contains("2147483647 pictures of 1024x1024x3 take 6442450941 MiB", message);       // (2^31 - 1) x 3 MiB
        Assert.Contains("choose a smaller size or fewer pictures", message);
    }

    [Fact]
    public void A_cancelled_reading_stops() =>
        Assert.ThrowsAny<OperationCanceledException>(() => PixelStore.Load(MadeData.Set(), MadeData.Spec(), 2, new CancellationToken(canceled: true)));

    [Fact]
    public void Progress_counts_every_picture()
    {
        var seen = new Counter();
        PixelStore.Load(MadeData.Set(count: 20), MadeData.Spec(), 4, CancellationToken.None, seen);
        Assert.Equal(Enumerable.Range(1, 20), seen.Values.Order());
    }

    [Fact]
    public void A_selection_keeps_its_order_and_repeats()
    {
        PixelStore store = MadeData.Store(), some = store.Select([5, 0, 5]);
        Assert.Equal([2, 0, 2], Enumerable.Range(0, 3).Select(i => some.Labels[i]));
        Assert.Equal([store.Names[5], store.Names[0], store.Names[5]], some.Names);
        Assert.Equal(store[5], some[2]);
        Assert.Equal((store.Shape, store.Classes), (some.Shape, some.Classes));
    }

    [Fact]
    public void A_selection_of_classes_counts_their_labels_from_0()
    {
        PixelStore store = MadeData.Store(classes: 3, count: 9);
        PixelStore some = store.Select([1, 2, 4], [1, 2]);
        Assert.Equal(["class1", "class2"], some.Classes);
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(i => some.Labels[i]));
        Assert.Equal(store[4], some[2]);
        Assert.Throws<KeyNotFoundException>(() => store.Select([0], [1, 2]));              // a bug
    }

    [Fact]
    public void Pictures_are_found_by_where_they_stood_past_a_broken_one()
    {
        WithBroken("text.png");
        DataSplit split = FolderReader.Open(folder.Path, trainClasses: 1);                 // class0: three pictures and, by its name, the broken one last
        PixelStore store = PixelStore.Load(split.Train, MadeData.Spec(channels: 3), 2, CancellationToken.None), others = PixelStore.Load(split.Test, MadeData.Spec(channels: 3), 2, CancellationToken.None);
        Assert.Equal([0, 1, 2], store.Positions);
        Assert.Equal([1, 2], store.PlacesOf([1, 3, 2]));
        BrokenPicture.Write(folder["class1"], "empty.png");
        File.Move(folder["class1", "empty.png"], folder["class1", "0000.png"]);            // now the first of class1
        PixelStore behind = PixelStore.Load(FolderReader.Open(folder.Path, trainClasses: 1).Test, MadeData.Spec(channels: 3), 2, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 6), behind.Positions);
        Assert.Equal([0, 5], behind.PlacesOf([0, 1, 6]));
        Assert.Equal(others.Names, behind.Names);
        Assert.Equal([6, 1], behind.Select([5, 0]).Positions);
    }

    [Fact]
    public void The_fingerprint_changes_with_a_pixel_a_label_a_class_name_the_shape_and_the_order()
    {
        byte[] pixels = [.. Enumerable.Range(0, 4 * 64).Select(i => (byte)i)], other = [.. pixels];
        other[100]++;
        string[] fingerprints =
        [
            Fingerprint(["a", "b"], pixels, [0, 1, 0, 1]),
            Fingerprint(["a", "b"], other, [0, 1, 0, 1]),
            Fingerprint(["a", "b"], pixels, [0, 1, 0, 0]),
            Fingerprint(["a", "c"], pixels, [0, 1, 0, 1]),
            Fingerprint(["a", "b"], pixels, [0, 1, 0, 1], width: 16, height: 4),
            Fingerprint(["a", "b"], [.. pixels[64..], .. pixels[..64]], [1, 0, 1, 0]),
        ];
        Assert.Distinct(fingerprints);
        Assert.Equal(fingerprints[0], Fingerprint(["a", "b"], pixels, [0, 1, 0, 1]));
        Assert.All(fingerprints, fingerprint => Assert.Matches("^[0-9a-f]{64}$", fingerprint));
    }

    /// <summary>The same pictures have the same lineage wherever they lie.</summary>
    [Fact]
    public void The_fingerprint_does_not_depend_on_names_or_threads()
    {
        PixelStore here = PixelStore.Load(FolderReader.Open(MadeData.Folder(folder["here"])).Train, MadeData.Spec(), 1, CancellationToken.None);
        PixelStore there = PixelStore.Load(FolderReader.Open(MadeData.Folder(folder["there"])).Train, MadeData.Spec(), 4, CancellationToken.None);
        Assert.Equal(here.Fingerprint(), there.Fingerprint());
    }

    private static string Fingerprint(string[] classes, byte[] pixels, byte[] labels, int width = 8, int height = 8) =>
        PixelStore.Load(
            new MemoryImageSet(classes, "made", width, height, 1, pixels, labels), MadeData.Spec() with { Width = width, Height = height }, 1, CancellationToken.None).Fingerprint();

    private string WithBroken(string kind)
    {
        MadeData.Folder(folder.Path, train: 9, test: 0);
        return BrokenPicture.Write(folder["class0"], kind);
    }

    private static PixelStore Load(string path, BadImagePolicy policy, int threads = 2)
    {
        DataSplit split = FolderReader.Open(path);
        var all = new FileImageSet(split.Train.Classes, [.. new[] { split.Train, split.Test }.SelectMany(set => Enumerable.Range(0, set.Count).Select(i => (set.Name(i), set.Labels[i])))]);
        return PixelStore.Load(all, MadeData.Spec(channels: 3) with { OnBadImage = policy }, threads, CancellationToken.None);
    }

    private sealed class Huge() : ImageSet(["a"], Tern.Evaluation.Labels.Single([]))
    {
        public override int Count => int.MaxValue;

        public override string Name(int index) => "";

        public override Picture Read(int index, int channels) => throw new InvalidOperationException("read before it was refused");
    }

    private sealed class Counter : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value)
        {
            lock (Values) Values.Add(value);
        }
    }
}
