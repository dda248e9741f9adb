namespace Tern.Evaluation;

/// <summary>What to do with gallery items that are equally far from the query.</summary>
public enum Ties
{
    /// <summary>The mean over all orders of the tied items.</summary>
    Expected,

    /// <summary>By position in the gallery, as a stable sort leaves them: the literature's habit. The number then depends on the
    /// gallery's order.</summary>
    Legacy,
}

/// <summary>What average precision is divided by when the ranking is cut off after N items.</summary>
public enum CutoffDenominator
{
    /// <summary>min(N, relevant items in the gallery): what could have been found.</summary>
    Possible,

    /// <summary>The relevant items among the first N (0 if none): the habit of the hashing literature.</summary>
    Found,
}

/// <summary>How a retrieval evaluation is done. Part of a number's protocol.</summary>
public sealed record RetrievalOptions
{
    /// <summary>Query i is gallery item i and is left out of its own ranking (leave one out).</summary>
    public bool ExcludeSelf { get; init; }

    /// <summary>How ties count.</summary>
    public Ties Ties { get; init; } = Ties.Expected;

    /// <summary>N of mAP@N: only the first N items of a ranking count; null ranks the whole gallery.</summary>
    public int? Cutoff { get; init; }

    /// <summary>Denominator of mAP@N; without a cut-off both mean the number of relevant items in the gallery.</summary>
    public CutoffDenominator Denominator { get; init; } = CutoffDenominator.Possible;

    /// <summary>The K of Recall@K and Precision@K.</summary>
    public IReadOnlyList<int> TopK { get; init; } = [1, 2, 4, 8];

    /// <summary>How many threads may work; the result is the same for any number.</summary>
    public int Threads { get; init; } = 1;

    internal void Require()
    {
        if (Cutoff < 1)
            throw new TernException($"The cut-off must be at least 1; got {Cutoff}.");
        if (Threads < 1)
            throw new TernException($"threads must be at least 1; got {Threads}.");
        foreach (int k in TopK)
            if (k < 1)
                throw new TernException($"Every K must be at least 1; got {k}.");
    }
}
