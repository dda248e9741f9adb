using System.Text.Json;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

/// <summary>tern search, in the index of one tiny run.</summary>
[Collection(nameof(TinyRun))]
public sealed class SearchCommandTests(TinyRun run) : IDisposable
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
        run.CopyIndex(folder["index"]);
        File.Copy(run["run", "student", "model.onnx"], folder["index", "model.onnx"], overwrite: true);
        Assert.Contains("model", (await CommandLine.Tern("search", folder["index"], "--image", run.Query)).Failed());
    }

    [Fact]
    public async Task An_index_without_its_model_or_with_half_of_it_is_refused()
    {
        run.CopyIndex(folder["index"]);
        byte[] model = File.ReadAllBytes(folder["index", "model.onnx"]);
        File.WriteAllBytes(folder["index", "model.onnx"], model[..(model.Length / 2)]);
        Assert.Contains("model.onnx", (await CommandLine.Tern("search", folder["index"], "--image", run.Query)).Failed());
        File.Delete(folder["index", "model.onnx"]);
        Assert.Contains("model.onnx", (await CommandLine.Tern("search", folder["index"], "--image", run.Query)).Failed());
    }

    private Task<Outcome> Search(params string[] more) => CommandLine.Tern(["search", run.Index, "--image", run.Query, .. more]);
}
