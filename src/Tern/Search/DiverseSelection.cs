using System.Runtime.InteropServices;
using Tern.Codes;

namespace Tern.Search;

/// <summary>Keeps the nearest item of each group, and of those the nearest, ties by lower position: one result per group.</summary>
internal sealed class DiverseSelection(int bits, int top, int within, bool ascending, Func<long, long> groupOf) : Selection(bits, top, within, ascending)
{
    private readonly Dictionary<long, ulong> nearest = []; // by group
    private int room = (int)Math.Min(2L * top + 64, 1024);

    public override void Offer(int distance, long position)
    {
        ulong item = KeyOf(distance, position);
        ref ulong mine = ref CollectionsMarshal.GetValueRefOrAddDefault(nearest, groupOf(position), out bool present);
        if (present && mine <= item)
            return;
        if (present)
            Uncount(DistanceOf(mine));
        mine = item;
        Count(distance);
        if (nearest.Count > room)
            DropFar();
    }

    public override Neighbor[] ToSorted()
    {
        ulong[] sorted = [.. nearest.Values.Where(item => DistanceOf(item) <= Worst)];
        Array.Sort(sorted);
        return [.. sorted.Take(Top).Select(NeighborOf)];
    }

    public override Selection Fresh(bool ascending) => new DiverseSelection(Bits, Top, Limit - 1, ascending, groupOf);

    // A group whose nearest item is too far may come again with a nearer one.
    private void DropFar()
    {
        foreach ((long group, ulong item) in nearest)
            if (DistanceOf(item) > Worst)
                nearest.Remove(group);
        room = Math.Max(room, 2 * nearest.Count);
    }
}
