using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class CifarReaderTests : IDisposable
{
    private const int Record = 1 + 3072;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Hand_written_records_are_read_with_their_colours_together()
    {
        var record = new byte[Record];
        record[0] = 7;
        (record[1], record[1 + 1024], record[1 + 2048]) = (11, 12, 13);                 // top left: red, green, blue
        (record[1024], record[2048], record[3072]) = (21, 22, 23);                      // bottom right
        File.WriteAllBytes(folder["data_batch_1.bin"], new byte[Record]);
        File.WriteAllBytes(folder["data_batch_2.bin"], record);
        File.WriteAllBytes(folder["test_batch.bin"], record);

        DataSplit split = CifarReader.Open(folder.Path);

        Assert.Equal((2, 1), (split.Train.Count, split.Test.Count));
        Assert.Equal("horse", split.Train.Classes[split.Train.Labels[1]]);
        var picture = split.Train.Read(1, 3);
        Assert.Equal((32, 32, 3), (picture.Width, picture.Height, picture.Channels));
        Assert.Equal<byte>([11, 12, 13, 0], picture.Pixels[..4].ToArray());
        Assert.Equal<byte>([0, 21, 22, 23], picture.Pixels[^4..].ToArray());
    }

    /// <summary>Duplicates are told by name: the same name for two pictures would tell nothing.</summary>
    [Fact]
    public void Pictures_of_the_two_parts_have_different_names()
    {
        DataSplit split = CifarReader.Open(MadeData.Cifar(folder.Path));
        Assert.NotEqual(split.Train.Name(0), split.Test.Name(0));
        Assert.Contains("test_batch.bin", split.Test.Name(0));
    }

    [Fact]
    public void A_label_out_of_range_says_where()
    {
        MadeData.Cifar(folder.Path);
        byte[] bytes = File.ReadAllBytes(folder["data_batch_2.bin"]);
        bytes[2 * Record] = 10;
        File.WriteAllBytes(folder["data_batch_2.bin"], bytes);
        Assert.Contains($"{folder["data_batch_2.bin"]} has label 10 at byte 6146", Message());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Record - 1)]
    [InlineData(3 * Record + 5)]
    public void A_truncated_batch_is_named(int length)
    {
        MadeData.Cifar(folder.Path);
        File.WriteAllBytes(folder["data_batch_1.bin"], new byte[length]);
        string message = Message();
        Assert.Contains($"{folder["data_batch_1.bin"]} has {length} bytes", message);
        Assert.Contains("download it again", message);
    }

    [Fact]
    public void A_missing_test_batch_is_named()
    {
        MadeData.Cifar(folder.Path);
        File.Delete(folder["test_batch.bin"]);
        Assert.Contains(folder["test_batch.bin"], Message());
    }

    [Fact]
    public void A_folder_without_batches_and_one_that_is_not_there_are_told()
    {
        Assert.Contains("has no data_batch_*.bin", Message());
        Assert.Contains("nowhere", Assert.Throws<TernException>(() => CifarReader.Open(folder["nowhere"])).Message);
    }

    [Fact]
    public void Batches_one_folder_down_and_pickles_are_told_for_what_they_are()
    {
        string inner = Directory.CreateDirectory(folder["data", "cifar-10-batches-bin"]).FullName;
        MadeData.Cifar(inner);
        Assert.Contains($"give {inner}", Assert.Throws<TernException>(() => DataSource.Open(folder["data"])).Message);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder["python", "cifar-10-batches-py"]).FullName, "data_batch_1"), "");
        Assert.Contains("cifar-10-binary.tar.gz", Assert.Throws<TernException>(() => DataSource.Open(folder["python"])).Message);
    }

    private string Message() => Assert.Throws<TernException>(() => CifarReader.Open(folder.Path)).Message;
}
