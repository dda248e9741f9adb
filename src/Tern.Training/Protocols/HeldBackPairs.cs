using Tern.Evaluation;
using Tern.Training.Data;

namespace Tern.Training.Protocols;

/// <summary>
/// Pairs of held-back pictures: every picture with another one of its class, where there is one, and with one of another class. What a threshold is chosen on where
/// the pairs reported on are of one fold: nobody in them is learned from, and nobody is tested.
/// </summary>
internal static class HeldBackPairs
{
    private const ulong DrawSeed = 1, Draw = 0xfacade;

    /// <summary>The same for the same labels.</summary>
    public static VerificationPair[] Of(Labels labels)
    {
        Randomness random = Randomness.Of(DrawSeed, Draw);
        ILookup<int, int> members = labels.Carriers();
        var pairs = new List<VerificationPair>();
        for (int i = 0; i < labels.Count; i++)
        {
            int[] like = [.. members[labels[i]].Where(other => other != i)], unlike = [.. Enumerable.Range(0, labels.Count).Where(other => labels[other] != labels[i])];
            if (like.Length > 0) pairs.Add(new VerificationPair(i, like[random.NextInt(like.Length)], Same: true));
            pairs.Add(new VerificationPair(i, unlike[random.NextInt(unlike.Length)], Same: false));
        }
        return [.. pairs];
    }
}
