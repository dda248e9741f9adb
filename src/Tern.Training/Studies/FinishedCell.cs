using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>A cell and what its runs have found.</summary>
internal sealed record FinishedCell(StudyCell Cell, IReadOnlyList<RunNumbers> Runs)
{
    /// <summary>The cell from its run folders; null where a run has not ended.</summary>
    public static FinishedCell? In(StudyCell cell) => Of(cell, run => RunFolder.IsFinished(run.Folder, RunNumbers.Text(run)) ? RunNumbers.Measured(run) : null);

    /// <summary>The cell from the numbers that were <see cref="Keep">kept</see> in a folder; null where they are not there or belong to another recipe.</summary>
    public static FinishedCell? Kept(StudyCell cell, string folder) => Of(cell, run => RunNumbers.Read(File(folder, run), run));

    /// <summary>Leaves a file of numbers for each run in a folder.</summary>
    public void Keep(string folder)
    {
        foreach ((CellRun run, RunNumbers numbers) in Cell.Runs.Zip(Runs)) AtomicFile.WriteText(File(folder, run), numbers.ToJson());
    }

    private static FinishedCell? Of(StudyCell cell, Func<CellRun, RunNumbers?> read)
    {
        RunNumbers?[] found = [.. cell.Runs.Select(read)];
        return found.Contains(null) ? null : new FinishedCell(cell, found!);
    }

    private static string File(string folder, CellRun run) => Path.Combine(folder, $"{Path.GetFileName(run.Folder)}.json");
}
