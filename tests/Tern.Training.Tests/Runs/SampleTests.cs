using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tern.Imaging;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>The programs in samples/ and the README compile and do what they say.</summary>
public sealed class SampleTests : IDisposable
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(SourceFolder(), "../../.."));
    private readonly string folder = Directory.CreateTempSubdirectory("tern-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_search_sample_finds_what_is_in_the_index()
    {
        Pipeline.Run(RecipeFile.Read(TinyRecipe.Write(folder)), Path.Combine(folder, "run"), TimeProvider.System, new Progress<RunEvent>(), default);
        string query = Path.Combine(folder, "query.png");
        PictureFile.Write(query, MadeData.Picture(2, 700));
        using Process sample = Process.Start(new ProcessStartInfo("dotnet", ["run", Path.Combine(Root, "samples", "search.cs"), "--", Path.Combine(folder, "run", "index"), query])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> errors = sample.StandardError.ReadToEndAsync();
        string[] lines = (await sample.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await sample.WaitForExitAsync();
        Assert.True(sample.ExitCode == 0, await errors);
        Assert.Equal(10, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^ *\d+  [012]  .*train-images-idx3-ubyte#\d+$", line));
    }

    [Fact]
    public void The_readme_shows_the_sample_as_it_is()
    {
        string sample = File.ReadAllText(Path.Combine(Root, "samples", "search.cs")), readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        string shown = readme.Split("```csharp")[1].Split("```")[0];
        string body = sample[sample.IndexOf("using Tern.Imaging", StringComparison.Ordinal)..];
        Assert.Equal(body.Replace("args[0]", "\"demo/index\"").Replace("args[1]", "\"shoe.png\"").Trim(), shown.Trim());
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
