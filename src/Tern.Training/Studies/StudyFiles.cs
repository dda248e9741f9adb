using System.Text.Json;
using Tern.Training.Protocols;

namespace Tern.Training.Studies;

/// <summary>What a repository keeps of a study in <paramref name="folder"/>: NAME.json, NAME.md, NAME.csv and NAME.html, which has the charts, and in NAME/ the numbers of each run.</summary>
internal sealed class StudyFiles(string name, string folder)
{
    /// <summary>Where the numbers of each run lie.</summary>
    public string NumbersFolder => Path.Combine(folder, name);

    /// <summary>Throws <see cref="TernException"/> where nothing can be left in the folder, or where the results that stand there are of other pictures, or means over seeds of which the plan lacks some.</summary>
    public void Require(StudyPlan plan)
    {
        if (File.Exists(folder)) throw new TernException($"{folder} is a file: results are left in a folder; choose another");
        string probe = Path.Combine(folder, $".probe-{Environment.ProcessId}");
        AtomicFile.WriteText(probe, "");
        File.Delete(probe);
        IReadOnlyList<StudyRow> there = Rows();
        ulong[] seeds = [.. there.SelectMany(row => row.Seeds).Distinct()];
        if (seeds.Length > 1 && seeds.Except(plan.Seeds).Any())
            throw new TernException($"{ResultsFile} holds means over seeds {string.Join(", ", seeds)}, which those of {string.Join(", ", plan.Seeds)} would replace: give --seeds {string.Join(',', seeds)} or another folder");
        string[] pictures = [.. there.Select(row => row.Protocol.Split('/')[0]).Distinct()], own = [.. plan.Cells.SelectMany(cell => cell.Runs).Select(run => RetrievalProtocol.DataName(run.Recipe.Data.Path)).Distinct()];
        if (pictures.Except(own).Any())
            throw new TernException($"{ResultsFile} holds what was measured on {string.Join(", ", pictures)}, which numbers of {string.Join(", ", own)} would replace: choose another folder, or call the pictures' folder the same if they are");
    }

    /// <summary>The numbers that have been kept of a run; null where there are none, or of another run, which <paramref name="refused"/> is told.</summary>
    public RunNumbers? Find(CellRun run, string identity, Action<string> refused)
    {
        string file = NumbersFile(run), unnamed = NumbersFile(run with { Folder = run.Folder.Replace($",seed={run.Recipe.Seed}", "") });      // before the study named seeds
        if (!File.Exists(file)) return File.Exists(unnamed) ? RunNumbers.Read(unnamed, run, identity) : null;
        RunNumbers? found = RunNumbers.Read(file, run, identity);
        if (found is null) refused(file);
        return found;
    }

    /// <summary>Leaves the numbers of a run that has ended here.</summary>
    public void Keep(CellRun run, RunNumbers numbers) => AtomicFile.WriteText(NumbersFile(run), numbers.ToJson());

    /// <summary>Leaves the study's results as they are now. Those there, of an earlier program or recipe, stay until the study is complete or has all that they have.</summary>
    public void Copy(StudyPlan plan, IReadOnlyList<StudyRow> rows, bool complete)
    {
        if (!complete && Rows().SelectMany(Networks).Except(rows.SelectMany(Networks)).Any()) return;
        foreach ((string file, string extension) in new[] { ("results.json", "json"), ("table.md", "md"), ("table.csv", "csv"), ("report.html", "html") })
            AtomicFile.WriteText(Path.Combine(folder, $"{name}.{extension}"), File.ReadAllText(Path.Combine(plan.Folder, file)));
    }

    /// <summary>What a row tells of, cell by cell: one that several share says a|b.</summary>
    private static IEnumerable<string> Networks(StudyRow row) => row.Axes.Aggregate(
        (IEnumerable<string>)[row.Metric], (names, axis) => names.SelectMany(name => axis.Value.Split('|').Select(value => $"{name},{axis.Key}={value}")));

    private string ResultsFile => Path.Combine(folder, $"{name}.json");

    /// <summary>What stands there.</summary>
    private IReadOnlyList<StudyRow> Rows()
    {
        if (!File.Exists(ResultsFile)) return [];
        try { return StudyRow.FromJson(File.ReadAllText(ResultsFile)); }
        catch (JsonException error) { throw new TernException($"{ResultsFile} is damaged ({error.Message.TrimEnd('.')}): delete it, it is made anew", error); }
    }

    private string NumbersFile(CellRun run) => Path.Combine(NumbersFolder, $"{Path.GetFileName(run.Folder)}.json");
}
