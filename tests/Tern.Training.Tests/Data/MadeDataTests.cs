using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class MadeDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("idx")]
    [InlineData("gzip")]
    [InlineData("folder")]
    [InlineData("csv")]
    public void Every_layout_holds_the_same_pictures(string layout)
    {
        int channels = layout is "idx" or "gzip" ? 1 : 3;
        string path = layout switch
        {
            "idx" => MadeData.Idx(folder.Path),
            "gzip" => MadeData.Idx(folder.Path, gzip: true),
            "folder" => MadeData.Folder(folder.Path),
            _ => MadeData.Csv(folder.Path),
        };
        DataSplit split = DataSource.Open(path);
        Assert.Equal((60, 30), (split.Train.Count, split.Test.Count));
        Assert.Equal(Pixels(MadeData.Set(channels: channels), channels), Pixels(split.Train, channels));
        Assert.Equal(Pixels(MadeData.Set(count: 30, channels: channels, first: 60), channels), Pixels(split.Test, channels));
    }

    [Fact]
    public void Cifar_batches_hold_the_same_pictures()
    {
        DataSplit split = DataSource.Open(MadeData.Cifar(folder.Path));
        Assert.Equal(Pixels(MadeData.Set(10, 40, 32, 3), 3), Pixels(split.Train, 3));
        Assert.Equal(Pixels(MadeData.Set(10, 20, 32, 3, first: 40), 3), Pixels(split.Test, 3));
    }

    /// <summary>Label and bytes of every picture, in an order that does not depend on the layout.</summary>
    private static string[] Pixels(ImageSet set, int channels) =>
        [.. Enumerable.Range(0, set.Count).Select(i => $"{set.Labels[i]} {Convert.ToHexString(set.Read(i, channels).Pixels)}").Order(StringComparer.Ordinal)];
}
