namespace Tern.Durability;

/// <summary>Something that several hold and the last one frees.</summary>
internal abstract class Counted
{
    private int holders;

    /// <summary>Holds it; for whoever knows that somebody else does so now.</summary>
    public void Hold() => Interlocked.Increment(ref holders);

    /// <summary>Holds it, unless it has been freed.</summary>
    public bool TryHold()
    {
        for (int now = Volatile.Read(ref holders); now > 0;)
        {
            int seen = Interlocked.CompareExchange(ref holders, now + 1, now);
            if (seen == now)
                return true;
            now = seen;
        }
        return false;
    }

    /// <summary>Lets it go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0)
            Free();
    }

    protected abstract void Free();
}
