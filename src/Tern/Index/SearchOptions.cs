using System.Text.Json.Serialization;
using Tern.Search;

namespace Tern.Index;

/// <summary>What to search for. All limits apply.</summary>
public sealed record SearchOptions
{
    /// <summary>The most results; null for all within the radius.</summary>
    public int? Top { get; init; } = 10;

    /// <summary>Passes over so many of the nearest first.</summary>
    public int Skip { get; init; }

    /// <summary>Largest Hamming distance (inclusive); null for any.</summary>
    public int? Within { get; init; }

    /// <summary>Which items may be found; null for all. As many are found as asked for, if they exist.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>Only the nearest item of each label; items without a label all count.</summary>
    public bool OnePerLabel { get; init; }

    /// <summary>
    /// Puts so many of the nearest, or as many as are asked for if those are more, into the order of their descriptors; null leaves them in the order of their codes. For an
    /// index that keeps descriptors.
    /// </summary>
    public int? RerankAmong { get; init; }

    /// <summary>The query's descriptor, made by the same network; only to re-rank.</summary>
    public ReadOnlyMemory<float> Descriptor { get; init; }

    /// <summary>How to go about it; null lets the planner choose. The answer does not depend on it.</summary>
    public SearchPlan? Plan { get; init; }

    /// <summary>How many threads one search may use; the answer does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How many of the nearest codes are needed.</summary>
    internal int? Candidates => Top is not >= 0 ? Top : (int)Math.Min(Math.Max((long)Top.Value + Skip, RerankAmong ?? 0), int.MaxValue);

    /// <exception cref="TernException">There are problems that the search itself does not see.</exception>
    internal void Require(DescriptorShape? kept)
    {
        if (Skip < 0)
            throw new TernException($"This cannot be searched for: skip: must be 0 or more; got {Skip}.");
        if (RerankAmong is null)
            return;
        if (RerankAmong < 1)
            throw new TernException($"This cannot be searched for: rerankAmong: must be at least 1; got {RerankAmong}.");
        if (kept is null)
            throw new TernException("The index keeps no descriptors to re-rank by; make one that does, or search without RerankAmong.");
        if (Descriptor.IsEmpty)
            throw new TernException("To re-rank, a search needs the query's descriptor.");
    }
}

/// <summary>One answer.</summary>
/// <param name="Key">The item's key.</param>
/// <param name="Label">Its label, if it was added with one.</param>
/// <param name="Distance">Hamming distance from the query.</param>
/// <param name="Id">Number of the addition, counted from 0 over the life of the index; equal distances are ordered by it.</param>
public sealed record SearchResult(string Key, string? Label, int Distance, long Id)
{
    /// <summary>Its attributes, a JSON object, if it was added with some.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Attributes { get; init; }

    /// <summary>Of its descriptor and the query's, where the search was to re-rank.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? Cosine { get; init; }
}
