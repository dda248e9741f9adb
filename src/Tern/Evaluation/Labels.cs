namespace Tern.Evaluation;

/// <summary>What is known about each item of a set: one label, or several as bits of a mask.</summary>
public sealed class Labels
{
    private readonly ulong[] values;

    private Labels(ulong[] values, bool areMasks)
    {
        this.values = values;
        AreMasks = areMasks;
    }

    /// <summary>How many items there are.</summary>
    public int Count => values.Length;

    /// <summary>Whether the items carry masks of several labels.</summary>
    public bool AreMasks { get; }

    internal ReadOnlySpan<ulong> Values => values;

    /// <summary>One label an item; a gallery item is relevant to a query if and only if the labels are equal.</summary>
    public static Labels Single(ReadOnlySpan<int> labels)
    {
        ulong[] values = new ulong[labels.Length];
        for (int i = 0; i < labels.Length; i++)
            values[i] = (uint)labels[i];
        return new Labels(values, areMasks: false);
    }

    /// <summary>Up to 64 labels an item, one a bit; a gallery item is relevant to a query if and only if they share a bit.</summary>
    public static Labels Masks(ReadOnlySpan<ulong> masks) => new(masks.ToArray(), areMasks: true);

    /// <summary>Whether item <paramref name="item"/> of <paramref name="gallery"/> is relevant to item <paramref name="query"/> of this
    /// set.</summary>
    internal bool IsRelevant(int query, Labels gallery, int item) =>
        AreMasks ? (values[query] & gallery.values[item]) != 0 : values[query] == gallery.values[item];

    internal void RequireSameKind(Labels gallery)
    {
        if (AreMasks != gallery.AreMasks)
            throw new TernException("Queries and gallery must both carry single labels or both carry label masks.");
    }
}
