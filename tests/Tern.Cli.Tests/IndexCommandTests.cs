using System.Text.Json;
using Tern.Encoding;
using Tern.Imaging;
using Tern.Index;
using Tern.Training.Data;
using Tern.Training.Runs;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

/// <summary>tern index, with the model of one tiny run.</summary>
[Collection(nameof(TinyRun))]
public sealed class IndexCommandTests(TinyRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Build_encodes_a_folder_and_counts_what_it_leaves_out()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        string broken = BrokenPicture.Write(folder["photos", "class0"], "cut.jpg");
        Outcome outcome = (await Build("--json")).Done();
        JsonElement built = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal((9, 1), (built.GetProperty("added").GetInt32(), built.GetProperty("leftOut").GetInt32()));
        Assert.Contains($"warning: left out: '{broken}'", outcome.Error);
        Outcome found = (await CommandLine.Tern("search", folder["index"], "--image", folder["photos", "class1", "0001.png"], "--top", "9")).Done();
        Assert.Contains($"   0  class1            {folder["photos", "class1", "0001.png"]}\n", found.Out);
    }

    [Fact]
    public async Task Build_says_in_words_what_it_did()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        Assert.Equal($"9 pictures in {folder["index"]}, 0 left out\n", (await Build()).Done().Out);
    }

    /// <summary>Square brackets are markup to the library that draws the bars.</summary>
    [Fact]
    public async Task Bars_take_any_text_and_leave_standard_output_alone()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        BrokenPicture.Write(folder["photos", "[red]class[/]"], "text.png");
        Outcome outcome = (await CommandLine.Tern(true, "index", "build", folder["index"], "--model", run.Model, "--images", folder["photos"])).Done();
        Assert.Equal($"9 pictures in {folder["index"]}, 1 left out\n", outcome.Out);
        Assert.Contains("[red]class[/]", outcome.Error.Replace("\n", ""));
    }

    [Fact]
    public async Task Build_stops_at_a_broken_picture_when_asked()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        string broken = BrokenPicture.Write(folder["photos", "class0"], "cut.jpg");
        Assert.Contains(broken, (await Build("--fail-on-bad-image")).Failed());
    }

    [Fact]
    public async Task Build_without_pictures_or_into_a_full_folder_is_an_error()
    {
        Assert.Contains("does not exist", (await Build()).Failed());
        Directory.CreateDirectory(folder["photos"]);
        Assert.Contains("has no pictures", (await Build()).Failed());
        BrokenPicture.Write(folder["photos"], "text.png");
        Assert.Contains("none of the 1 pictures", (await Build()).Failed());
        MadeData.Folder(folder["photos"], train: 3, test: 0);
        Assert.Contains("is not empty", (await CommandLine.Tern("index", "build", folder["photos"], "--model", run.Model, "--images", folder["photos"])).Failed());
    }

    [Fact]
    public async Task Stats_are_text_or_json_on_standard_output()
    {
        string identity = ImageEncoder.Open(run.Model).ModelIdentity;
        long bytes = new DirectoryInfo(run.Index).EnumerateFiles().Sum(file => file.Length);
        Assert.Equal($"36 items of 12 bits, {bytes} bytes on disk, model {identity}\n", (await CommandLine.Tern("index", "stats", run.Index)).Done().Out);
        JsonElement stats = JsonDocument.Parse((await CommandLine.Tern("index", "stats", run.Index, "--json")).Done().Out).RootElement;
        Assert.Equal((36, 12, bytes, identity),
            (stats.GetProperty("items").GetInt32(), stats.GetProperty("bits").GetInt32(), stats.GetProperty("bytes").GetInt64(), stats.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Verify_finds_a_changed_byte()
    {
        Assert.Equal("sound\n", (await CommandLine.Tern("index", "verify", run.Index)).Done().Out);
        Assert.Equal("[]\n", (await CommandLine.Tern("index", "verify", run.Index, "--json")).Done().Out);
        run.CopyIndex(folder["index"]);
        string segment = Directory.GetFiles(folder["index"], "segment-*").Single();
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(segment, bytes);
        Outcome damaged = await CommandLine.Tern("index", "verify", folder["index"]);
        Assert.Equal((1, ""), (damaged.ExitCode, damaged.Error));
        Assert.Contains(Path.GetFileName(segment), damaged.Out);
        Assert.NotEqual(0, JsonDocument.Parse((await CommandLine.Tern("index", "verify", folder["index"], "--json")).Out).RootElement.GetArrayLength());
    }

    /// <summary>Wherever it is: in a weight, in the graph, or in the very checksum and its name.</summary>
    [Fact]
    public void A_flipped_bit_of_the_model_is_noticed()
    {
        run.CopyIndex(folder["index"]);
        string file = folder["index", "model.onnx"];
        byte[] sound = File.ReadAllBytes(file);
        int checksum = sound.AsSpan().LastIndexOf("tern.sha256"u8);
        Random random = new(3);
        foreach (int at in Enumerable.Range(checksum - 4, 90).Concat(Enumerable.Range(0, 200).Select(_ => random.Next(sound.Length))))
        {
            byte[] damaged = [.. sound];
            damaged[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, damaged);
            Assert.Throws<TernException>(() => ImageIndex.Open(folder["index"]).Dispose());
        }
        Assert.NotEmpty(ImageIndex.Verify(folder["index"]));
    }

    [Fact]
    public async Task Add_passes_over_what_is_there_and_goes_on_where_it_stopped()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        (await Build()).Done();
        Assert.Equal($"0 pictures added to {folder["index"]}, 9 already there, 0 left out\n", (await Add("photos")).Done().Out);

        string first = folder["photos", "class0", "0000.png"], copy = folder["more", "new", "copy.png"];
        Directory.CreateDirectory(folder["more", "new"]);
        File.Copy(first, copy);                                                           // its content is there, under another key
        PictureFile.Write(folder["more", "new", "other.png"], MadeData.Picture(1, 77, channels: 3));
        string broken = BrokenPicture.Write(folder["more", "new"], "text.png");
        PictureFile.Write(first, MadeData.Picture(2, 78, channels: 3));                   // its key is there, with another content
        Outcome outcome = (await Add("more", "photos", "--json")).Done();
        JsonElement added = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal((2, 9, 1), (added.GetProperty("added").GetInt32(), added.GetProperty("alreadyThere").GetInt32(), added.GetProperty("leftOut").GetInt32()));
        Assert.Contains($"warning: left out: '{broken}'", outcome.Error);
        Assert.Contains("10 items", (await CommandLine.Tern("index", "stats", folder["index"])).Done().Out);
        Assert.Contains("   0  new ", (await CommandLine.Tern("search", folder["index"], "--image", folder["more", "new", "other.png"])).Done().Out);
        Assert.Contains($"   0  class0            {first}\n", (await CommandLine.Tern("search", folder["index"], "--image", first)).Done().Out);
        Assert.Contains(broken, (await Add("more", "--fail-on-bad-image")).Failed());
        Assert.Contains("does not exist", (await Add("nowhere")).Failed());
        Assert.Equal("sound\n", (await CommandLine.Tern("index", "verify", folder["index"])).Done().Out);
    }

    [Fact]
    public async Task Stopped_between_batches_it_keeps_what_was_added_and_goes_on_from_there()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        (await Build()).Done();
        MadeData.Folder(folder["more"], train: 300, test: 0);                       // the first nine the same
        using CancellationTokenSource stop = new();

        Assert.Throws<OperationCanceledException>(() => IndexBuilder.Add(folder["index"], [folder["more"]], BadImagePolicy.Skip, 1, new StopAt(stop), stop.Token));

        Assert.Equal("sound\n", (await CommandLine.Tern("index", "verify", folder["index"])).Done().Out);
        Assert.Equal($"44 pictures added to {folder["index"]}, 256 already there, 0 left out\n", (await Add("more")).Done().Out);
        Assert.Contains("300 items", (await CommandLine.Tern("index", "stats", folder["index"])).Done().Out);
    }

    private sealed class StopAt(CancellationTokenSource stop) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (value is StageAdvanced) stop.Cancel();
        }
    }

    /// <summary>What cannot be decoded is not there: neither for a copy of it nor for the file itself once it is repaired.</summary>
    [Fact]
    public async Task Broken_pictures_are_left_out_every_time_until_they_are_repaired()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        (await Build()).Done();
        Directory.CreateDirectory(folder["more"]);
        string broken = BrokenPicture.Write(folder["more"], "cut.jpg"), copy = folder["more", "zcopy.jpg"], repaired = folder["more", "repaired.png"];
        File.Copy(broken, copy);
        for (int again = 0; again < 2; again++)
            Assert.Equal((0, 0, 2), await Added());
        File.Delete(copy);
        PictureFile.Write(repaired, MadeData.Picture(1, 79, channels: 3));
        File.Move(repaired, broken, overwrite: true); // told by its content, not by its name
        File.Copy(broken, copy);
        Assert.Equal((1, 1, 0), await Added());
        Assert.Equal((0, 2, 0), await Added());

        async Task<(int, int, int)> Added()
        {
            JsonElement added = JsonDocument.Parse((await Add("more", "--json")).Done().Out).RootElement;
            return (added.GetProperty("added").GetInt32(), added.GetProperty("alreadyThere").GetInt32(), added.GetProperty("leftOut").GetInt32());
        }
    }

    [Fact]
    public async Task Removed_items_are_not_found_and_compacting_forgets_them()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        (await Build()).Done();
        string first = folder["photos", "class0", "0000.png"];
        Outcome removed = await CommandLine.Tern("index", "remove", folder["index"], first, "nothing.png");
        Assert.Equal((1, $"1 items removed from {folder["index"]}\n", "warning: there is no nothing.png\n"), (removed.ExitCode, removed.Out, removed.Error));
        Assert.DoesNotContain(first, (await CommandLine.Tern("search", folder["index"], "--image", first, "--top", "9")).Done().Out);
        Assert.Equal("3 items removed from " + folder["index"] + "\n", (await CommandLine.Tern("index", "remove", folder["index"], "--below", folder["photos", "class1"] + "/")).Done().Out);
        JsonElement compacted = JsonDocument.Parse((await CommandLine.Tern("index", "compact", folder["index"], "--json")).Done().Out).RootElement;
        Assert.Equal(5, compacted.GetProperty("items").GetInt64());
        Assert.InRange(compacted.GetProperty("bytes").GetInt64(), 1, compacted.GetProperty("bytesBefore").GetInt64() - 1);
        Assert.Equal("sound\n", (await CommandLine.Tern("index", "verify", folder["index"])).Done().Out);
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("float16")]
    [InlineData("int8")]
    public async Task Kept_embeddings_order_the_nearest(string precision)
    {
        MadeData.Folder(folder["photos"], train: 9, test: 0);
        (await Build("--descriptors", precision)).Done();
        string picture = folder["photos", "class1", "0001.png"];
        Outcome found = (await CommandLine.Tern("search", folder["index"], "--image", picture, "--top", "9", "--rerank", "9", "--json")).Done();
        JsonElement[] items = [.. JsonDocument.Parse(found.Out).RootElement.EnumerateArray()];
        double[] cosines = [.. items.Select(item => item.GetProperty("cosine").GetDouble())];
        Assert.Equal(9, cosines.Length);
        Assert.Equal(cosines.OrderDescending(), cosines);
        Assert.Equal(1, items.Single(item => item.GetProperty("key").GetString() == picture).GetProperty("cosine").GetDouble(), 1e-2); // of its own embedding, as it is kept
        Assert.Contains("keeps no descriptors", (await CommandLine.Tern("search", run.Index, "--image", picture, "--rerank", "9")).Failed());
    }

    [Fact]
    public async Task Verify_of_nothing_fails()
    {
        Outcome outcome = await CommandLine.Tern("index", "verify", folder["nowhere"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("nowhere", outcome.Out + outcome.Error);
    }

    private Task<Outcome> Build(params string[] more) =>
        CommandLine.Tern(["index", "build", folder["index"], "--model", run.Model, "--images", folder["photos"], .. more]);

    private Task<Outcome> Add(params string[] more) =>
        CommandLine.Tern(["index", "add", folder["index"], .. more.Select(part => part.StartsWith('-') ? part : folder[part])]);
}
