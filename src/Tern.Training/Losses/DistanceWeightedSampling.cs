using Tern.Torch;
using Tern.Training.Data;

namespace Tern.Training.Losses;

/// <summary>Draws a negative for each pair of a class so that all distances are equally likely, where even draws would give almost only the commonest.</summary>
/// <remarks>
/// Wu et al., ICCV 2017: between points spread evenly over the unit sphere of R^n, distances have the density q(d) ~ d^(n-2) (1 - d^2/4)^((n-3)/2), so a negative
/// at distance d has the weight 1 / q(d). As in the public code, d counts as 0.5 where it is smaller, negatives at 1.4 and beyond, which cost nothing, have weight
/// 0, and an anchor with no others draws evenly. Departures: weights are divided by the largest of their own row. For n = 1536, ln w runs from 1112.8 at 0.5 to
/// -0.3 at 1.41: divided by the largest of the batch, as there, whole rows become 0. And n is the paper's 128 at most: for 1536 distances of 0.90 and 0.95 differ e^60 times in
/// weight, so that the nearest negative above 0.5 would always be drawn.
/// </remarks>
internal static class DistanceWeightedSampling
{
    private const double Nearest = 0.5, Farthest = 1.4;
    private const int MostDimensions = 128;

    /// <summary>For each ordered pair of a class whose anchor has negatives, the pair and a negative of its anchor: places in the flattened [N, N].</summary>
    public static (long[] Positives, long[] Negatives) Draw(BatchPairs pairs, int dimensions, Randomness random)
    {
        int count = (int)pairs.Distance.Shape[0];
        double[] distance = pairs.Distance.Detach().To(DType.Float64).ToArray<double>();
        bool[] positive = pairs.Positive.ToArray<bool>(), negative = pairs.Negative.ToArray<bool>();
        var (positives, negatives) = (new List<long>(), new List<long>());
        for (int anchor = 0; anchor < count; anchor++)
        {
            int[] row = [.. Enumerable.Range(anchor * count, count)];
            int[] near = [.. row.Where(place => positive[place])], far = [.. row.Where(place => negative[place])];
            if (near.Length == 0 || far.Length == 0) continue;
            double[] weights = Weights([.. far.Select(place => distance[place])], Math.Min(dimensions, MostDimensions));
            foreach (int place in near)
            {
                positives.Add(place);
                negatives.Add(far[Pick(weights, ref random)]);
            }
        }
        return ([.. positives], [.. negatives]);
    }

    /// <summary>ln 1 / q(d), up to a constant, for d below 2.</summary>
    public static double LogWeight(double distance, int dimensions)
    {
        double d = Math.Max(distance, Nearest);
        return (2.0 - dimensions) * Math.Log(d) - (dimensions - 3) / 2.0 * Math.Log(1 - d * d / 4);
    }

    /// <summary>The weights of an anchor's negatives at these distances, the largest being 1.</summary>
    public static double[] Weights(double[] distances, int dimensions)
    {
        double[] logs = Array.ConvertAll(distances, d => d < Farthest ? LogWeight(d, dimensions) : double.NegativeInfinity);
        double largest = logs.Max();
        return Array.ConvertAll(logs, log => double.IsNegativeInfinity(largest) ? 1 : Math.Exp(log - largest));
    }

    private static int Pick(double[] weights, ref Randomness random)
    {
        double left = random.NextDouble() * weights.Sum();
        for (int i = 0; i < weights.Length; i++)
            if ((left -= weights[i]) < 0) return i;
        return Array.FindLastIndex(weights, weight => weight > 0);                                     // rounding left a crumb
    }
}
