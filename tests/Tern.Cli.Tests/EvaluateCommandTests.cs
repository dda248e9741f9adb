using System.Text.Json;
using Tern.Codes;
using Tern.Encoding;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

/// <summary>tern evaluate, on the model of one tiny run.</summary>
[Collection(nameof(TinyRun))]
public sealed class EvaluateCommandTests(TinyRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

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
}
