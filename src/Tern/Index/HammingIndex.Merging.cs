namespace Tern.Index;

public sealed partial class HammingIndex
{
    private readonly CancellationTokenSource closing = new();
    private Task merging = Task.CompletedTask;
    private volatile string? mergeProblem;

    /// <summary>What stopped the last merge; null if nothing did. Nothing is lost by it but space; the next commit starts another.</summary>
    public string? MergeProblem => mergeProblem;

    /// <summary>Commits, joins segments as far as they fit one, and gives back the space of all that is removed. Changes wait meanwhile, searches do not.</summary>
    /// <exception cref="TernException">The disk refused, a file is damaged, or the index is open for reading. Nothing is lost.</exception>
    public void Compact(CancellationToken cancellation = default)
    {
        while (true)
        {
            Task running;
            lock (gate)
            {
                running = merging;
                if (running.IsCompleted)
                {
                    CommitNow(intoSegment: true);
                    MergeAll(() => Merging.NextOfAll(snapshot.Files), cancellation);
                    mergeProblem = null;
                    return;
                }
            }
            running.Wait(cancellation);
        }
    }

    /// <summary>The same without waiting for the disk.</summary>
    public Task CompactAsync(CancellationToken cancellation = default) => Task.Run(() => Compact(cancellation), cancellation);

    private void StartMerging()
    {
        if (closing.IsCancellationRequested || !merging.IsCompleted || NextMerge() is null)
            return;
        if (options.MergeInBackground)
            merging = Task.Factory.StartNew(TryMerge, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default); // searches may fill the pool
        else
            TryMerge();
    }

    private (int Start, int End)? NextMerge() => Merging.Next(snapshot.Files, options.Limits.Segments);

    // The commit that started it has succeeded, so its failure is told apart: in MergeProblem.
    private void TryMerge()
    {
        try
        {
            MergeAll(NextMerge, closing.Token);
            mergeProblem = null;
        }
        catch (Exception problem) when (problem is TernException or OutOfMemoryException)
        {
            mergeProblem = problem.Message;
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // Closed: the next writer merges again.
        }
    }

    private void MergeAll(Func<(int Start, int End)?> next, CancellationToken cancellation)
    {
        while (true)
        {
            Merge merge;
            lock (gate)
            {
                if (closed || next() is not { } run)
                    return;
                merge = Writer.Begin(snapshot, run.Start, run.End);
                merge.Held.Hold();
            }
            try
            {
                merge = Writer.Write(merge, cancellation);
                BuildTables(merge);
                lock (gate)
                {
                    Publish(Writer.Finish(snapshot, merge));
                    Writer.Flush();
                }
            }
            finally
            {
                merge.Held.Release();
            }
        }
    }

    private void BuildTables(Merge merge)
    {
        if (!options.Hashing)
            return;
        try
        {
            merge.Joined?.BuildTables(options.Limits.HashedItems, Environment.ProcessorCount);
        }
        catch // there may be too little memory
        {
            Writer.Drop(merge);
            throw;
        }
    }

    private void StopMerging()
    {
        closing.Cancel();
        Task running;
        lock (gate)
            running = merging;
        running.GetAwaiter().GetResult();
    }
}
