using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tern.Cli.Tests;

[Collection(nameof(TinyRun))]
public class RunCommandTests(TinyRun run)
{
    [Fact]
    public void A_run_ends_with_a_table_a_report_and_an_index()
    {
        string[] lines = run.First.Done().Out.TrimEnd().Split('\n');
        Assert.StartsWith("tiny: 12 bits", lines[0]);
        Assert.Equal(["network", "teacher", "student", "ternary", "report:", "search:"], lines[1..].Select(line => line.Split(' ')[0]));
        Assert.NotEqual(0, new FileInfo(run["run", "report.html"]).Length);
        Assert.True(File.Exists(run["run", "index", "model.onnx"]));
    }

    [Fact]
    public void Progress_is_on_standard_error_only()
    {
        Assert.Contains("[1/14] teacher", run.First.Error);
        Assert.Contains("teacher epoch 1/1: loss", run.First.Error);
        Assert.DoesNotContain("epoch", run.First.Out);
        Assert.DoesNotContain("mAP expected over ties", run.First.Error);
    }

    [Fact]
    public async Task A_second_run_finds_everything_up_to_date()
    {
        byte[] model = File.ReadAllBytes(run.Model);
        Outcome second = (await CommandLine.Tern("run", run.Recipe, "--out", run.Run)).Done();
        Assert.Equal(14, Regex.Count(second.Error, ": up to date"));
        Assert.Equal(14, second.Error.TrimEnd().Split('\n').Length);
        Assert.Equal(run.First.Out, second.Out);
        Assert.Equal(model, File.ReadAllBytes(run.Model));
    }

    [Fact]
    public async Task Bars_show_the_same_stages_on_standard_error()
    {
        Outcome watched = (await CommandLine.Tern(true, "run", run.Recipe, "--out", run["watched"])).Done();
        Assert.Contains("1/14 teacher", watched.Error);
        Assert.Contains("14/14 report", watched.Error);
        Assert.StartsWith("tiny: 12 bits", watched.Out);
    }

    /// <summary>A process of its own, as only a process can be told to stop (SIGTERM is what Ctrl-C comes to; a runner in the background ignores SIGINT).</summary>
    [SkippableFact]
    public async Task Stopped_in_the_middle_it_leaves_a_checkpoint()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are of Unix");
        using Process tern = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(TernCommand).Assembly.Location, "run", run.Recipe, "--out", run["stopped"], "--set", "teacher.training.epochs=1000000"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using CancellationTokenRegistration _ = patience.Token.Register(() => tern.Kill());
        while (await tern.StandardError.ReadLineAsync() is { } line && !line.Contains("epoch 2/", StringComparison.Ordinal)) { }
        Process.Start("kill", [$"{tern.Id}"]).WaitForExit();
        string rest = await tern.StandardError.ReadToEndAsync();
        await tern.WaitForExitAsync();
        Assert.EndsWith("stopped. Everything finished is kept; the same command goes on from here.\n", rest);
        Assert.Equal(1, tern.ExitCode);
        Assert.Single(Directory.GetFiles(run["stopped", "teacher"], "checkpoint-*.safetensors"));
    }

    [Fact]
    public async Task The_summary_is_printed_as_json()
    {
        Outcome outcome = (await CommandLine.Tern("run", run.Recipe, "--out", run.Run, "--json")).Done();
        JsonElement summary = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(("tiny", 12), (summary.GetProperty("name").GetString(), summary.GetProperty("bits").GetInt32()));
        Assert.Equal(3, summary.GetProperty("stages").GetArrayLength());
    }

    [Fact]
    public async Task Stages_are_verbs_of_their_own()
    {
        string output = run["stages"];
        string early = (await CommandLine.Tern("quantize", run.Recipe, "--out", output)).Failed();
        Assert.Contains("has no trained teacher yet", early);
        Assert.Contains("[1/1] teacher", (await CommandLine.Tern("train", run.Recipe, "--out", output)).Done().Error);
        Assert.Contains("[1/1] student", (await CommandLine.Tern("distill", run.Recipe, "--out", output)).Done().Error);
        Outcome quantized = (await CommandLine.Tern("quantize", run.Recipe, "--out", output)).Done();
        Assert.Equal("", quantized.Out);
        Assert.Equal(File.ReadAllBytes(run["run", "ternary", "weights.safetensors"]), File.ReadAllBytes(run["stages", "ternary", "weights.safetensors"]));
    }

    [Theory]
    [InlineData("bits=5000", "--set bits: must lie in 1..1024; got 5000")]
    [InlineData("bist=12", "--set bist: unknown 'bist'; did you mean 'bits'?")]
    [InlineData("nonsense", "expected path.to.key=value")]
    [InlineData("data.path=nowhere", "nowhere does not exist")]
    [InlineData("data.validation=1000", "data.validation: 1000 pictures cannot be held back of 36")]
    public async Task A_wrong_recipe_is_an_error_before_any_work(string change, string expected)
    {
        string message = (await CommandLine.Tern("run", run.Recipe, "--out", run["wrong"], "--set", change)).Failed();
        Assert.Contains(expected, message);
        Assert.False(Directory.Exists(run["wrong", "teacher"]));
    }

    [Fact]
    public async Task A_recipe_that_is_none_is_told()
    {
        Assert.Contains("does not exist", (await CommandLine.Tern("run", run["nowhere.json"])).Failed());
        Assert.Contains("line 1 is not JSON", (await CommandLine.Tern("run", run.Model)).Failed());
    }

    [Fact]
    public async Task A_run_folder_that_cannot_be_made_is_told()
    {
        string message = (await CommandLine.Tern("run", run.Recipe, "--out", run.Query)).Failed();
        Assert.Contains(run.Query, message);
        Assert.Contains("--out", message);
    }

    [Fact]
    public async Task A_folder_another_run_works_in_is_told()
    {
        Directory.CreateDirectory(run["held"]);
        using FileStream held = new(run["held", ".lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("another tern works in the run folder", (await CommandLine.Tern("run", run.Recipe, "--out", run["held"])).Failed());
    }

    [Fact]
    public async Task Damaged_state_is_told()
    {
        Directory.CreateDirectory(run["damaged"]);
        File.WriteAllText(run["damaged", "state.json"], "{ \"stages\": ");
        Assert.Contains("state.json is damaged", (await CommandLine.Tern("run", run.Recipe, "--out", run["damaged"])).Failed());
    }
}
