namespace Tern.Evaluation;

/// <summary>Gallery items equally far from a query: how many, and how many of them are relevant.</summary>
internal readonly record struct TieGroup(int Total, int Relevant);

/// <summary>One query's ranking, as much of it as the metrics need.</summary>
/// <param name="Groups">Tie groups from the nearest to the farthest; for codes group d holds distance d and may be empty.</param>
/// <param name="LegacyRanks">Ranks (from 1, ascending) of the relevant items with ties in gallery order; empty unless asked for.</param>
internal readonly ref struct QueryRanking(ReadOnlySpan<TieGroup> Groups, ReadOnlySpan<int> LegacyRanks)
{
    public ReadOnlySpan<TieGroup> Groups { get; } = Groups;

    public ReadOnlySpan<int> LegacyRanks { get; } = LegacyRanks;

    public int Total { get; } = Sum(Groups, group => group.Total);

    public int Relevant { get; } = Sum(Groups, group => group.Relevant);

    private static int Sum(ReadOnlySpan<TieGroup> groups, Func<TieGroup, int> size)
    {
        int sum = 0;
        foreach (TieGroup group in groups)
            sum += size(group);
        return sum;
    }
}
