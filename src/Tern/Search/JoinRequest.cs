namespace Tern.Search;

/// <summary>How to look for pairs of near codes within a collection.</summary>
public sealed record JoinRequest
{
    /// <summary>
    /// How many codes of a bucket, or copies of a code, one code is paired with; null: all, and the answer is exact. Pictures without content crowd into few buckets, and
    /// pairs grow with the square of a crowd; the answer says how many comparisons a cap left out.
    /// </summary>
    public int? Cap { get; init; }

    /// <summary>Which items to pair; null for all.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>How to go about it; null lets the planner choose. Exact answers do not depend on it.</summary>
    public SearchPlan? Plan { get; init; }

    /// <summary>How many threads may work; the answer does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What is wrong with it.</summary>
    public IEnumerable<string> Problems()
    {
        if (Cap < 1)
            yield return $"cap: must be at least 1, or null for no cap; got {Cap}";
        if (Threads < 1)
            yield return $"threads: must be at least 1; got {Threads}";
        if (Plan is not (null or SearchPlan.Scan or SearchPlan.Hashing))
            yield return $"plan: must be Scan, Hashing or null; got {Plan}";
    }

    /// <exception cref="TernException">There are problems, or the radius is negative.</exception>
    internal void Require(int radius)
    {
        string problems = string.Join("; ", radius < 0 ? Problems().Prepend($"radius: must be 0 or more; got {radius}") : Problems());
        if (problems.Length > 0)
            throw new TernException($"Near codes cannot be paired: {problems}.");
    }
}
