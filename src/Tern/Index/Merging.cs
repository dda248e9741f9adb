using Tern.Durability;

namespace Tern.Index;

/// <summary>When the log becomes a segment, how many segments there may be, and which have hash tables. Tests make them small.</summary>
/// <param name="LogBytes">A commit that would make the log longer goes into a segment, together with what the log holds.</param>
/// <param name="RecentItems">The same for the items it holds: a search reads all of them.</param>
/// <param name="Segments">So many need no merge.</param>
/// <param name="HashedItems">A segment of so many items has hash tables, where any have; null: when it is so long that tables save anything.</param>
internal sealed record IndexLimits(long LogBytes = 4 << 20, int RecentItems = 16384, int Segments = 8, int? HashedItems = null);

/// <summary>Which segments to join, so that their number and that of removed items stays small and an index that changes forever stays as large as its content.</summary>
internal static class Merging
{
    /// <summary>Bytes of texts and descriptors that may wait for a commit.</summary>
    public const long MostPending = 1 << 29;

    /// <summary>Items of a segment: their codes fit one array at any length, and their keys one table.</summary>
    public const int MostItems = KeyTable.MostRows;

    private const long MostText = 1 << 30; // of a segment: offsets are 32 bits

    /// <summary>
    /// The next run of segments to be joined, or null if there is none: a segment of which more than half is removed; or, when there are too many, the newest run in which
    /// each is at most twice as large as all after it. Sizes then fall geometrically: an item is rewritten about log2(items) times.
    /// </summary>
    public static (int Start, int End)? Next(IReadOnlyList<LoadedSegment> segments, int most)
    {
        for (int i = 0; i < segments.Count; i++)
            if (segments[i].RemovedCount > segments[i].Live)
                return (i, i + 1);
        if (segments.Count <= most)
            return null;

        int start = segments.Count - 1;
        long live = segments[start].Live, text = segments[start].Data.TextBytes;
        while (start > 0 && segments[start - 1].Live <= 2 * live && Fit(live + segments[start - 1].Live, text + segments[start - 1].Data.TextBytes))
        {
            start--;
            live += segments[start].Live;
            text += segments[start].Data.TextBytes;
        }
        return start < segments.Count - 1 ? (start, segments.Count) : null;
    }

    /// <summary>The next run to be joined until nothing is left to gain: as many as fit a segment, where they are several or some items are removed.</summary>
    public static (int Start, int End)? NextOfAll(IReadOnlyList<LoadedSegment> segments)
    {
        for (int start = 0, end; start < segments.Count; start = end)
        {
            long live = 0, text = 0;
            for (end = start; end < segments.Count && (end == start || Fit(live + segments[end].Live, text + segments[end].Data.TextBytes)); end++)
            {
                live += segments[end].Live;
                text += segments[end].Data.TextBytes;
            }
            if (end - start > 1 || segments[start].RemovedCount > 0)
                return (start, end);
        }
        return null;
    }

    private static bool Fit(long items, long text) => items <= MostItems && text <= MostText;
}

/// <summary>A merge on its way: written while others read and write, then put in the place of its sources.</summary>
/// <param name="Held">The snapshot that has the sources; keeps them open.</param>
/// <param name="Sources">Neighbours.</param>
/// <param name="File">The name of what they become.</param>
internal sealed record Merge(Snapshot Held, IReadOnlyList<LoadedSegment> Sources, string File)
{
    /// <summary>What they have become; null before it is written, and where none of their items is left.</summary>
    public FileEntry? Entry { get; init; }

    /// <summary>The same, open.</summary>
    public Segment? Joined { get; init; }

    /// <summary>Which of the sources a segment is; -1 if none.</summary>
    public int IndexOf(LoadedSegment segment)
    {
        for (int i = 0; i < Sources.Count; i++)
            if (Sources[i].Entry == segment.Entry)
                return i;
        return -1;
    }
}
