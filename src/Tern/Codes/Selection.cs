namespace Tern.Codes;

/// <summary>
/// What a search keeps of the items offered to it. It counts how many lie at each distance, and so knows how near an item must be to still belong to the
/// answer. The answer's order is (distance, position), so it is one and the same however items arrive.
/// </summary>
internal abstract class Selection
{
    // A kept item is a number that sorts by (distance, position): distances are at most 1024.
    private const int PositionBits = 53;

    private readonly int[] countAt;
    private readonly bool ascending;

    /// <param name="bits">Code length: distances are 0..bits.</param>
    /// <param name="top">How many to keep.</param>
    /// <param name="within">Largest distance to accept (inclusive); below 0 nothing is.</param>
    /// <param name="ascending">Items are offered in ascending position: then one that is no nearer than the last of a full selection can be refused.</param>
    protected Selection(int bits, int top, int within, bool ascending)
    {
        countAt = new int[bits + 1];
        this.ascending = ascending;
        Top = top;
        Worst = Math.Min(within, bits);
        Limit = top == 0 ? 0 : Worst + 1;
    }

    /// <summary>Only items at a distance below this can still enter; 0 when none can.</summary>
    public int Limit { get; private set; }

    /// <summary>Whether nothing has been taken.</summary>
    public bool IsEmpty => Near == 0;

    /// <summary>How many items with the same code can be in the answer.</summary>
    public virtual int RowsPerCode => int.MaxValue;

    protected int Bits => countAt.Length - 1;

    protected int Top { get; }

    /// <summary>The largest distance that may still belong to the answer.</summary>
    protected int Worst { get; private set; }

    /// <summary>Counted items at a distance up to Worst.</summary>
    protected int Near { get; private set; }

    protected bool Ascending => ascending;

    /// <summary>Takes an item whose distance is below <see cref="Limit"/>.</summary>
    public abstract void Offer(int distance, long position);

    /// <summary>The selection, nearest first, ties by position.</summary>
    public abstract Neighbor[] ToSorted();

    /// <summary>An empty selection that asks for the same, and for nothing farther than this one still takes.</summary>
    public abstract Selection Fresh(bool ascending);

    /// <summary>Offers all that another selection has kept. This one must not count on ascending positions.</summary>
    public void Take(Selection other)
    {
        foreach (Neighbor item in other.ToSorted())
            if (item.Distance < Limit)
                Offer(item.Distance, item.Position);
    }

    protected static ulong KeyOf(int distance, long position) => (ulong)distance << PositionBits | (ulong)position;

    protected static int DistanceOf(ulong key) => (int)(key >> PositionBits);

    protected static Neighbor NeighborOf(ulong key) => new((long)(key & (1UL << PositionBits) - 1), DistanceOf(key));

    protected int CountAt(int distance) => countAt[distance];

    /// <summary>Counts an item; its distance is at most Worst.</summary>
    protected void Count(int distance)
    {
        countAt[distance]++;
        Near++;
        while (Worst > 0 && Near - countAt[Worst] >= Top)
            Near -= countAt[Worst--];
        if (Near >= Top)
            Limit = ascending ? Worst : Worst + 1;
    }

    /// <summary>Takes items out of the count.</summary>
    protected void Uncount(int distance, int items = 1)
    {
        countAt[distance] -= items;
        if (distance <= Worst)
            Near -= items;
    }
}
