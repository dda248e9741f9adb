using Tern.Search;

namespace Tern.Index;

/// <summary>What was found in an index, and how.</summary>
/// <param name="Results">Nearest first, equal distances by id; re-ranked ones by cosine, equal ones by id.</param>
/// <param name="Explanation">How it was found.</param>
public sealed record IndexAnswer(IReadOnlyList<SearchResult> Results, Explanation Explanation);

/// <summary>An item of an index.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Label">Its label, if it was added with one.</param>
/// <param name="Id">Number of the addition, counted from 0 over the life of the index.</param>
public sealed record IndexItem(string Key, string? Label, long Id)
{
    /// <summary>Its attributes, a JSON object, if it was added with some.</summary>
    public string? Attributes { get; init; }
}

/// <summary>Groups of near duplicates in an index, and how they were found.</summary>
/// <param name="Groups">Groups of two or more, items by id, groups by the id of their first.</param>
/// <param name="Explanation">How they were found.</param>
public sealed record IndexGroups(IReadOnlyList<IReadOnlyList<IndexItem>> Groups, JoinExplanation Explanation);
