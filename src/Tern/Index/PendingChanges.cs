using Tern.Codes;

namespace Tern.Index;

/// <summary>Changes that wait for a commit.</summary>
internal sealed class PendingChanges(IndexShape shape)
{
    private readonly IndexShape shape = shape;
    private readonly HashSet<ulong> removed = []; // ids of committed items
    private ItemBuffer added = new(shape);
    private ulong[] dropped = [];                 // marks on added items that were removed or replaced before they were committed
    private int droppedCount;

    /// <summary>How many there are.</summary>
    public int Count => added.Count - droppedCount + removed.Count;

    /// <summary>About what they take in a file.</summary>
    public long Bytes => added.Bytes + (8L * removed.Count);

    /// <summary>Ids of committed items that are removed or replaced.</summary>
    public IReadOnlyCollection<ulong> Removed => removed;

    /// <summary>Adds an item, in place of the one with its key that waits. Of those committed, <see cref="ReplaceIn"/> removes it.</summary>
    public void Put(ItemRow item)
    {
        if (added.Content + item.Content > Merging.MostPending || added.Count == Merging.MostItems / 2)
            throw new TernException($"{Count} changes are waiting; commit them before adding more.");
        int replaced = added.Find(item.Key, KeyTable.Hash(item.Key), null); // each key has one row at most in the table, however often it was replaced
        if (replaced >= 0 && !ItemBuffer.IsMarked(dropped, replaced))
            Drop(replaced);
        added.Add(item, replaced, dropped);
    }

    /// <summary>Makes room for so many more items; there may come fewer.</summary>
    public void Expect(int more) => added.Expect(Math.Min(more, Merging.MostItems / 2 - added.Count), dropped);

    /// <summary>Removes the item with a key, committed or not; false if there is none.</summary>
    public bool Remove(Snapshot committed, ReadOnlySpan<byte> key)
    {
        ulong hash = KeyTable.Hash(key);
        int row = added.Find(key, hash, dropped);
        if (row >= 0)
            Drop(row);
        return (committed.Find(key, hash) is { } place && removed.Add(committed.IdOf(place))) || row >= 0;
    }

    /// <summary>Removes the committed items whose keys have been added again: all at once, since to look for one alone is to wait for memory.</summary>
    public void ReplaceIn(Snapshot committed) => committed.CollectIds(added.View().Keys, removed);

    /// <summary>The items that are added.</summary>
    public LoadedSegment Added() => new(added.View(), null, droppedCount == 0 ? null : RowMarks.FromWords(dropped, added.Count));

    /// <summary>Forgets them.</summary>
    public void Clear()
    {
        removed.Clear();
        added = new ItemBuffer(shape);
        dropped = [];
        droppedCount = 0;
    }

    private void Drop(int row)
    {
        if (row >> 6 >= dropped.Length)
            Array.Resize(ref dropped, RowMarks.WordsFor(Math.Max(2 * row, 64)));
        dropped[row >> 6] |= 1UL << (row & 63);
        droppedCount++;
    }
}
