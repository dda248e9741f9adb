namespace Tern.Codes;

/// <summary>
/// Keeps the nearest of the items offered to it, ties by lower position, by counting how many lie at each distance.
/// Items must be offered in ascending position: then one that is no nearer than the last of a full selection can be refused at once.
/// </summary>
internal sealed class NearestSelection
{
    private readonly int top;
    private readonly int[] countAt;
    private Neighbor[] kept;
    private int keptCount;
    private int worst;          // the largest distance that may still belong to the answer
    private int upToWorst;      // kept items at distance <= worst

    /// <param name="bits">Code length: distances are 0..bits.</param>
    /// <param name="top">How many to keep.</param>
    /// <param name="within">Largest distance to accept (inclusive).</param>
    public NearestSelection(int bits, int top, int within)
    {
        this.top = top;
        countAt = new int[bits + 1];
        kept = new Neighbor[Math.Min(2L * top + 64, 1024)];
        worst = Math.Min(within, bits);
        Limit = top == 0 ? 0 : worst + 1;
    }

    /// <summary>Only items at a distance below this can still enter; 0 when none can.</summary>
    public int Limit { get; private set; }

    /// <summary>Takes an item whose distance is below <see cref="Limit"/>.</summary>
    public void Offer(int distance, long position)
    {
        if (keptCount == kept.Length)
            MakeRoom();
        kept[keptCount++] = new Neighbor(position, distance);
        countAt[distance]++;
        upToWorst++;
        while (worst > 0 && upToWorst - countAt[worst] >= top)
            upToWorst -= countAt[worst--];
        if (upToWorst >= top)
            Limit = worst;
    }

    /// <summary>The selection, nearest first, ties by position.</summary>
    public Neighbor[] ToSorted()
    {
        // A counting sort is stable, and items came in ascending position.
        int[] next = new int[worst + 2];
        for (int d = 0; d <= worst; d++)
            next[d + 1] = next[d] + countAt[d];
        Neighbor[] sorted = new Neighbor[Math.Min(upToWorst, top)];
        foreach (Neighbor item in kept.AsSpan(0, keptCount))
            if (item.Distance <= worst && next[item.Distance]++ is int place && place < sorted.Length)
                sorted[place] = item;
        return sorted;
    }

    private void MakeRoom()
    {
        int live = 0;
        foreach (Neighbor item in kept.AsSpan(0, keptCount))
            if (item.Distance <= worst)
                kept[live++] = item;
        keptCount = live;
        if (live > kept.Length / 2)
            Array.Resize(ref kept, 2 * kept.Length);
    }
}
