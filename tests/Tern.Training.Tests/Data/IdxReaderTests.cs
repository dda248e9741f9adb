using System.IO.Compression;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class IdxReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hand_written_files_are_read_byte_for_byte(bool gzip)
    {
        // two pictures of 2 rows and 3 columns, labels 1 and 0; one test picture, label 2
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25];
        Write("train-images-idx3-ubyte", images, gzip);
        Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 1, 0], gzip);
        Write("t10k-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6], gzip);
        Write("t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 2], gzip);

        DataSplit split = IdxReader.Open(folder.Path);

        Assert.Equal((2, 1), (split.Train.Count, split.Test.Count));
        Assert.Equal([1, 0, 2], new[] { split.Train.Labels[0], split.Train.Labels[1], split.Test.Labels[0] });
        var second = split.Train.Read(1, 1);
        Assert.Equal((3, 2, 1), (second.Width, second.Height, second.Channels));
        Assert.Equal<byte>([20, 21, 22, 23, 24, 25], second.Pixels.ToArray());
        Assert.Equal<byte>([1, 1, 1, 2, 2, 2], split.Test.Read(0, 3).Pixels[..6].ToArray());
        Assert.EndsWith($"train-images-idx3-ubyte{(gzip ? ".gz" : "")}#1", split.Train.Name(1));
    }

    /// <summary>Otherwise a test label would point past the end of the training part's names.</summary>
    [Fact]
    public void Both_parts_share_the_classes_of_both()
    {
        MadeData.Idx(folder.Path, classes: 2);
        MadeData.IdxFile(folder["t10k-labels-idx1-ubyte"], [30], [.. Enumerable.Repeat((byte)4, 30)]);
        DataSplit split = IdxReader.Open(folder.Path);
        Assert.Equal(["0", "1", "2", "3", "4"], split.Train.Classes);
        Assert.Equal(split.Train.Classes, split.Test.Classes);
    }

    [Fact]
    public void Given_class_names_are_used()
    {
        MadeData.Idx(folder.Path, classes: 2);
        Assert.Equal(["cat", "dog"], IdxReader.Open(folder.Path, ["cat", "dog"]).Test.Classes);
    }

    [Fact]
    public void A_folder_called_fashion_mnist_gets_its_class_names()
    {
        string path = MadeData.Idx(folder["fashion-mnist"], classes: 10);
        Assert.Equal("ankle boot", IdxReader.Open(path + "/").Train.Classes[9]);
    }

    [Fact]
    public void A_label_beyond_the_class_names_says_which_picture_and_file()
    {
        MadeData.Idx(folder.Path, classes: 3);
        string message = Assert.Throws<TernException>(() => IdxReader.Open(folder.Path, ["cat", "dog"])).Message;
        Assert.Contains("train-labels-idx1-ubyte gives picture 2 the label 2, but only 2 class names", message);
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte")]
    [InlineData("train-labels-idx1-ubyte")]
    [InlineData("t10k-images-idx3-ubyte")]
    [InlineData("t10k-labels-idx1-ubyte")]
    public void A_missing_file_is_named(string name)
    {
        MadeData.Idx(folder.Path);
        File.Delete(folder[name]);
        Assert.Contains($"{folder.Path} has no {name} or {name}.gz", Assert.Throws<TernException>(() => IdxReader.Open(folder.Path)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_cut_anywhere_is_named(bool gzip)
    {
        MadeData.Idx(folder.Path, train: 4, test: 2, side: 8, gzip: gzip);
        string path = folder[$"train-images-idx3-ubyte{(gzip ? ".gz" : "")}"];
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length += gzip ? 1 : 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            DataSplit? split = null;
            Exception? error = Record.Exception(() => split = IdxReader.Open(folder.Path));
            if (split is not null)                                  // the last bytes of a gzip file hold no pictures any more
            {
                Assert.True(gzip && length > whole.Length - 16);
                Assert.Equal(MadeData.Picture(0, 3, side: 8).Pixels, split.Train.Read(3, 1).Pixels);
                continue;
            }
            Assert.Contains(path, Assert.IsType<TernException>(error).Message);
            Assert.Contains("ownload it again", error.Message);
        }
    }

    [Theory]
    [InlineData(0, 1, "is not an IDX file")]         // magic
    [InlineData(2, 9, "is not an IDX file")]         // signed bytes
    [InlineData(3, 1, "is not an IDX file")]         // dimensions
    [InlineData(7, 61, "61 x 16 x 16 = 15616 bytes but holds 15360: it is truncated")]
    [InlineData(7, 59, "59 x 16 x 16 = 15104 bytes but holds more: it is damaged")]
    [InlineData(8, 0x80, "announces 60 x -2147483632 x 16")]
    [InlineData(11, 0, "announces 60 x 0 x 16")]
    [InlineData(9, 255, "which no data set of this kind has")]      // 60 x 16,711,696 x 16
    public void A_wrong_header_is_told(int position, byte value, string expected)
    {
        MadeData.Idx(folder.Path);
        Change("train-images-idx3-ubyte", position, value);
        string message = Assert.Throws<TernException>(() => IdxReader.Open(folder.Path)).Message;
        Assert.Contains(folder["train-images-idx3-ubyte"], message);
        Assert.Contains(expected, message);
    }

    /// <summary>-1 x -16 x 960 multiplies to the right number of bytes.</summary>
    [Fact]
    public void Sizes_below_zero_are_refused_even_if_their_product_fits()
    {
        MadeData.Idx(folder.Path, train: 60);
        MadeData.IdxFile(folder["train-images-idx3-ubyte"], [-1, -16, 960], new byte[15360]);
        Assert.Contains("-1 x -16 x 960", Assert.Throws<TernException>(() => IdxReader.Open(folder.Path)).Message);
    }

    [Fact]
    public void Pictures_and_labels_of_different_counts_name_both_files()
    {
        MadeData.Idx(folder.Path);
        MadeData.IdxFile(folder["train-labels-idx1-ubyte"], [59], new byte[59]);
        string message = Assert.Throws<TernException>(() => IdxReader.Open(folder.Path)).Message;
        Assert.Contains("60 images", message);
        Assert.Contains("59 labels", message);
        Assert.Contains(folder["train-labels-idx1-ubyte"], message);
    }

    /// <summary>100 MB of zeros pack into 100 kB; the header announces 16 bytes, and no more than that is unpacked.</summary>
    [Fact]
    public void A_file_that_unpacks_to_far_more_than_it_announces_costs_no_memory()
    {
        MadeData.Idx(folder.Path, gzip: true);
        using (var stream = new GZipStream(File.Create(folder["train-images-idx3-ubyte.gz"]), CompressionLevel.Fastest))
        {
            stream.Write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4]);
            for (int i = 0; i < 100; i++) stream.Write(new byte[1 << 20]);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("1 x 4 x 4 = 16 bytes but holds more", Assert.Throws<TernException>(() => IdxReader.Open(folder.Path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_text_file_called_gz_is_told()
    {
        MadeData.Idx(folder.Path, gzip: true);
        File.WriteAllText(folder["train-labels-idx1-ubyte.gz"], "not packed at all");
        Assert.Contains(folder["train-labels-idx1-ubyte.gz"], Assert.Throws<TernException>(() => IdxReader.Open(folder.Path)).Message);
    }

    private void Write(string name, byte[] bytes, bool gzip)
    {
        if (!gzip)
        {
            File.WriteAllBytes(folder[name], bytes);
            return;
        }
        using var stream = new GZipStream(File.Create(folder[name + ".gz"]), CompressionLevel.Optimal);
        stream.Write(bytes);
    }

    private void Change(string name, int position, byte value)
    {
        byte[] bytes = File.ReadAllBytes(folder[name]);
        bytes[position] = value;
        File.WriteAllBytes(folder[name], bytes);
    }
}
