using System.Text.Json;

namespace Tern.Training.Studies;

/// <summary>What a repository keeps of a study in <paramref name="folder"/>: NAME.json, NAME.md, NAME.csv and NAME.html, which has the charts, and in NAME/ the numbers of each run.</summary>
public sealed class StudyFiles(string name, string folder)
{
    /// <summary>Where the numbers of each run lie.</summary>
    internal string NumbersFolder => Path.Combine(folder, name);

    /// <summary>
    /// Throws <see cref="TernException"/> where nothing can be left in the folder, or where the results that stand there are means over seeds that are not all among <paramref name="seeds"/>:
    /// asked before hours of work.
    /// </summary>
    public void Require(IReadOnlyCollection<ulong> seeds)
    {
        string probe = Path.Combine(folder, $".probe-{Environment.ProcessId}");
        AtomicFile.WriteText(probe, "");
        File.Delete(probe);
        string results = Path.Combine(folder, $"{name}.json");
        if (!File.Exists(results)) return;
        ulong[] there = Seeds(results);
        if (there.Length > 1 && there.Except(seeds).Any())
            throw new TernException($"{results} holds means over seeds {string.Join(", ", there)}, which those of {string.Join(", ", seeds)} would replace: give --seeds {string.Join(',', there)} or another folder");
    }

    private static ulong[] Seeds(string results)
    {
        try { return [.. StudyRow.FromJson(File.ReadAllText(results)).SelectMany(row => row.Seeds).Distinct()]; }
        catch (JsonException error) { throw new TernException($"{results} is damaged ({error.Message.TrimEnd('.')}): delete it, it is made anew", error); }
    }

    /// <summary>The numbers that have been kept of a run; null where there are none, or of another run, which <paramref name="refused"/> is told.</summary>
    internal RunNumbers? Find(CellRun run, string identity, Action<string> refused)
    {
        string file = NumbersFile(run), unnamed = NumbersFile(run with { Folder = run.Folder.Replace($",seed={run.Recipe.Seed}", "") });      // before the study named seeds
        if (!File.Exists(file)) return File.Exists(unnamed) ? RunNumbers.Read(unnamed, run, identity) : null;
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
