namespace Tern.Index;

/// <summary>Numbers the labels of all segments alike, so that an item's label is a group.</summary>
internal sealed class LabelGroups
{
    private readonly int[][] groupOfLabel; // by segment and number of the label within it
    private readonly IReadOnlyList<LoadedSegment> segments;

    public LabelGroups(IReadOnlyList<LoadedSegment> segments)
    {
        this.segments = segments;
        Dictionary<string, int> groups = [];
        groupOfLabel = new int[segments.Count][];
        for (int i = 0; i < segments.Count; i++)
        {
            TextColumn names = segments[i].Data.LabelNames;
            groupOfLabel[i] = new int[names.Count];
            for (int label = 0; label < names.Count; label++)
            {
                groups.TryAdd(names[label], groups.Count);
                groupOfLabel[i][label] = groups[names[label]];
            }
        }
    }

    /// <summary>The group of an item; one without a label is a group by itself.</summary>
    public long Of(int segment, int item, long position)
    {
        int label = segments[segment].Data.LabelNumbers[item];
        return label < 0 ? -1 - position : groupOfLabel[segment][label];
    }
}
