using System.Text.Json;
using Tern.Imaging;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

public sealed class DataCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Check_says_what_a_data_set_holds()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        Outcome outcome = (await CommandLine.Tern("data", "check", folder.Path)).Done();
        Assert.Equal("""
            train: 9 pictures, 3 classes, 0 unreadable
              sizes: 16x16 (9)
              classes: class0 (3), class1 (3), class2 (3)
            test: 6 pictures, 3 classes, 0 unreadable
              sizes: 16x16 (6)
              classes: class0 (2), class1 (2), class2 (2)
            duplicates: 0 pictures stand more than once, 0 of them in train and test, 0 under different classes

            """, outcome.Out);
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public async Task Check_reports_what_would_stop_training_with_exit_code_1()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        Directory.CreateDirectory(folder["train", "empty"]);
        string text = BrokenPicture.Write(folder["train", "class0"], "text.png");
        File.Copy(folder["train", "class1", "0001.png"], folder["test", "class1", "leak.png"]);
        Outcome outcome = await CommandLine.Tern("data", "check", folder.Path);
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("class 'empty' has no pictures", outcome.Out);
        Assert.Contains($"unreadable: '{text}' is not a JPEG, PNG or WebP", outcome.Out);
        Assert.Contains("duplicates: 1 pictures stand more than once, 1 of them in train and test, 0 under different classes", outcome.Out);
        Assert.Contains("leak.png", outcome.Out);
    }

    [Fact]
    public async Task Check_prints_json()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        Directory.CreateDirectory(folder["train", "empty"]);
        BrokenPicture.Write(folder["train", "class0"], "empty.png");
        Outcome outcome = await CommandLine.Tern("data", "check", folder.Path, "--json");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Error));
        JsonElement train = JsonDocument.Parse(outcome.Out).RootElement.GetProperty("parts")[0];
        Assert.Equal(10, train.GetProperty("pictures").GetInt32());
        Assert.Equal((4, 0), (train.GetProperty("classes").GetProperty("class0").GetInt32(), train.GetProperty("classes").GetProperty("empty").GetInt32()));
        Assert.Equal(9, train.GetProperty("sizes").GetProperty("16x16").GetInt32());
        Assert.Contains("0 bytes", train.GetProperty("unreadable")[0].GetProperty("problem").GetString());
    }

    [Theory]
    [InlineData("idx")]
    [InlineData("cifar")]
    [InlineData("csv")]
    [InlineData("nusWide")]
    public async Task Check_reads_every_layout(string layout)
    {
        string path = layout switch { "idx" => MadeData.Idx(folder.Path), "cifar" => MadeData.Cifar(folder.Path), "nusWide" => MadeData.NusWide(folder.Path), _ => MadeData.Csv(folder.Path) };
        Assert.Contains("0 unreadable", (await CommandLine.Tern("data", "check", path)).Done().Out);
    }

    [Fact]
    public async Task Check_of_what_is_no_data_set_is_an_error()
    {
        Assert.Contains("does not exist", (await CommandLine.Tern("data", "check", folder["nowhere"])).Failed());
        Assert.Contains("expected one folder of pictures per class", (await CommandLine.Tern("data", "check", folder.Path)).Failed());
        Assert.Contains("has no train-images-idx3-ubyte", (await CommandLine.Tern("data", "check", folder.Path, "--format", "idx")).Failed());
        Assert.Contains("has no data_batch_*.bin", (await CommandLine.Tern("data", "check", folder["nowhere"], "--format", "cifar10")).Failed());
        Assert.Contains("cannot be read", (await CommandLine.Tern("data", "check", folder.Path, "--format", "csv")).Failed());
    }

    [Fact]
    public async Task Show_writes_the_picture_and_prints_its_label()
    {
        MadeData.Idx(folder["idx"]);
        string output = folder["out", "query.png"];
        Outcome outcome = (await CommandLine.Tern("data", "show", folder["idx"], "--split", "test", "--index", "4", "--out", output)).Done();
        Assert.Equal($"{output}: 1, {folder["idx", "t10k-images-idx3-ubyte"]}#4\n", outcome.Out);
        Assert.Equal(MadeData.Picture(1, 64).Pixels, ImageDecoder.Open(output, 1).Pixels);
    }

    [Fact]
    public async Task Show_prints_every_label_of_a_picture()
    {
        MadeData.NusWide(folder["several"], concepts: 4, count: 60);
        string text = string.Concat(await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
            (await CommandLine.Tern("data", "show", folder["several"], "--index", $"{i}", "--out", folder["x", $"{i}.png"])).Done().Out)));
        Assert.Matches(@"0\.png: concept\d\|concept\d, .*Flickr", text);
    }

    [Fact]
    public async Task Show_of_a_picture_that_is_not_there_or_broken_or_cannot_be_written_is_an_error()
    {
        MadeData.Folder(folder.Path, train: 9, test: 6);
        string broken = BrokenPicture.Write(folder["train", "class0"], "text.png");
        Assert.Contains("--index 6: the test part has 6 pictures, counted from 0", (await Show("--split", "test", "--index", "6")).Failed());
        Assert.Contains(broken, (await Show("--index", "3")).Failed());
        Assert.Contains("cannot be written", (await CommandLine.Tern("data", "show", folder.Path, "--out", folder["train", "class0", "0000.png", "x.png"])).Failed());
    }

    private Task<Outcome> Show(params string[] more) => CommandLine.Tern(["data", "show", folder.Path, "--out", folder["x.png"], .. more]);
}
