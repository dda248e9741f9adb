using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>Runs the cells of a plan of which no numbers are kept, and writes the study's tables whenever one ends. Other processes may do the same: see <see cref="RunQueue"/>.</summary>
internal sealed class StudyPass
{
    private readonly StudyPlan plan;
    private readonly string command;
    private readonly SharedWork shared;
    private readonly StudyFiles? files;
    private readonly TimeProvider time;
    private readonly IProgress<RunEvent> progress;
    private readonly RunIdentities identities;
    private readonly FinishedCell?[] kept;
    private readonly HashSet<StudyCell> damaged = [];                             // that look as if they had ended, and failed
    private readonly List<(StudyCell Cell, TernException Fault)> failed = [];
    private int worked;                                                           // runs that ended here, and not by copying alone
    private TimeSpan spent;                                                       // on those, and what was begun of others

    public StudyPass(StudyPlan plan, string command, SharedWork shared, StudyFiles? files, TimeProvider time, IProgress<RunEvent> progress)
    {
        (this.plan, this.command, this.shared, this.files, this.time, this.progress) = (plan, command, shared, files, time, progress);
        identities = new RunIdentities(plan.Cells.SelectMany(cell => cell.Runs));
        kept = Kept();
    }

    /// <summary>Returns the rows of all cells. Throws <see cref="TernException"/> in the end where cells have failed.</summary>
    public IReadOnlyList<StudyRow> Run(CancellationToken cancellation)
    {
        for (int i = 0; i < kept.Length; i++)
            if (kept[i] is not null) progress.Report(new CellKept($"{plan.Cells[i].Key}", i + 1, kept.Length, files!.NumbersFolder));
        var queue = new RunQueue(plan.Cells.Where((_, i) => kept[i] is null).SelectMany(cell => cell.Runs.Select(run => (cell, run))));
        StudyCell? current = null;
        while (queue.Next(held => progress.Report(new StudyWaits(queue.Cells.Count, held)), cancellation) is (var cell, var run))
        {
            if (cell != current) Tell(current = cell, queue);
            if (TryRun(cell, run, queue, cancellation) && !queue.Cells.Contains(cell)) Write(cell, cancellation);
        }
        if (failed.Count > 0)
            throw new TernException($"{failed.Count} of {kept.Length} cells failed; the same command tries them again. The first, {failed[0].Cell.Key}: {failed[0].Fault.Message}", failed[0].Fault);
        return Write(null, cancellation);
    }

    /// <summary>Whether the run has ended well; else it waits, or has failed and the rest of its cell with it.</summary>
    private bool TryRun(StudyCell cell, CellRun run, RunQueue queue, CancellationToken cancellation)
    {
        var watched = new Watched(progress);
        long start = time.GetTimestamp();
        try
        {
            bool byAnother = queue.WasDelayed(run) && run.HasEnded;
            string? held = byAnother ? null : Pipeline.RunBeside(shared, run.Recipe, run.Folder, time, watched, cancellation, stage => stage != "index");
            if (watched.Works) spent += time.GetElapsedTime(start);
            if (held is not null)
            {
                queue.Delay(run, held);
                return false;
            }
            if (watched.Works) worked++;
            queue.Remove(run);
            return true;
        }
        catch (TernException fault)
        {
            failed.Add((cell, fault));
            if (cell.HasEnded) damaged.Add(cell);
            queue.Remove(cell);
            progress.Report(new RunWarning($"{cell.Key} failed: {fault.Message}"));
            return false;
        }
    }

    private void Tell(StudyCell cell, RunQueue queue)
    {
        TimeSpan? left = worked == 0 ? null : spent * ((double)queue.Count / worked);
        progress.Report(new CellStarted($"{cell.Key}", plan.Cells.Index().First(at => at.Item == cell).Index + 1, kept.Length, left));
    }

    /// <summary>The study's results as they are now, and the numbers of a cell that has just ended; one process at a time.</summary>
    private StudyRow[] Write(StudyCell? cell, CancellationToken cancellation)
    {
        using IDisposable alone = shared.Alone(cancellation);
        StudyRow[] rows = StudyResults.Write(plan, [.. plan.Cells.Zip(kept)
            .Where(at => at.Second is not null || (!damaged.Contains(at.First) && at.First.HasEnded))
            .Select(at => at.Second ?? FinishedCell.Of(at.First, identities, command))]);
        if (cell is not null) files?.Keep(FinishedCell.Of(cell, identities, command));
        files?.Copy(plan);
        return rows;
    }

    /// <summary>The cells that are not to be run, as their numbers have been kept: not those whose run folders stand here, and not those whose weights a cell that is run starts from.</summary>
    private FinishedCell?[] Kept()
    {
        var found = new FinishedCell?[plan.Cells.Count];
        var wanted = new HashSet<string>();
        for (int i = plan.Cells.Count - 1; i >= 0; i--)                             // cells start from those before them
        {
            StudyCell cell = plan.Cells[i];
            bool runs = cell.HasEnded || cell.Runs.SelectMany(run => run.Weights).Any(wanted.Contains);
            if (!runs) found[i] = files?.Find(cell, identities, file => progress.Report(new RunWarning($"{file} holds the numbers of another recipe or of other pictures: {cell.Key} is run")));
            if (found[i] is null) wanted.UnionWith(cell.Runs.SelectMany(run => run.Starts));
        }
        return found;
    }

    /// <summary>Passes on what a run tells, and notes whether it had anything to do.</summary>
    private sealed class Watched(IProgress<RunEvent> told) : IProgress<RunEvent>
    {
        public bool Works { get; private set; }

        public void Report(RunEvent value)
        {
            Works |= value is StageStarted;
            told.Report(value);
        }
    }
}
