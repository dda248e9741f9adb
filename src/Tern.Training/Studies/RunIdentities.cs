using Tern.Training.Models;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>
/// What makes a run the same wherever it stands: its recipe but for names, paths and threads, what lies in the files it starts from or learns from, and where another run of the study makes
/// those, that run's identity. Neither pictures nor programs: <see cref="NetworkResult.Origin"/> says which program it was.
/// </summary>
internal sealed class RunIdentities(IEnumerable<CellRun> runs)
{
    private const int Format = 1;                                                 // of RunNumbers' file: raised when that changes
    private readonly Dictionary<string, CellRun> makers = runs.SelectMany(run => run.Weights.Select(file => (file, run))).ToDictionary(made => made.file, made => made.run);

    /// <summary>SHA-256 of all that.</summary>
    public string Of(CellRun run)
    {
        Recipe recipe = run.Recipe.Resolve();
        return RunContext.Hash($"{Format}\n" + RecipeFile.ToJson(recipe with
        {
            Name = "",
            Threads = 0,
            Data = recipe.Data with { Path = "" },
            Teacher = recipe.Teacher is { } teacher ? teacher with { Start = Of(teacher.Start), Shown = OfFile(teacher.Shown), Names = OfFile(teacher.Names), Classes = OfFile(teacher.Classes) } : null,
            Student = recipe.Student is { } student ? student with { Start = Of(student.Start) } : null,
        }));
    }

    private StartSpec? Of(StartSpec? start) => start is null ? null : start with { Weights = OfFile(start.Weights)! };

    private string? OfFile(string? file)
    {
        if (file is null) return null;
        if (makers.TryGetValue(file, out CellRun? maker)) return $"{Path.GetFileName(Path.GetDirectoryName(file))} {Of(maker)}";
        return File.Exists(file) ? Convert.ToHexStringLower(InputFile.Hash("the study", file, "")) : file;
    }
}
