namespace Tern.Training.Studies;

/// <summary>Runs of cells in the order in which they are to be done. One at which another process works waits until that lets go, one that starts from another's weights until that is out.</summary>
internal sealed class RunQueue(IEnumerable<(StudyCell Cell, CellRun Run)> runs)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly List<(StudyCell Cell, CellRun Run)> left = [.. runs];
    private readonly Dictionary<string, string> heldBy = [];                      // the lock of who works at it, by run folder

    /// <summary>How many have not been taken out.</summary>
    public int Count => left.Count;

    /// <summary>The cells with runs that have not been taken out.</summary>
    public IReadOnlyCollection<StudyCell> Cells => [.. left.Select(at => at.Cell).Distinct()];

    /// <summary>The first that can go on, as soon as there is one; <paramref name="waits"/> is told a lock that is waited for where there is none yet. Null once all have been taken out.</summary>
    public (StudyCell Cell, CellRun Run)? Next(Action<string> waits, CancellationToken cancellation)
    {
        bool told = false;
        while (left.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < left.Count; i++)
                if (IsReady(i)) return left[i];
            if (!told && heldBy.Values.FirstOrDefault(file => !FileLock.IsFree(file)) is { } held)
            {
                waits(held);
                told = true;
            }
            cancellation.WaitHandle.WaitOne(Pause);
        }
        return null;
    }

    /// <summary>Lets a run wait until nobody holds a lock.</summary>
    public void Delay(CellRun run, string held) => heldBy[run.Folder] = held;

    /// <summary>Whether a run has waited for another process.</summary>
    public bool WasDelayed(CellRun run) => heldBy.ContainsKey(run.Folder);

    /// <summary>Takes out a run that has ended.</summary>
    public void Remove(CellRun run) => left.RemoveAll(at => at.Run == run);

    /// <summary>Takes out all runs of a cell that failed.</summary>
    public void Remove(StudyCell cell) => left.RemoveAll(at => at.Cell == cell);

    private bool IsReady(int place) =>
        (!heldBy.TryGetValue(left[place].Run.Folder, out string? held) || FileLock.IsFree(held))
        && !left[place].Run.Starts.Intersect(left.Take(place).SelectMany(before => before.Run.Weights)).Any();
}
