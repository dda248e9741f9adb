using System.Numerics;

namespace Tern.Evaluation;

/// <summary>What is known about each item of a set: one label, or several as bits of a mask. Labels are positions in a list of names.</summary>
public sealed class Labels
{
    /// <summary>The most labels there may be where items carry several: one for each bit of a mask.</summary>
    public const int MostInMasks = 64;

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

    /// <summary>The label of an item that carries one.</summary>
    /// <exception cref="InvalidOperationException">The items carry masks: ask <see cref="Of"/>.</exception>
    public int this[int item] => AreMasks ? throw new InvalidOperationException("these items carry several labels each") : (int)values[item];

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

    /// <summary>Every label of an item, ascending; of a mask of 0, none.</summary>
    public IEnumerable<int> Of(int item)
    {
        if (!AreMasks)
        {
            yield return (int)values[item];
            yield break;
        }
        for (ulong left = values[item]; left != 0; left &= left - 1)
            yield return BitOperations.TrailingZeroCount(left);
    }

    /// <summary>The names of an item's labels, several joined by <c>|</c>.</summary>
    public string Text(int item, IReadOnlyList<string> names) => string.Join('|', Of(item).Select(label => names[label]));

    /// <summary>The items that carry each label, by label; labels nothing carries are left out.</summary>
    public ILookup<int, int> Carriers() =>
        Enumerable.Range(0, Count).SelectMany(item => Of(item).Select(label => (label, item))).ToLookup(pair => pair.label, pair => pair.item);

    /// <summary>The labels of some items, in the order given.</summary>
    public Labels Select(IEnumerable<int> items) => new([.. items.Select(item => values[item])], AreMasks);

    /// <summary>The same labels counted anew: what was <paramref name="kept"/>[i] becomes i.</summary>
    /// <exception cref="InvalidOperationException">The items carry masks.</exception>
    /// <exception cref="KeyNotFoundException">An item has a label that is not kept.</exception>
    public Labels Renumber(IReadOnlyList<int> kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        Dictionary<int, int> places = [];
        for (int i = 0; i < kept.Count; i++)
            places.Add(kept[i], i);
        return new Labels([.. Enumerable.Range(0, Count).Select(item => (ulong)places[this[item]])], areMasks: false);
    }

    /// <summary>The labels of these items, then those of the next ones.</summary>
    /// <exception cref="TernException">One set carries masks and the other does not.</exception>
    public Labels Then(Labels next)
    {
        ArgumentNullException.ThrowIfNull(next);
        RequireSameKind(next);
        return new Labels([.. values, .. next.values], AreMasks);
    }

    /// <summary>Whether item <paramref name="item"/> of <paramref name="gallery"/> is relevant to item <paramref name="query"/> of this
    /// set.</summary>
    public bool IsRelevant(int query, Labels gallery, int item) =>
        AreMasks ? (values[query] & gallery.values[item]) != 0 : values[query] == gallery.values[item];

    internal void RequireSameKind(Labels gallery)
    {
        if (AreMasks != gallery.AreMasks)
            throw new TernException("Queries and gallery must both carry single labels or both carry label masks.");
    }
}
