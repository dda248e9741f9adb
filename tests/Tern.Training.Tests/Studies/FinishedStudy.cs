using Tern.Training.Runs;
using Tern.Training.Studies;

namespace Tern.Training.Tests.Studies;

/// <summary><see cref="TinyStudy.Grid"/> run to its end, once for all tests that start from there.</summary>
public sealed class FinishedStudy : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FinishedStudy() => Events = TinyStudy.Run(TinyStudy.Plan(folder, TinyStudy.Grid));

    internal IReadOnlyList<RunEvent> Events { get; }

    public void Dispose() => folder.Dispose();

    /// <summary>Its copy, in runs/NAME.</summary>
    internal StudyPlan CopyTo(TemporaryFolder to, string name = "study", string networks = TinyStudy.Networks)
    {
        StudyPlan plan = TinyStudy.Plan(to, TinyStudy.Grid, name, networks);
        string from = folder["runs/study"];
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(plan.Folder, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            if (Path.GetFileName(file) == RunFolder.RecipeFile) File.WriteAllText(copy, File.ReadAllText(file).Replace(folder.Path, to.Path, StringComparison.Ordinal));     // where its data is
        }
        return plan;
    }
}
