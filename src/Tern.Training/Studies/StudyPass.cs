using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>Runs what no numbers are kept of, and writes the study's tables whenever a cell ends. Other processes may do the same: see <see cref="RunQueue"/>.</summary>
internal sealed class StudyPass
{
    private readonly StudyPlan plan;
    private readonly string command;
    private readonly SharedWork shared;
    private readonly StudyFiles? files;
    private readonly TimeProvider time;
    private readonly IProgress<RunEvent> progress;
    private readonly RunIdentities identities;
    private readonly Dictionary<string, RunNumbers> kept = [];                   // of runs that are not to be run, by folder
    private readonly List<(StudyCell Cell, TernException Fault)> failed = [];
    private int worked;                                                           // runs that ended here, and not by copying alone
    private TimeSpan spent;                                                       // on those, and what was begun of others

    public StudyPass(StudyPlan plan, string command, SharedWork shared, StudyFiles? files, TimeProvider time, IProgress<RunEvent> progress)
    {
        (this.plan, this.command, this.shared, this.files, this.time, this.progress) = (plan, command, shared, files, time, progress);
        identities = new RunIdentities(plan.Cells.SelectMany(cell => cell.Runs));
        FindKept();
    }

    /// <summary>What is to be done yet.</summary>
    public IEnumerable<CellRun> Waiting => plan.Cells.SelectMany(cell => cell.Runs).Where(run => !IsKept(run) && !run.HasEnded);

    /// <summary>Returns the rows of all cells. Throws <see cref="TernException"/> in the end where cells have failed.</summary>
    public IReadOnlyList<StudyRow> Run(CancellationToken cancellation)
    {
        foreach ((int i, StudyCell cell) in plan.Cells.Index())
            if (cell.Runs.All(IsKept)) progress.Report(new CellKept($"{cell.Key}", i + 1, plan.Cells.Count, files!.NumbersFolder));
        var queue = new RunQueue(plan.Cells.SelectMany(cell => cell.Runs.Where(run => !IsKept(run)).Select(run => (cell, run))));
        StudyCell? current = null;
        while (queue.Next(held => progress.Report(new StudyWaits(queue.Cells.Count, held)), cancellation) is (var cell, var run))
        {
            if (cell != current) Tell(current = cell, queue);
            if (!TryRun(cell, run, queue, cancellation)) continue;
            files?.Keep(run, Numbers(run));
            if (!queue.Cells.Contains(cell)) Write(cancellation);
        }
        if (failed.Count > 0)
            throw new TernException($"{failed.Count} of {plan.Cells.Count} cells failed; the same command tries them again. The first, {failed[0].Cell.Key}: {failed[0].Fault.Message}", failed[0].Fault);
        return Write(cancellation);
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
            queue.Remove(cell);
            progress.Report(new RunWarning($"{cell.Key} failed: {fault.Message}"));
            return false;
        }
    }

    private void Tell(StudyCell cell, RunQueue queue)
    {
        TimeSpan? left = worked == 0 ? null : spent * ((double)queue.Count / worked);
        progress.Report(new CellStarted($"{cell.Key}", plan.Cells.Index().First(at => at.Item == cell).Index + 1, plan.Cells.Count, left));
    }

    /// <summary>The study's results as they are now; one process at a time.</summary>
    private StudyRow[] Write(CancellationToken cancellation)
    {
        using IDisposable alone = shared.Alone(cancellation);
        StudyRow[] rows = StudyResults.Write(plan, [.. plan.Cells.Where(HasEnded).Select(cell => new FinishedCell(cell, [.. cell.Runs.Select(Numbers)]))]);
        files?.Copy(plan, rows, complete: plan.Cells.All(HasEnded));
        return rows;
    }

    /// <summary>Whether all is known of a cell. One that has failed may look so.</summary>
    private bool HasEnded(StudyCell cell) => cell.Runs.All(run => IsKept(run) || run.HasEnded) && failed.All(at => at.Cell != cell);

    private bool IsKept(CellRun run) => kept.ContainsKey(run.Folder);

    private RunNumbers Numbers(CellRun run) => kept.GetValueOrDefault(run.Folder) ?? RunNumbers.Measured(run, identities.Of(run), command);

    /// <summary>The runs whose numbers have been kept: not those whose folders stand here, and not those whose weights a run starts from that is to be run.</summary>
    private void FindKept()
    {
        if (files is null) return;
        var wanted = new HashSet<string>();
        foreach (CellRun run in plan.Cells.SelectMany(cell => cell.Runs).Reverse())         // cells start from those before them
        {
            void Refused(string file) => progress.Report(new RunWarning($"{file} holds the numbers of another recipe or of other pictures: {Path.GetFileName(run.Folder)} is run"));
            RunNumbers? found = run.HasEnded || run.Weights.Any(wanted.Contains) ? null : files.Find(run, identities.Of(run), Refused);
            if (found is null) wanted.UnionWith(run.Starts);
            else kept.Add(run.Folder, found);
        }
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
