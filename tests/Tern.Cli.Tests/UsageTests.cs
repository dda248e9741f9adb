using Spectre.Console;
using Tern.Cli.Output;
using Tern.Training.Tests;

namespace Tern.Cli.Tests;

public class UsageTests
{
    public static TheoryData<string> Verbs =>
    [
        "run", "train", "distill", "quantize", "cost", "evaluate", "search", "index build", "index add", "index remove", "index compact", "index stats", "index verify",
        "data check", "data show",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_has_help_with_an_example_of_itself(string verb)
    {
        Outcome help = (await CommandLine.Tern([.. verb.Split(' '), "--help"])).Done();
        Assert.Contains($"Example: tern {verb} ", help.Out);
        Assert.Contains($"tern {verb} <", help.Out[help.Out.IndexOf("Usage:", StringComparison.Ordinal)..]);
        Assert.Equal("", help.Error);
    }

    [Fact]
    public async Task The_help_of_all_lists_every_verb()
    {
        string help = (await CommandLine.Tern("--help")).Done().Out;
        foreach (string verb in new[] { "run", "train", "distill", "quantize", "cost", "evaluate", "index", "search", "data" }) Assert.Contains($"\n  {verb} ", help);
        Assert.Matches(@"^\d+\.\d+", (await CommandLine.Tern("--version")).Done().Out);
    }

    [Theory]
    [InlineData("run", "recipe", "", "--out", "x")]
    [InlineData("run", "--out", "recipe.json", "--out", "")]
    [InlineData("study", "--results", "study.json", "--results", "")]
    [InlineData("evaluate", "--data", "m", "--data", "")]
    public async Task An_empty_text_is_wrong_usage_too(string command, string empty, params string[] arguments)
    {
        Outcome outcome = await CommandLine.Tern([command, .. arguments]);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Out));
        Assert.Contains($"error: {empty} is empty\n", outcome.Error);
    }

    [Theory]
    [InlineData("", "tern --help")]
    [InlineData("rnu recipe.json", "tern --help", "'rnu'")]
    [InlineData("run", "tern run --help", "recipe")]
    [InlineData("run recipe.json --sett bits=3", "tern run --help", "'--sett'")]
    [InlineData("train recipe.json --json", "tern train --help", "'--json'")]
    [InlineData("data", "tern data --help")]
    [InlineData("data chekc", "tern data --help", "'chekc'")]
    [InlineData("data check", "tern data check --help", "path")]
    [InlineData("data check x --format zip", "tern data check --help", "--format: 'zip' is none of auto, idx, cifar10, folder, csv, nusWide")]
    [InlineData("data show x --out y --index -1", "tern data show --help", "--index: '-1' must be a whole number of at least 0")]
    [InlineData("data show x --out y --split val", "tern data show --help", "'val'", "'train'")]
    [InlineData("data show x", "tern data show --help", "--out")]
    [InlineData("evaluate m --data x --ties fair --cutoff 0 --threads 1.5", "tern evaluate --help",
        "--ties: 'fair' is none of expected, legacy", "--cutoff: '0' must be a whole number of at least 1", "--threads: '1.5' must be")]
    [InlineData("cost r --fit student=flops:3", "tern cost --help", "--fit: 'student=flops:3' must be such as student=multiplyAdds:600e6 or teacher=bytes:4e6")]
    [InlineData("cost r --fit ternary=bytes:3", "tern cost --help", "--fit: 'ternary=bytes:3' must be such as")]
    [InlineData("cost r --fit student=bytes:-3", "tern cost --help", "--fit: 'student=bytes:-3' must be such as")]
    [InlineData("evaluate m", "tern evaluate --help", "--data")]
    [InlineData("evaluate m --data x --rank hamming --recall-at 1,0 --train-classes 0", "tern evaluate --help",
        "--rank: 'hamming' is none of code, cosine, euclidean", "--recall-at: '1,0' must be whole numbers of at least 1", "--train-classes: '0' must be a whole number of at least 1")]
    [InlineData("index build x --model m", "tern index build --help", "--images")]
    [InlineData("search x --image y --top 0", "tern search --help", "--top: '0' must be a whole number of at least 1")]
    [InlineData("search x --image y --within -1", "tern search --help", "--within")]
    [InlineData("search x --image y --top 99999999999", "tern search --help", "--top")]
    [InlineData("search x --image y --top", "tern search --help", "--top")]
    public async Task Wrong_usage_is_exit_code_2_and_says_where_help_is(string arguments, string help, params string[] expected)
    {
        Outcome outcome = await CommandLine.Tern(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Out));
        Assert.StartsWith("error: ", outcome.Error);
        Assert.EndsWith($"See: {help}\n", outcome.Error);
        Assert.All(expected, text => Assert.Contains(text, outcome.Error));
        Assert.DoesNotContain("System.", outcome.Error);
        Assert.DoesNotContain("Exception", outcome.Error);
    }

    [Fact]
    public async Task A_full_disk_behind_standard_output_is_an_error()
    {
        using var folder = new TemporaryFolder();
        using var error = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        int code = await TernCommand.Invoke(["data", "check", MadeData.Idx(folder.Path)], new Terminal(new FullDisk(), console, false, TimeProvider.System));
        Assert.Equal((1, "error: No space left on device\n"), (code, error.ToString()));
    }

    private sealed class FullDisk : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }

    [Fact]
    public async Task Names_are_taken_in_any_case() =>
        Assert.Contains("nowhere", (await CommandLine.Tern("data", "check", "/nowhere", "--format", "IDX")).Failed());
}
