using System.Text.Json;
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
        Outcome outcome = (await CommandLine.Tern("study", Write("8"), "--out", folder["study"], "--results", folder["results"], "--set", "student.training.epochs=1")).Done();

        Assert.Contains("tiny: data/test-vs-train/query30-db90/full, ties: expected, seed 1", outcome.Out);
        Assert.Contains("| 8 | student | 0.", outcome.Out);
        Assert.Contains("cell 1/1: bits=8", outcome.Error);
        JsonElement row = JsonDocument.Parse(File.ReadAllText(folder["results", "tiny.json"])).RootElement[0];
        Assert.Equal(("map", 8), (row.GetProperty("metric").GetString(), row.GetProperty("bits").GetInt32()));
        Assert.Equal($"tern study {folder["study.json"]} --out {folder["study"]} --set student.training.epochs=1 --results {folder["results"]}", row.GetProperty("command").GetString());
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
