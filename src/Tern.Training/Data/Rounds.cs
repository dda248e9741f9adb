namespace Tern.Training.Data;

/// <summary>
/// Groups of items drawn in rounds without end: a round is a random order of all items, and the next begins where it ends, within a group too. So no item is
/// drawn again before all are drawn, and a group holds an item twice only where there are fewer items than places. Group i is a function of the arguments alone.
/// </summary>
/// <param name="count">Items, at least 1.</param>
/// <param name="size">Places of a group, at least 1.</param>
/// <param name="key">Tells apart the sequences of one seed.</param>
internal sealed class Rounds(int count, int size, ulong seed, ulong key)
{
    /// <summary>After so many groups a round ends with a group: the past no longer matters.</summary>
    public long Cycle { get; } = count / GreatestCommonDivisor(count, size);

    /// <summary>Groups first, first + 1, and so on: items are numbers from 0.</summary>
    public IEnumerable<int[]> From(long first)
    {
        long group = first - first % Cycle;
        ulong round = (ulong)(group * size / count);
        var waiting = new List<int>(count);                                              // of this round, taken from the end
        for (; ; group++)
        {
            var members = new List<int>(size);
            while (members.Count < size)
            {
                if (waiting.Count == 0) waiting.AddRange(Randomness.Of(seed, key, round++).Permutation(count));
                int next = waiting.FindLastIndex(item => !members.Contains(item));
                if (next < 0) next = waiting.Count - 1;                                  // fewer items than places
                members.Add(waiting[next]);
                waiting.RemoveAt(next);
            }
            if (group >= first) yield return [.. members];
        }
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
