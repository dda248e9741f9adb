namespace Tern.Training.Studies;

/// <summary>What a repository keeps of a study in <paramref name="folder"/>: NAME.json, NAME.md, NAME.csv and NAME.html, which has the charts, and in NAME/ the numbers of each run.</summary>
public sealed class StudyFiles(string name, string folder)
{
    /// <summary>Where the numbers of each run lie.</summary>
    internal string NumbersFolder => Path.Combine(folder, name);

    /// <summary>Throws <see cref="TernException"/> where nothing can be left in a folder: asked before hours of work.</summary>
    public static void Require(string folder)
    {
        string probe = Path.Combine(folder, $".probe-{Environment.ProcessId}");
        AtomicFile.WriteText(probe, "");
        File.Delete(probe);
    }

    /// <summary>The numbers that have been kept of a run; null where there are none, or of another run, which <paramref name="refused"/> is told.</summary>
    internal RunNumbers? Find(CellRun run, string identity, Action<string> refused)
    {
        string file = NumbersFile(run);
        if (!File.Exists(file)) return null;
        RunNumbers? found = RunNumbers.Read(file, run, identity);
        if (found is null) refused(file);
        return found;
    }

    /// <summary>Leaves the numbers of a run that has ended here.</summary>
    internal void Keep(CellRun run, RunNumbers numbers) => AtomicFile.WriteText(NumbersFile(run), numbers.ToJson());

    /// <summary>Leaves the study's results as they are now.</summary>
    internal void Copy(StudyPlan plan)
    {
        foreach ((string file, string extension) in new[] { ("results.json", "json"), ("table.md", "md"), ("table.csv", "csv"), ("report.html", "html") })
            AtomicFile.WriteText(Path.Combine(folder, $"{name}.{extension}"), File.ReadAllText(Path.Combine(plan.Folder, file)));
    }

    private string NumbersFile(CellRun run) => Path.Combine(NumbersFolder, $"{Path.GetFileName(run.Folder)}.json");
}
