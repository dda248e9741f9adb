using Tern.Codes;

namespace Tern.Search;

/// <summary>
/// A run of codes as searches see it: a segment of an index's snapshot, or a list in memory. Nothing of it changes while anybody searches. Rows ascend with the items'
/// ids, within a segment and from one to the next, so that items at the same distance come by id.
/// </summary>
internal interface ICodeSegment
{
    /// <summary>The codes, a row each.</summary>
    PackedCodes Codes { get; }

    /// <summary>Rows that are not to be found; null: none.</summary>
    RowMarks? Removed { get; }

    /// <summary>Hash tables of the codes, if they have any.</summary>
    MultiIndex? Tables { get; }

    /// <summary>What filters may ask about the rows.</summary>
    ItemColumns Items { get; }
}
