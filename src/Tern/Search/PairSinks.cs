namespace Tern.Search;

/// <summary>Takes pairs of different codes, given as postings. Each thread has its own.</summary>
internal interface IPairSink
{
    void Add(uint one, uint other, int distance);
}

/// <summary>Keeps the pairs.</summary>
internal sealed class PairList : IPairSink
{
    public List<(uint One, uint Other, int Distance)> Pairs { get; } = [];

    public void Add(uint one, uint other, int distance) => Pairs.Add((one, other, distance));
}

/// <summary>Keeps only what the pairs connect: a forest whose trees are groups. A code stands at its first row.</summary>
internal sealed class Forest(EqualCodes equal, int rows) : IPairSink
{
    private readonly int[] parents = [.. Enumerable.Range(0, rows)];

    public void Add(uint one, uint other, int distance) => Connect(equal.FirstRow(one), equal.FirstRow(other));

    /// <summary>The lowest row of a row's group.</summary>
    public int RootOf(int row)
    {
        while (parents[row] != row)
            row = parents[row] = parents[parents[row]];
        return row;
    }

    /// <summary>Takes over the connections of another.</summary>
    public void Take(Forest other)
    {
        for (int row = 0; row < parents.Length; row++)
            if (other.parents[row] != row)
                Connect(row, other.parents[row]);
    }

    private void Connect(int one, int other)
    {
        (one, other) = (RootOf(one), RootOf(other));
        parents[Math.Max(one, other)] = Math.Min(one, other);
    }
}
