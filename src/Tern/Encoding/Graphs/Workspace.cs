namespace Tern.Encoding.Graphs;

/// <summary>The buffers of one run at a time, reused from step to step and from run to run. Never holds more than its limit.</summary>
/// <param name="limit">The most bytes held, lent and free together.</param>
internal sealed class Workspace(long limit)
{
    private readonly List<Storage> free = [];
    private long held;

    public long Limit => limit;

    /// <summary>Bytes that somebody has and has not given back.</summary>
    public long Lent => held - free.Sum(storage => (long)storage.Capacity);

    /// <summary>Memory for <paramref name="bytes"/> bytes, its content arbitrary; null when that would pass the limit.</summary>
    public Storage? Rent(long bytes)
    {
        Storage? best = null;
        foreach (Storage storage in free)
        {
            // A buffer twice as large as asked is left for a tensor that needs it.
            if (storage.Capacity >= bytes && storage.Capacity <= 2 * bytes + 4096 && (best is null || storage.Capacity < best.Capacity))
                best = storage;
        }
        if (best is not null)
        {
            free.Remove(best);
            best.Users = 0;
            return best;
        }
        if (bytes > Storage.Largest || held + bytes > limit && !MakeRoom(bytes))
            return null;
        held += bytes;
        return new Storage(bytes) { Lent = true };
    }

    public void Return(Storage storage) => free.Add(storage);

    /// <summary>Lets a buffer go to the caller for good.</summary>
    public void Forget(Storage storage)
    {
        storage.Lent = false;
        held -= storage.Capacity;
    }

    private bool MakeRoom(long bytes)
    {
        foreach (Storage storage in free)
            held -= storage.Capacity;
        free.Clear();
        return held + bytes <= limit;
    }
}
