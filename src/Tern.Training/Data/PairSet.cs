using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>Pairs of test pictures that are to be told the same or different.</summary>
/// <param name="Name">What the list is called beside its numbers: view1, view2, view2-fold3, or the name of its file.</param>
/// <param name="Pairs">By positions among the test pictures.</param>
public sealed record PairSet(string Name, IReadOnlyList<VerificationPair> Pairs)
{
    /// <summary>How many folds the pairs stand in.</summary>
    public int Folds => Pairs.Select(pair => pair.Fold).Distinct().Count();

    /// <summary>Every pair as text: what a split's fingerprint takes in.</summary>
    public string Text => $"{Name}\n{string.Join('\n', Pairs.Select(pair => $"{pair.First} {pair.Second} {(pair.Same ? 1 : 0)} {pair.Fold}"))}";

    /// <summary>The pairs both of whose pictures could be read, by positions among those that could.</summary>
    public PairSet Among(PixelStore read)
    {
        Dictionary<int, int> places = read.Positions.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return this with
        {
            Pairs =
            [
                .. Pairs.Where(pair => places.ContainsKey(pair.First) && places.ContainsKey(pair.Second))
                    .Select(pair => pair with { First = places[pair.First], Second = places[pair.Second] }),
            ],
        };
    }
}
