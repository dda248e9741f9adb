namespace Tern.Index;

/// <summary>Keeps the number of segments and of removed items small, so that an index that changes forever stays as large as its
/// content.</summary>
internal static class Merging
{
    private const int MostSegments = 8;
    private const long LargestText = 1 << 30;  // bytes of keys and labels in one segment: offsets are 32 bits
    private const long MostItems = int.MaxValue / 32; // whose codes fit one array at any length

    /// <summary>
    /// Rewrites segments of which more than half is removed, and, when there are more than eight, joins the newest run of segments in which
    /// each is at most twice as large as all after it. Sizes then fall geometrically: an item is rewritten about log2(items) times.
    /// </summary>
    public static List<LoadedSegment> Apply(IReadOnlyList<LoadedSegment> segments, int bits)
    {
        List<LoadedSegment> kept = [];
        foreach (LoadedSegment segment in segments)
            if (segment.Live > 0)
                kept.Add(segment.RemovedCount > segment.Live ? Join([segment], bits) : segment);
        if (kept.Count <= MostSegments)
            return kept;

        int start = kept.Count - 1;
        long live = kept[start].Live, text = kept[start].Data.TextBytes;
        while (start > 0 && kept[start - 1].Live <= 2 * live && live + kept[start - 1].Live <= MostItems
            && text + kept[start - 1].Data.TextBytes <= LargestText)
        {
            start--;
            live += kept[start].Live;
            text += kept[start].Data.TextBytes;
        }
        if (start < kept.Count - 1)
            kept = [.. kept[..start], Join(kept[start..], bits)];
        return kept;
    }

    private static LoadedSegment Join(IEnumerable<LoadedSegment> run, int bits)
    {
        SegmentBuilder joined = new(bits);
        foreach (LoadedSegment loaded in run)
        {
            Segment from = loaded.Data;
            string[] labels = [.. Enumerable.Range(0, from.LabelNames.Count).Select(number => from.LabelNames[number])];
            foreach (int item in loaded.LiveItems())
                joined.Add(
                    from.Ids[item], from.Codes.WordsOf(item), from.Keys.Utf8Of(item).ToArray(),
                    from.LabelNumbers[item] < 0 ? null : labels[from.LabelNumbers[item]]);
        }
        return new LoadedSegment(joined.Build(), null, null, 0);
    }
}
