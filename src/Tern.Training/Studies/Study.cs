using Tern.Training.Data;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>Cell <paramref name="Number"/> of <paramref name="Count"/> begins; <paramref name="Left"/> is an estimate from what has been done so far, as if no other process helped.</summary>
public sealed record CellStarted(string Cell, int Number, int Count, TimeSpan? Left) : RunEvent;

/// <summary>Cell <paramref name="Number"/> of <paramref name="Count"/> is not run: its numbers lie in <paramref name="Folder"/>.</summary>
public sealed record CellKept(string Cell, int Number, int Count, string Folder) : RunEvent;

/// <summary>At the <paramref name="Left"/> cells that are left other processes work; one of them holds the lock <paramref name="Held"/>.</summary>
public sealed record StudyWaits(int Left, string Held) : RunEvent;

/// <summary>
/// Runs the cells of a study, each in its folder; what has ended is not done again, what is equal in two cells is done once. Several processes may run the same study: each takes the first
/// cell that none works at, and what one is doing none does twice.
/// </summary>
public static class Study
{
    private static readonly EnumerationOptions Accessible = new() { IgnoreInaccessible = true };

    /// <summary>
    /// Runs every cell and writes results.json, table.md, table.csv and report.html into the study's folder, anew after each cell. Started again, it goes on
    /// where it was. A cell that fails does not keep the others from running, and throws a <see cref="TernException"/> once they have. <paramref name="command"/> is what the rows say was typed, <paramref name="neighbours"/> are folders of other runs and studies whose finished stages may be copied.
    /// <paramref name="results"/>, where it is given, gets the same files, after each cell, and the numbers of each run once it has ended; a run whose numbers lie there is done only where its folder stands or another that is to be done starts from its weights.
    /// </summary>
    public static void Run(StudyPlan plan, string command, IEnumerable<string> neighbours, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation, string? results = null)
    {
        string[] others = [.. neighbours];
        StudyFiles? files = results is null ? null : new StudyFiles(plan.Spec.Name, results);
        IReadOnlyList<StudyRow> rows = new StudyPass(plan, command, Shared(plan, others), files, time, progress).Run(cancellation);
        if (plan.Spec.Combine is null) return;
        StudyPlan longer = plan.Extended(rows);
        new StudyPass(longer, command, Shared(longer, others), files, time, progress).Run(cancellation);
    }

    /// <summary>Throws <see cref="TernException"/> where nothing can be left, where results would be replaced that are of other pictures or of more seeds, or where the pictures of a run that is to be done are not there.</summary>
    public static void Require(StudyPlan plan, TimeProvider time, string? results)
    {
        StudyFiles? files = results is null ? null : new StudyFiles(plan.Spec.Name, results);
        files?.Require(plan);
        if (File.Exists(plan.Folder)) throw new TernException($"{plan.Folder} is a file: the study's folder is to be there; choose another --out");
        foreach (string data in new StudyPass(plan, "", Shared(plan, []), files, time, new Silence()).Waiting.Select(run => run.Recipe.Data.Path).Distinct())
            if (!Path.Exists(data)) DataSource.Detect(data);
    }

    private sealed class Silence : IProgress<RunEvent>
    {
        public void Report(RunEvent value) { }
    }

    /// <summary>Every run folder of this study and its neighbours: a cell may find its work done in any.</summary>
    private static SharedWork Shared(StudyPlan plan, IEnumerable<string> neighbours)
    {
        var shared = new SharedWork(Path.Combine(plan.Folder, ".claims"));
        foreach (CellRun run in plan.Cells.SelectMany(cell => cell.Runs)) shared.Add(run.Folder);
        foreach (string run in neighbours.Where(Directory.Exists).SelectMany(neighbour => Directory.GetDirectories(neighbour, "*", Accessible).Prepend(neighbour)).Select(Path.GetFullPath).Order(StringComparer.Ordinal))
            if (File.Exists(Path.Combine(run, RunFolder.StateFile))) shared.Add(run);
        return shared;
    }
}
