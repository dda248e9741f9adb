using System.Collections.Concurrent;
using System.Numerics;
using Tern.Training.Data;

namespace Tern.Training.Losses;

/// <summary>A code for each class, far from the codes of the other classes.</summary>
/// <remarks>
/// Yuan et al., CVPR 2020: the rows of a Hadamard matrix H, K/2 apart from each other, where K is a power of two and there are at most K classes;
/// with the rows of -H, up to 2K classes; else draws from Bernoulli(1/2). Departure: each drawn centre is the one of a thousand draws
/// that is farthest from its nearest among those already chosen, where the authors draw whole sets until one is good enough; of fewer draws beyond 316 classes.
/// </remarks>
internal static class HashCentres
{
    private const int MostTries = 1000, FewestTries = 10, WordBits = 64;
    private const long MostComparisons = 100_000_000;

    private static readonly ConcurrentDictionary<(int, int, ulong), float[]?> Made = new();

    /// <summary>[classes, bits] of -1 and +1, the same for the same arguments.</summary>
    /// <exception cref="TernException">Two classes would share a code.</exception>
    public static float[] Of(int classes, int bits, ulong seed) => Find(classes, bits, seed)
        ?? throw new TernException($"csq: no {classes} different codes of {bits} bits were found, one for each class: use more bits, or another objective such as dshPairs");

    /// <summary>The same, or null where two classes would share a code.</summary>
    public static float[]? Find(int classes, int bits, ulong seed) => Made.GetOrAdd((classes, bits, seed), _ =>
        BitOperations.IsPow2(bits) && classes <= 2 * bits ? Hadamard(classes, bits) : Draw(classes, bits, Randomness.Of(seed, (ulong)classes, (ulong)bits)));

    /// <summary>-1 or +1 for each bit: how the bit of a picture is settled half of whose labels want the one and half the other.</summary>
    public static float[] TieBreak(int bits, ulong seed)
    {
        Randomness random = Randomness.Of(seed, 0, (ulong)bits);
        return [.. Enumerable.Range(0, bits).Select(_ => random.NextInt(2) * 2f - 1)];
    }

    /// <summary>Sylvester's matrix: the entry at (i, j) is -1 where i and j share an odd number of bits.</summary>
    private static float[] Hadamard(int classes, int bits) =>
    [
        .. from row in Enumerable.Range(0, classes)
           from column in Enumerable.Range(0, bits)
           select (BitOperations.PopCount((uint)(row % bits & column)) % 2 == 0) == (row < bits) ? 1f : -1f
    ];

    private static float[]? Draw(int classes, int bits, Randomness random)
    {
        var chosen = new List<ulong[]>();
        long tries = Math.Clamp(MostComparisons / ((long)classes * classes), FewestTries, MostTries);
        while (chosen.Count < classes)
        {
            (ulong[] best, int distance) = ([], -1);
            for (int i = 0; i < tries && (i == 0 || chosen.Count > 0); i++)
            {
                ulong[] drawn = Code(bits, ref random);
                int nearest = chosen.Count == 0 ? bits : chosen.Min(other => Distance(other, drawn));
                if (nearest > distance) (best, distance) = (drawn, nearest);
            }
            if (distance == 0) return null;
            chosen.Add(best);
        }
        return [.. chosen.SelectMany(code => Enumerable.Range(0, bits).Select(k => (code[k / WordBits] >> k % WordBits & 1) == 1 ? 1f : -1f))];
    }

    private static ulong[] Code(int bits, ref Randomness random)
    {
        var words = new ulong[(bits + WordBits - 1) / WordBits];
        for (int i = 0; i < words.Length; i++) words[i] = random.Next();
        if (bits % WordBits != 0) words[^1] &= (1UL << bits % WordBits) - 1;
        return words;
    }

    private static int Distance(ulong[] a, ulong[] b)
    {
        int distance = 0;
        for (int i = 0; i < a.Length; i++) distance += BitOperations.PopCount(a[i] ^ b[i]);
        return distance;
    }
}
