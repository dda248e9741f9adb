using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>Cell <paramref name="Number"/> of <paramref name="Count"/> begins; <paramref name="Left"/> is an estimate from the cells before it.</summary>
public sealed record CellStarted(string Cell, int Number, int Count, TimeSpan? Left) : RunEvent;

/// <summary>Runs the cells of a study, each in its folder; what has ended is not done again, what is equal in two cells is done once.</summary>
public static class Study
{
    private static readonly EnumerationOptions Accessible = new() { IgnoreInaccessible = true };

    /// <summary>
    /// Runs every cell and writes results.json, table.md, table.csv and report.html into the study's folder, anew after each cell. Started again, it goes on
    /// where it was. A cell that fails does not keep the others from running, and throws a <see cref="TernException"/> once they have. <paramref name="command"/> is what the rows say was typed, <paramref name="neighbours"/> are folders of other runs and studies whose finished stages may be copied.
    /// </summary>
    public static void Run(StudyPlan plan, string command, IEnumerable<string> neighbours, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        string[] others = [.. neighbours];
        RunCells(plan, command, others, time, progress, cancellation);
        if (plan.Spec.Combine is null) return;
        StudyPlan longer = plan.Extended(StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json"))));
        RunCells(longer, command, others, time, progress, cancellation);
    }

    private static void RunCells(StudyPlan plan, string command, string[] neighbours, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        SharedWork shared = Shared(plan, neighbours);
        List<(StudyCell Cell, TernException Fault)> failed = [];
        long start = time.GetTimestamp();
        for (int i = 0; i < plan.Cells.Count; i++)
        {
            TimeSpan? left = i == 0 ? null : time.GetElapsedTime(start) * ((double)(plan.Cells.Count - i) / i);
            progress.Report(new CellStarted(plan.Cells[i].Key.ToString(), i + 1, plan.Cells.Count, left));
            try
            {
                foreach (CellRun run in plan.Cells[i].Runs)
                    Pipeline.Run(run.Recipe, run.Folder, time, progress, cancellation, stage => stage != "index", shared);
            }
            catch (TernException fault)
            {
                failed.Add((plan.Cells[i], fault));
                progress.Report(new RunWarning($"{plan.Cells[i].Key} failed: {fault.Message}"));
                continue;
            }
            StudyResults.Write(plan, command, [.. plan.Cells.Where((cell, place) => failed.All(had => had.Cell != cell) && (place <= i || HasEnded(cell)))]);
        }
        if (failed.Count > 0)
            throw new TernException($"{failed.Count} of {plan.Cells.Count} cells failed; the same command tries them again. The first, {failed[0].Cell.Key}: {failed[0].Fault.Message}", failed[0].Fault);
    }

    /// <summary>Whether an earlier start of the study has finished a cell: its rows stay while the cells before it are looked at.</summary>
    private static bool HasEnded(StudyCell cell) => cell.Runs.All(run => RunFolder.IsFinished(run.Folder, RecipeFile.ToJson(run.Recipe.Resolve())));

    /// <summary>Every run folder of this study and its neighbours: a cell may find its work done in any.</summary>
    private static SharedWork Shared(StudyPlan plan, IEnumerable<string> neighbours)
    {
        var shared = new SharedWork();
        foreach (CellRun run in plan.Cells.SelectMany(cell => cell.Runs)) shared.Add(run.Folder);
        foreach (string run in neighbours.Where(Directory.Exists).SelectMany(neighbour => Directory.GetDirectories(neighbour, "*", Accessible).Prepend(neighbour)).Select(Path.GetFullPath).Order(StringComparer.Ordinal))
            if (File.Exists(Path.Combine(run, RunFolder.StateFile))) shared.Add(run);
        return shared;
    }
}
