namespace Tern.Search;

/// <summary>Two codes near each other.</summary>
/// <param name="One">The position of one.</param>
/// <param name="Other">The position of the other, which is higher.</param>
/// <param name="Distance">Their Hamming distance.</param>
public readonly record struct NearPair(long One, long Other, int Distance);

/// <summary>Pairs of near codes.</summary>
/// <param name="Pairs">By the position of one, then of the other.</param>
/// <param name="Explanation">How they were found.</param>
public sealed record PairAnswer(IReadOnlyList<NearPair> Pairs, JoinExplanation Explanation);

/// <summary>Groups of near duplicates.</summary>
/// <param name="Groups">Positions, ascending within a group; groups of two or more, by their first position.</param>
/// <param name="Explanation">How they were found.</param>
public sealed record GroupAnswer(IReadOnlyList<IReadOnlyList<long>> Groups, JoinExplanation Explanation);

/// <summary>What a search for near pairs did.</summary>
public sealed record JoinExplanation
{
    /// <summary>Scan: every code was compared with every other; Hashing: with those in near buckets.</summary>
    public required SearchPlan Plan { get; init; }

    /// <summary>Different codes in the collection; copies are not compared.</summary>
    public long Codes { get; init; }

    /// <summary>Chunks that a code is cut into, a hash table each; 0 for a scan.</summary>
    public int Chunks { get; init; }

    /// <summary>Comparisons of two codes.</summary>
    public long Comparisons { get; init; }

    /// <summary>Comparisons, and pairs of copies, that the cap left out. While 0 the answer is exact.</summary>
    public long LeftOut { get; init; }
}
