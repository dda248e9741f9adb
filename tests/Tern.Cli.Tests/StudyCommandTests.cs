using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tern.Training.Tests;
using Tern.Training.Tests.Runs;

namespace Tern.Cli.Tests;

public sealed class StudyCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Study_prints_its_table_and_keeps_its_results_where_asked()
    {
        Outcome outcome = (await CommandLine.Tern("study", Write("8"), "--out", folder["study"], "--results", folder["results"], "--seeds", "5", "--set", "student.training.epochs=1")).Done();

        Assert.Contains("tiny: data/test-vs-train/query30-db90/full, ties: expected, seed 5", outcome.Out);
        Assert.Contains("| 8 | student | 0.", outcome.Out);
        Assert.Contains("cell 1/1: bits=8", outcome.Error);
        JsonElement row = JsonDocument.Parse(File.ReadAllText(folder["results", "tiny.json"])).RootElement[0];
        Assert.Equal(("map", 8), (row.GetProperty("metric").GetString(), row.GetProperty("bits").GetInt32()));
        Assert.Equal($"tern study {folder["study.json"]} --out {folder["study"]} --set student.training.epochs=1 --seeds 5 --results {folder["results"]}", row.GetProperty("command").GetString());
        Assert.Equal((16, 64), (row.GetProperty("split").GetString()!.Length, row.GetProperty("model").GetString()!.Length));
        Assert.Contains("<title>tiny", File.ReadAllText(folder["results", "tiny.html"]));
        Assert.StartsWith("bits,network,metric,value,", File.ReadAllText(folder["results", "tiny.csv"]));
        Assert.Contains("<svg", File.ReadAllText(folder["study", "report.html"]));
    }

    [Fact]
    public async Task A_command_is_kept_as_a_shell_takes_it_back()
    {
        (await CommandLine.Tern("study", Write("8"), "--out", folder["it's a study"], "--set", """student.objective=[{"type": "csq"}]""", "--results", folder["results"])).Done();

        JsonElement row = JsonDocument.Parse(File.ReadAllText(folder["results", "tiny.json"])).RootElement[0];
        Assert.Equal(
            $$"""tern study {{folder["study.json"]}} --out '{{folder.Path}}/it'\''s a study' --set 'student.objective=[{"type": "csq"}]' --results {{folder["results"]}}""",
            row.GetProperty("command").GetString());
    }

    [Fact]
    public async Task Where_results_cannot_be_left_is_found_before_any_work()
    {
        File.WriteAllText(folder["results"], "a file");

        Outcome outcome = await CommandLine.Tern("study", Write("8"), "--out", folder["study"], "--results", folder["results"]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(folder["results"], outcome.Error);
        Assert.False(Directory.Exists(folder["study"]));
    }

    [Fact]
    public async Task Study_refuses_a_wrong_cell_before_any_work()
    {
        Outcome outcome = await CommandLine.Tern("study", Write("0"), "--out", folder["study"]);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Out));
        Assert.Contains("cell bits=0: bits: must lie in 1..1024; got 0", outcome.Error);
        Assert.False(Directory.Exists(folder["study"]));
    }

    [Fact]
    public async Task Processes_share_a_study_and_do_nothing_twice()
    {
        Outcome outcome = (await CommandLine.Tern("study", WriteThresholds(epochs: 4), "--out", folder["study"], "--jobs", "2", "--json", "--results", folder["results"])).Done();

        Assert.Equal(["0.05", "0.1", "0.2"], JsonDocument.Parse(outcome.Out).RootElement.EnumerateArray().Select(row => row.GetProperty("axes").GetProperty("threshold").GetString()).Distinct());
        Assert.Single(Regex.Matches(outcome.Error, @"^[12]: +teacher: \d+ s\r?$", RegexOptions.Multiline));
        Assert.Single(Regex.Matches(outcome.Error, @"^[12]: +student: \d+ s\r?$", RegexOptions.Multiline));
        Assert.Equal(3, Regex.Count(outcome.Error, @"^[12]: +ternary: \d+ s\r?$", RegexOptions.Multiline));
        Assert.Matches(new Regex(@"^1: cell .*^2: cell |^2: cell .*^1: cell ", RegexOptions.Multiline | RegexOptions.Singleline), outcome.Error);
        Assert.DoesNotContain("exit code", outcome.Error);
        Assert.Equal(File.ReadAllText(folder["study", "results.json"]), File.ReadAllText(folder["results", "tiny.json"]));
        Assert.EndsWith("--jobs 2", JsonDocument.Parse(outcome.Out).RootElement[0].GetProperty("command").GetString());
    }

    /// <summary>Else they would hold the run folders for hours, and nobody would see it.</summary>
    [SkippableFact]
    public async Task Workers_end_with_the_process_that_has_started_them()
    {
        Skip.If(OperatingSystem.IsWindows(), "signals are of Unix");
        string[] words = [typeof(TernCommand).Assembly.Location, "study", WriteThresholds(epochs: 1000000), "--out", folder["study"], "--jobs", "2"];
        using Process tern = Process.Start(new ProcessStartInfo("dotnet", words) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (await tern.StandardError.ReadLineAsync(patience.Token) is { } line && !line.Contains("epoch 2/", StringComparison.Ordinal)) { }
            string[] locks = Directory.GetFiles(folder["study"], ".lock", SearchOption.AllDirectories);
            Assert.False(locks.All(FileLock.IsFree), "no worker is at work");

            tern.Kill();                                                        // as kill -9: it has no time to tell anybody
            for (int free = 0; free < 20; await Task.Delay(100, patience.Token)) free = locks.All(FileLock.IsFree) ? free + 1 : 0;      // two seconds: nor does one take over
        }
        finally
        {
            tern.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task So_many_processes_must_be_a_number() =>
        Assert.Contains("--jobs: '0' must be a whole number of at least 1", (await CommandLine.Tern("study", Write("8"), "--jobs", "0")).Error);

    /// <summary>Three cells of one teacher and one student.</summary>
    private string WriteThresholds(int epochs)
    {
        TinyRecipe.Write(folder.Path);
        string Value(string threshold) => $$"""{ "name": "{{threshold}}", "set": { "quantize": { "threshold": {{threshold}} } } }""";
        File.WriteAllText(folder["study.json"], $$"""
            {
              "name": "tiny", "recipe": "recipe.json", "networks": ["ternary"], "set": { "student": { "withoutDistillation": false }, "teacher": { "training": { "epochs": {{epochs}} } } },
              "axes": [{ "name": "threshold", "values": [{{Value("0.05")}}, {{Value("0.1")}}, {{Value("0.2")}}] }]
            }
            """);
        return folder["study.json"];
    }

    private string Write(string bits)
    {
        TinyRecipe.Write(folder.Path);
        File.WriteAllText(folder["study.json"], $$"""
            {
              "name": "tiny", "recipe": "recipe.json", "networks": ["student"], "set": { "teacher": null, "quantize": null, "student": { "objective": [{ "type": "crossEntropy" }] } },
              "axes": [{ "name": "bits", "values": [{ "name": "{{bits}}", "set": { "bits": {{bits}} } }] }],
              "charts": [{ "title": "Convergence", "x": "epoch" }]
            }
            """);
        return folder["study.json"];
    }
}
