using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>Cell <paramref name="Number"/> of <paramref name="Count"/> begins; <paramref name="Left"/> is an estimate from the cells before it.</summary>
public sealed record CellStarted(string Cell, int Number, int Count, TimeSpan? Left) : RunEvent;

/// <summary>Cell <paramref name="Number"/> of <paramref name="Count"/> is not run: its numbers lie in <paramref name="Folder"/>.</summary>
public sealed record CellKept(string Cell, int Number, int Count, string Folder) : RunEvent;

/// <summary>Runs the cells of a study, each in its folder; what has ended is not done again, what is equal in two cells is done once.</summary>
public static class Study
{
    private static readonly EnumerationOptions Accessible = new() { IgnoreInaccessible = true };

    /// <summary>
    /// Runs every cell and writes results.json, table.md, table.csv and report.html into the study's folder, anew after each cell. Started again, it goes on
    /// where it was. A cell that fails does not keep the others from running, and throws a <see cref="TernException"/> once they have. <paramref name="command"/> is what the rows say was typed, <paramref name="neighbours"/> are folders of other runs and studies whose finished stages may be copied.
    /// <paramref name="results"/>, where it is given, gets the same files, and the numbers of each cell, after each cell; a cell whose numbers lie there is run only where its run folder stands or another cell starts from its weights.
    /// </summary>
    public static void Run(StudyPlan plan, string command, IEnumerable<string> neighbours, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation, string? results = null)
    {
        string[] others = [.. neighbours];
        StudyFiles? files = results is null ? null : new StudyFiles(plan.Spec.Name, results);
        RunCells(plan, command, others, files, time, progress, cancellation);
        if (plan.Spec.Combine is not null)
        {
            StudyPlan longer = plan.Extended(StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json"))));
            RunCells(longer, command, others, files, time, progress, cancellation);
        }
        files?.Copy(plan);
    }

    private static void RunCells(StudyPlan plan, string command, string[] neighbours, StudyFiles? files, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        SharedWork shared = Shared(plan, neighbours);
        var identities = new RunIdentities(plan.Cells.SelectMany(cell => cell.Runs));
        FinishedCell?[] kept = Kept(plan, identities, files, progress);
        List<(StudyCell Cell, TernException Fault)> failed = [];
        void Write(int done) => StudyResults.Write(plan, command, [.. plan.Cells.Zip(kept)
            .Where((at, place) => at.Second is not null || failed.All(had => had.Cell != at.First) && (place < done || at.First.HasEnded))
            .Select(at => at.Second ?? FinishedCell.Of(at.First, identities))]);

        long start = time.GetTimestamp();
        int begun = 0, toRun = kept.Count(cell => cell is null);
        for (int i = 0; i < plan.Cells.Count; i++)
        {
            StudyCell cell = plan.Cells[i];
            if (kept[i] is not null)
            {
                progress.Report(new CellKept(cell.Key.ToString(), i + 1, plan.Cells.Count, files!.NumbersFolder));
                continue;
            }
            TimeSpan? left = begun == 0 ? null : time.GetElapsedTime(start) * ((double)(toRun - begun) / begun);
            progress.Report(new CellStarted(cell.Key.ToString(), i + 1, plan.Cells.Count, left));
            begun++;
            try
            {
                foreach (CellRun run in cell.Runs)
                    Pipeline.Run(run.Recipe, run.Folder, time, progress, cancellation, stage => stage != "index", shared);
            }
            catch (TernException fault)
            {
                failed.Add((cell, fault));
                progress.Report(new RunWarning($"{cell.Key} failed: {fault.Message}"));
                continue;
            }
            Write(i + 1);
            files?.Keep(FinishedCell.Of(cell, identities));
            files?.Copy(plan);
        }
        if (begun == 0) Write(plan.Cells.Count);
        if (failed.Count > 0)
            throw new TernException($"{failed.Count} of {plan.Cells.Count} cells failed; the same command tries them again. The first, {failed[0].Cell.Key}: {failed[0].Fault.Message}", failed[0].Fault);
    }

    /// <summary>The cells that are not to be run, as their numbers have been kept: not those whose run folders stand here, and not those whose weights a cell that is run starts from.</summary>
    private static FinishedCell?[] Kept(StudyPlan plan, RunIdentities identities, StudyFiles? files, IProgress<RunEvent> progress)
    {
        var kept = new FinishedCell?[plan.Cells.Count];
        var wanted = new HashSet<string>();
        for (int i = plan.Cells.Count - 1; i >= 0; i--)                             // cells start from those before them
        {
            StudyCell cell = plan.Cells[i];
            bool runs = cell.HasEnded || cell.Runs.SelectMany(run => run.Weights).Any(wanted.Contains);
            if (!runs) kept[i] = files?.Find(cell, identities, file => progress.Report(new RunWarning($"{file} holds the numbers of another recipe: {cell.Key} is run")));
            if (kept[i] is null) wanted.UnionWith(cell.Runs.SelectMany(run => run.Starts));
        }
        return kept;
    }

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
