using System.Text.Json;
using Tern.Codes;
using Tern.Encoding;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

/// <summary>tern index, search and evaluate, on the model of one tiny run.</summary>
[Collection(nameof(TinyRun))]
public sealed class SearchTests(TinyRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_picture_of_the_gallery_finds_itself_first()
    {
        string picture = run["pictures", "train", "class2", "0005.png"];
        Outcome outcome = (await CommandLine.Tern("search", run.Index, "--image", picture, "--top", "36")).Done();
        string[] lines = outcome.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(36, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("   0  class2", StringComparison.Ordinal) && line.EndsWith(picture, StringComparison.Ordinal));
        int[] distances = [.. lines.Select(line => int.Parse(line[..4]))];
        Assert.Equal(distances.Order(), distances);
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public async Task Search_prints_json_within_its_limits()
    {
        JsonElement all = JsonDocument.Parse((await Search("--top", "36", "--json")).Done().Out).RootElement;
        int within = all[20].GetProperty("distance").GetInt32() - 1;
        JsonElement near = JsonDocument.Parse((await Search("--top", "36", "--within", $"{within}", "--json")).Done().Out).RootElement;
        Assert.Equal(all.EnumerateArray().Count(item => item.GetProperty("distance").GetInt32() <= within), near.GetArrayLength());
        Assert.Equal(3, JsonDocument.Parse((await Search("--top", "3", "--json")).Done().Out).RootElement.GetArrayLength());
        Assert.Equal(["key", "label", "distance", "id"], all[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task Search_says_how_it_went_when_asked()
    {
        Outcome words = (await Search("--top", "2", "--explain")).Done();
        Assert.Equal(2, words.Out.TrimEnd('\n').Split('\n').Length);
        Assert.Contains("Scan: 36 of 36 codes scanned", words.Error);
        JsonElement both = JsonDocument.Parse((await Search("--top", "2", "--explain", "--json")).Done().Out).RootElement;
        Assert.Equal(2, both.GetProperty("results").GetArrayLength());
        Assert.Equal("Scan", both.GetProperty("explanation").GetProperty("plan").GetString());
        Assert.Equal(36, both.GetProperty("explanation").GetProperty("scanned").GetInt64());
    }

    [Theory]
    [MemberData(nameof(BrokenPicture.Kinds), MemberType = typeof(BrokenPicture))]
    public async Task A_query_that_is_no_picture_is_an_error_naming_it(string kind, string why)
    {
        string path = BrokenPicture.Write(folder.Path, kind);
        string message = (await CommandLine.Tern("search", run.Index, "--image", path)).Failed();
        Assert.Contains(path, message);
        Assert.Contains(why, message);
    }

    [Fact]
    public async Task A_missing_picture_and_a_missing_index_are_told_apart()
    {
        Assert.Contains("nowhere.png", (await CommandLine.Tern("search", run.Index, "--image", folder["nowhere.png"])).Failed());
        foreach (string path in new[] { folder["nowhere"], folder.Path, run.Query })
        {
            Assert.Contains(path, (await CommandLine.Tern("search", path, "--image", run.Query)).Failed());
            Assert.Contains(path, (await CommandLine.Tern("index", "stats", path)).Failed());
        }
    }

    [Fact]
    public async Task An_index_with_the_model_of_another_is_refused()
    {
        CopyIndex();
        File.Copy(run["run", "student", "model.onnx"], folder["index", "model.onnx"], overwrite: true);
        Assert.Contains("model", (await CommandLine.Tern("search", folder["index"], "--image", run.Query)).Failed());
    }

    [Fact]
    public async Task An_index_without_its_model_or_with_half_of_it_is_refused()
    {
        CopyIndex();
        byte[] model = File.ReadAllBytes(folder["index", "model.onnx"]);
        File.WriteAllBytes(folder["index", "model.onnx"], model[..(model.Length / 2)]);
        Assert.Contains("model.onnx", (await CommandLine.Tern("search", folder["index"], "--image", run.Query)).Failed());
        File.Delete(folder["index", "model.onnx"]);
        Assert.Contains("model.onnx", (await CommandLine.Tern("search", folder["index"], "--image", run.Query)).Failed());
    }

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
        CopyIndex();
        string segment = Directory.GetFiles(folder["index"], "segment-*").Single();
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(segment, bytes);
        Outcome damaged = await CommandLine.Tern("index", "verify", folder["index"]);
        Assert.Equal((1, ""), (damaged.ExitCode, damaged.Error));
        Assert.Contains(Path.GetFileName(segment), damaged.Out);
        Assert.NotEqual(0, JsonDocument.Parse((await CommandLine.Tern("index", "verify", folder["index"], "--json")).Out).RootElement.GetArrayLength());
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

    [Fact]
    public async Task A_model_is_judged_as_its_run_judged_it()
    {
        Outcome outcome = (await CommandLine.Tern("evaluate", run.Model, "--data", run.Data, "--json")).Done();
        JsonElement[] rows = [.. outcome.Out.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement map = rows.Single(row => row.GetProperty("metric").GetString() == "map");
        string kept = File.ReadLines(run["run", "ternary", "evaluation.jsonl"]).Single(line => line.Contains("\"map\"", StringComparison.Ordinal));
        Assert.Equal(JsonDocument.Parse(kept).RootElement.GetProperty("value").GetDouble(), map.GetProperty("value").GetDouble(), 1e-12);
        Assert.Equal("pictures/test-vs-train/query12-db36/full", map.GetProperty("protocol").GetString());
        Assert.Matches("^map +0\\.[0-9]{4} ", (await CommandLine.Tern("evaluate", run.Model, "--data", run.Data)).Done().Out);
    }

    [Fact]
    public async Task A_compressed_model_is_judged_and_indexed_as_the_plain_one()
    {
        string compressed = run.Model + ".br";
        Assert.Equal(
            (await CommandLine.Tern("evaluate", run.Model, "--data", run.Data, "--json")).Done().Out,
            (await CommandLine.Tern("evaluate", compressed, "--data", run.Data, "--json")).Done().Out);
        (await CommandLine.Tern("index", "build", folder["compressed"], "--model", compressed, "--images", Path.Combine(run.Data, "train"))).Done();
        Assert.Equal(File.ReadAllBytes(run.Model), File.ReadAllBytes(Path.Combine(folder["compressed"], "model.onnx")));
        (await CommandLine.Tern("search", folder["compressed"], "--image", run.Query)).Done();
    }

    [Fact]
    public async Task Protocols_differ_by_name()
    {
        string legacy = (await CommandLine.Tern("evaluate", run.Model, "--data", run.Data, "--ties", "legacy", "--cutoff", "5", "--threads", "1")).Done().Out;
        Assert.Contains("pictures/test-vs-train/query12-db36/top5", legacy);
        Assert.Contains("ties legacy", legacy);
    }

    [Fact]
    public async Task Several_protocols_are_told_apart_by_name()
    {
        Outcome outcome = (await CommandLine.Tern("evaluate", run.Model, "--data", run.Data, "--protocol", "test-vs-test", "--protocol", "1k-vs-59k")).Done();
        Assert.Contains("  pictures/test-vs-test/query12-db12/full, 12 bits, ties expected\n", outcome.Out);
        Assert.Contains("  pictures/100-per-class-vs-rest/query12-db36/full, 12 bits, ties expected\n", outcome.Out);
        Assert.DoesNotContain("test-vs-train", outcome.Out);
        string message = (await CommandLine.Tern("evaluate", run.Model, "--data", run.Data, "--protocol", "validation-vs-train")).Failed();
        Assert.Contains("put it into evaluate.protocols", message);
    }

    /// <summary>Judged again by a plain loop over the embeddings of the pictures of the one class that is left to test, and of all.</summary>
    [Fact]
    public async Task Embeddings_are_judged_in_place_of_codes()
    {
        string[] always = ["evaluate", run.Model, "--data", run.Data, "--rank", "euclidean", "--recall-at", "1,5"];
        Outcome alone = (await CommandLine.Tern([.. always, "--train-classes", "2", "--protocol", "test-leave-one-out"])).Done();
        Assert.Contains("  pictures/test-leave-one-out/query16-db16/full, embedding by euclidean, ties expected\n", alone.Out);
        Assert.Equal(["map", "map@r", "r-precision", "recall@1", "precision@1", "recall@5", "precision@5"], alone.Out.TrimEnd('\n').Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Matches("^map +1\\.0000 ", alone.Out);                                        // all are of one class

        double map = JsonDocument.Parse((await CommandLine.Tern([.. always, "--json"])).Done().Out.Split('\n')[0]).RootElement.GetProperty("value").GetDouble();
        ImageEncoder encoder = ImageEncoder.Open(run.Model);
        (float[] Embedding, int Label)[] Read(ImageSet set) =>
            [.. Enumerable.Range(0, set.Count).Select(i => (encoder.Encode(set.Read(i, 3).Memory, 1).Embedding, set.Labels[i]))];
        DataSplit split = DataSource.Open(run.Data);
        (float[] Embedding, int Label)[] gallery = Read(split.Train), queries = Read(split.Test);
        double expected = queries.Average(query =>
        {
            bool[] right = [.. gallery.OrderBy(item => item.Embedding.Zip(query.Embedding, (a, b) => ((double)a - b) * ((double)a - b)).Sum()).Select(item => item.Label == query.Label)];
            return right.Index().Where(at => at.Item).Select(at => right.Take(at.Index + 1).Count(one => one) / (at.Index + 1.0)).Average();
        });
        Assert.Equal(expected, map, 1e-3);
    }

    /// <summary>Judged again by a plain loop over the codes of the pictures' own files.</summary>
    [Fact]
    public async Task Pictures_with_several_labels_are_judged_by_whether_they_share_one()
    {
        MadeData.NusWide(folder["several"], concepts: 4, count: 60);
        Outcome outcome = (await CommandLine.Tern("evaluate", run.Model, "--data", folder["several"], "--protocol", "test-vs-test", "--ties", "legacy", "--json")).Done();
        double map = JsonDocument.Parse(outcome.Out.Split('\n')[0]).RootElement.GetProperty("value").GetDouble();

        ImageSet test = DataSource.Open(folder["several"]).Test;
        ImageEncoder encoder = ImageEncoder.Open(run.Model);
        ModelCode[] codes = [.. Enumerable.Range(0, test.Count).Select(i => encoder.Encode([test.Read(i, 3)])[0])];
        int[][] carried = [.. Enumerable.Range(0, test.Count).Select(i => MadeData.Carried(int.Parse(Path.GetFileNameWithoutExtension(test.Name(i)).Split('_')[1]), 4))];
        double sum = 0;
        for (int query = 0; query < test.Count; query++)
        {
            bool[] right = [.. Enumerable.Range(0, test.Count).OrderBy(i => codes[query].Code.Distance(codes[i].Code)).Select(i => carried[i].Intersect(carried[query]).Any())];
            sum += right.Index().Where(at => at.Item).Select(at => right.Take(at.Index + 1).Count(one => one) / (at.Index + 1.0)).Average();
        }
        Assert.Equal(sum / test.Count, map, 1e-9);
    }

    [Fact]
    public async Task A_broken_picture_is_left_out_of_an_evaluation_with_a_warning()
    {
        MadeData.Folder(folder["photos"], train: 9, test: 6);
        string broken = BrokenPicture.Write(folder["photos", "test", "class0"], "text.png");
        Outcome outcome = (await CommandLine.Tern("evaluate", run.Model, "--data", folder["photos"])).Done();
        Assert.Contains($"warning: left out: '{broken}'", outcome.Error);
        Assert.Contains("query6-db9", outcome.Out);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("missing")]
    [InlineData("folder")]
    [InlineData("foreign")]
    [InlineData("cut")]
    [InlineData("changed")]
    public async Task A_model_that_is_none_is_an_error_naming_it_everywhere(string kind)
    {
        string model = MakeModel(kind);
        MadeData.Folder(folder["photos"], train: 9, test: 6);
        Assert.Contains(model, (await CommandLine.Tern("evaluate", model, "--data", run.Data)).Failed());
        Assert.Contains(model, (await CommandLine.Tern("index", "build", folder["index"], "--model", model, "--images", folder["photos"])).Failed());
    }

    [Fact]
    public async Task Data_that_cannot_be_evaluated_on_is_told()
    {
        Assert.Contains("does not exist", (await CommandLine.Tern("evaluate", run.Model, "--data", folder["nowhere"])).Failed());
        MadeData.Folder(folder["photos"], train: 9, test: 6);
        Directory.CreateDirectory(folder["photos", "train", "empty"]);
        Assert.Contains("class 'empty'", (await CommandLine.Tern("evaluate", run.Model, "--data", folder["photos"])).Failed());
    }

    private string MakeModel(string kind)
    {
        string path = folder["other.onnx"];
        byte[] model = File.ReadAllBytes(run.Model);
        if (kind == "folder") Directory.CreateDirectory(path);
        else if (kind != "missing") File.WriteAllBytes(path, kind switch
        {
            "empty" => [],
            "text" => "no model"u8.ToArray(),
            "foreign" => [8, 8, 58, 2, 18, 0, 66, 2, 16, 17],       // ir_version 8, an empty graph, opset 17: ONNX, but not ours
            "cut" => model[..(model.Length * 2 / 3)],
            _ => Changed(model),
        });
        return path;
    }

    private static byte[] Changed(byte[] model)
    {
        model[model.Length / 2] ^= 1;
        return model;
    }

    private Task<Outcome> Search(params string[] more) => CommandLine.Tern(["search", run.Index, "--image", run.Query, .. more]);

    private Task<Outcome> Build(params string[] more) =>
        CommandLine.Tern(["index", "build", folder["index"], "--model", run.Model, "--images", folder["photos"], .. more]);

    private Task<Outcome> Add(params string[] more) =>
        CommandLine.Tern(["index", "add", folder["index"], .. more.Select(part => part.StartsWith('-') ? part : folder[part])]);

    private void CopyIndex()
    {
        Directory.CreateDirectory(folder["index"]);
        foreach (string file in Directory.GetFiles(run.Index)) File.Copy(file, folder["index", Path.GetFileName(file)]);
    }
}
