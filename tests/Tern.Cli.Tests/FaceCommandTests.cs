using System.Text.Json;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

/// <summary>tern evaluate and data check with pairs, on the model of the tiny run.</summary>
[Collection(nameof(TinyRun))]
public sealed class FaceCommandTests(TinyRun run) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_model_is_judged_by_pairs()
    {
        MadeFaces.Set(folder["set"], channels: 3);
        Outcome outcome = (await CommandLine.Tern("evaluate", run.Model, "--data", folder["set"], "--pairs", "pairs.txt", "--protocol", "pairs", "--protocol", "pairs-dark", "--mirror", "average", "--json")).Done();
        JsonElement[] rows = [.. outcome.Out.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            [
                "set/view2/8 pairs/2 folds/mirror average/cosine", "set/view2/8 pairs/2 folds/mirror average/hamming",
                "set/view2/dark/8 pairs/2 folds/mirror average/cosine", "set/view2/dark/8 pairs/2 folds/mirror average/hamming",
            ],
            rows.Select(row => row.GetProperty("protocol").GetString()).Distinct());
        Assert.Equal(2 * 2 * 6, rows.Length);
        Assert.Contains("does not say whom it has learned from: make sure that it is nobody of the 5 people in the pairs of pairs.txt", string.Join(' ', outcome.Error.Split('\n', StringSplitOptions.TrimEntries)));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("value").GetDouble(), 0, 1));
        string text = (await CommandLine.Tern("evaluate", run.Model, "--data", folder["set"], "--pairs", "pairs.txt")).Done().Out;
        Assert.Matches("^accuracy +[01]\\.[0-9]{4}  set/view2/8 pairs/2 folds/cosine, float embeddings, ties together\n", text);
        Assert.Matches("\naccuracy +[01]\\.[0-9]{4}  set/view2/8 pairs/2 folds/hamming, 12 bits, ties together\n", text);
    }

    [Fact]
    public async Task Of_one_fold_there_is_no_accuracy_as_nothing_is_there_to_choose_a_threshold_on()
    {
        MadeFaces.Set(folder["set"], channels: 3);
        string text = (await CommandLine.Tern("evaluate", run.Model, "--data", folder["set"], "--pairs", "pairs.txt", "--folds", "2")).Done().Out;
        Assert.DoesNotContain("accuracy", text);
        Assert.Matches("^eer +[01]\\.[0-9]{4}  set/view2-fold2/4 pairs/no threshold/cosine", text);
    }

    [Theory]
    [InlineData("--pairs pairs.txt --protocol test-vs-train", "--protocol test-vs-train has no use for pairs: leave out --pairs, or take one of pairs, pairs-blurred")]
    [InlineData("--protocol pairs-dark", "--protocol pairs-dark judges pairs: name their list with --pairs")]
    [InlineData("--folds 1,2", "--folds are of a list of pairs: name it with --pairs")]
    [InlineData("--pairs pairs.doc", "--pairs: file: must be a .txt list as LFW's, or a .csv list; got 'pairs.doc'")]
    [InlineData("--pairs pairs.txt --folds 1,1", "--pairs: folds: must be different numbers from 1 on, or left out for all folds; got 1, 1")]
    [InlineData("--pairs pairs.txt --folds 2,9", "has no fold 9; its folds are 1, 2")]
    public async Task What_does_not_go_together_is_told(string options, string expected)
    {
        MadeFaces.Set(folder["set"], channels: 3);
        Outcome outcome = await CommandLine.Tern(["evaluate", run.Model, "--data", folder["set"], .. options.Split(' ')]);
        Assert.Contains(expected, outcome.Failed());
    }

    [Fact]
    public async Task Check_counts_those_learned_from_and_those_tested_apart()
    {
        MadeFaces.Set(folder["set"]);
        string text = (await CommandLine.Tern("data", "check", folder["set"], "--pairs", "pairs.txt", "--folds", "1")).Done().Out;
        Assert.Contains("train: 20 pictures, 5 classes, 0 unreadable", text);
        Assert.Contains("classes: Person_D (4), Person_E (4), Person_F (4), Person_G (4), Person_H (4)", text);
        Assert.Contains("test: 6 pictures, 3 classes, 0 unreadable", text);
        Assert.Contains("classes: Person_A (3), Person_B (2), Person_C (1)", text);
    }
}
