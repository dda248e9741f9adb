using System.Text.Json;
using Tern.Training.Tests;
using Tern.Training.Tests.Runs;

namespace Tern.Cli.Tests;

public sealed class CostCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Cost_counts_every_network_of_a_recipe_without_training_one()
    {
        string output = (await CommandLine.Tern("cost", TinyRecipe.Write(folder.Path))).Done().Out;
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal(["network", "teacher", "student-plain", "student", "ternary"], lines.Select(line => line.Split(' ')[0]));
        // DSH at 16x16, one channel: 25*32*256 + 800*32*64 + 800*64*16, 64*2*2*500, 500*12, 12*3.
        Assert.Contains(" 2,796,436 ", lines[3]);
    }

    [Fact]
    public async Task Fit_finds_a_width_that_the_recipe_takes_as_it_is_printed()
    {
        string recipe = TinyRecipe.Write(folder.Path);
        string last = (await CommandLine.Tern("cost", recipe, "--fit", "teacher=multiplyAdds:500e3")).Done().Out.TrimEnd().Split('\n')[^1];
        Assert.Matches("^--set teacher.model.width=[0-9]+$", last);
        JsonElement report = JsonDocument.Parse((await CommandLine.Tern("cost", recipe, "--json", "--fit", "teacher=multiplyAdds:500e3", "--set", last.Split(' ')[1])).Done().Out).RootElement;
        JsonElement teacher = report.GetProperty("networks")[0], fit = report.GetProperty("fit");
        Assert.Equal("teacher", teacher.GetProperty("name").GetString());
        Assert.Equal($"{fit.GetProperty("width").GetDouble()}", last.Split('=')[^1]);
        foreach (string unit in new[] { "parameters", "multiplyAdds", "bytes" }) Assert.Equal(teacher.GetProperty(unit).GetInt64(), fit.GetProperty("cost").GetProperty(unit).GetInt64());
        Assert.InRange(teacher.GetProperty("multiplyAdds").GetInt64(), 1, 500_000);
    }

    [Fact]
    public async Task What_has_no_width_and_what_is_not_there_are_refused()
    {
        string recipe = TinyRecipe.Write(folder.Path);
        Assert.StartsWith("error: student.model: this model has no width to choose", (await CommandLine.Tern("cost", recipe, "--fit", "student=bytes:1e6")).Failed());
        string plain = (await CommandLine.Tern("cost", recipe, "--fit", "teacher=bytes:1e6", "--set", "teacher=null", "--set", "student.objective=[{ \"type\": \"crossEntropy\" }]")).Failed();
        Assert.Contains("has no model for teacher", plain);
        Assert.Contains("nowhere.json", (await CommandLine.Tern("cost", folder["nowhere.json"])).Failed());
    }
}
