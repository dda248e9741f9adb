using Tern.Codes;

namespace Tern.Search;

/// <summary>A segment on its place in a collection, and what a search may find of it.</summary>
/// <param name="Segment">The codes.</param>
/// <param name="First">The position of its first row.</param>
/// <param name="Allowed">Rows that may be found; null: all that were not removed.</param>
internal sealed record SearchPart(ICodeSegment Segment, long First, RowSet? Allowed)
{
    public PackedCodes Codes => Segment.Codes;

    public ScanPart Scan => new(Segment.Codes, First, Segment.Removed, Allowed?.Words);

    /// <summary>No more rows than this can be found.</summary>
    public int Passing => Allowed?.Count ?? Codes.Count;

    /// <summary>Segments back to back: the positions of one follow those of the other before it.</summary>
    /// <exception cref="TernException">The filter asks for what the items do not have.</exception>
    public static SearchPart[] Of(IReadOnlyList<ICodeSegment> segments, ItemFilter? filter)
    {
        SearchPart[] parts = new SearchPart[segments.Count];
        long first = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new SearchPart(segments[i], first, filter is null ? null : segments[i].Items.Matching(filter));
            first += segments[i].Codes.Count;
        }
        return parts;
    }
}
