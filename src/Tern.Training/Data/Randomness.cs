namespace Tern.Training.Data;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): a sequence that is a function of its key alone. Keyed by (seed, epoch, picture) it makes every
/// picture's augmentation independent of threads, of order, and of where a run was resumed.
/// </summary>
public struct Randomness(ulong key)
{
    private const ulong Golden = 0x9e3779b97f4a7c15;
    private ulong state = key;

    /// <summary>The sequence of these numbers.</summary>
    public static Randomness Of(ulong seed, ulong a = 0, ulong b = 0) => new(Mix(Mix(Mix(seed + Golden) ^ a) + Golden ^ b));

    /// <summary>64 even bits.</summary>
    public ulong Next() => Mix(state += Golden);

    /// <summary>Even in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Even in [0, limit).</summary>
    public int NextInt(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>0, 1, ..., count - 1 in an even random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
