using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>Pairs of test pictures that are to be told the same or different.</summary>
/// <param name="Name">What the list is called beside its numbers: view1, view2, view2/fold 3, or the name of its file.</param>
/// <param name="Pairs">By positions among the test pictures.</param>
public sealed record PairSet(string Name, IReadOnlyList<VerificationPair> Pairs)
{
    /// <summary>How many folds the pairs stand in.</summary>
    public int Folds => Pairs.Select(pair => pair.Fold).Distinct().Count();

    /// <summary>The pairs both of whose pictures could be read, by positions among those that could.</summary>
    /// <param name="all">The pictures the positions are of.</param>
    /// <param name="read">Those of them that could be read.</param>
    public PairSet Among(ImageSet all, PixelStore read)
    {
        if (read.Count == all.Count) return this;
        Dictionary<string, int> places = read.Names.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        int Place(int position) => places.GetValueOrDefault(all.Name(position), -1);
        return this with
        {
            Pairs = [.. Pairs.Select(pair => pair with { First = Place(pair.First), Second = Place(pair.Second) }).Where(pair => pair is { First: >= 0, Second: >= 0 })],
        };
    }
}
