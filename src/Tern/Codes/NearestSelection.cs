namespace Tern.Codes;

/// <summary>Keeps the nearest of the items offered to it, ties by lower position.</summary>
internal sealed class NearestSelection(int bits, int top, int within, bool ascending) : Selection(bits, top, within, ascending)
{
    private ulong[] kept = new ulong[Math.Min(2L * top + 64, 1024)];
    private int keptCount;

    public override int RowsPerCode => Top;

    public override void Offer(int distance, long position)
    {
        if (keptCount == kept.Length)
            MakeRoom();
        kept[keptCount++] = KeyOf(distance, position);
        Count(distance);
    }

    public override Neighbor[] ToSorted()
    {
        // A counting sort is stable; where items came out of order, each distance is sorted by itself.
        int[] next = new int[Worst + 2];
        for (int d = 0; d <= Worst; d++)
            next[d + 1] = next[d] + CountAt(d);
        int[] starts = [.. next];
        ulong[] sorted = new ulong[Near];
        foreach (ulong item in kept.AsSpan(0, keptCount))
            if (DistanceOf(item) <= Worst)
                sorted[next[DistanceOf(item)]++] = item;
        for (int d = 0; d <= Worst && !Ascending; d++)
            sorted.AsSpan(starts[d], starts[d + 1] - starts[d]).Sort();

        Neighbor[] nearest = new Neighbor[Math.Min(sorted.Length, Top)];
        for (int i = 0; i < nearest.Length; i++)
            nearest[i] = NeighborOf(sorted[i]);
        return nearest;
    }

    public override Selection Fresh(bool ascending) => new NearestSelection(Bits, Top, Limit - 1, ascending);

    private void MakeRoom()
    {
        int live = 0;
        foreach (ulong item in kept.AsSpan(0, keptCount))
            if (DistanceOf(item) <= Worst)
                kept[live++] = item;
        if (live > Top && !Ascending)
        {
            // Too many at the worst distance: the highest positions go.
            kept.AsSpan(0, live).Sort();
            Uncount(Worst, live - Top);
            live = Top;
        }
        keptCount = live;
        if (live == Array.MaxLength)
            throw new TernException($"More than {live:N0} items belong to the answer; ask for the nearest of them (Top) or for nearer ones (Within).");
        if (live > kept.Length / 2)
            Array.Resize(ref kept, (int)Math.Min(2L * kept.Length, Array.MaxLength));
    }
}
