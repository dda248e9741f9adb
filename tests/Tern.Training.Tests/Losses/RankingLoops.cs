using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

/// <summary>The ranking losses a picture and a pair at a time, in plain doubles.</summary>
internal sealed class RankingLoops(double[] points, int dimensions, bool[,] similar)
{
    private int Count => similar.GetLength(0);

    private IEnumerable<int> All => Enumerable.Range(0, Count);

    private IEnumerable<int> Anchors => All.Where(a => Positives(a).Any() && Negatives(a).Any());

    public RankingLoops OnSphere() => new([.. points.Select((x, i) => x / Math.Sqrt(Row(i / dimensions).Sum(y => y * y)))], dimensions, similar);

    public double BatchHard(double? margin) =>
        MeanOrZero(Anchors.Select(a => Cost(Positives(a).Max(p => Distance(a, p)) - Negatives(a).Min(n => Distance(a, n)), margin)));

    public double SemiHard(double margin)
    {
        var costs = new List<double>();
        foreach (int a in Anchors)
            foreach (int p in Positives(a))
            {
                double[] negatives = [.. Negatives(a).Select(n => Squared(a, n))];
                double[] farther = [.. negatives.Where(squared => squared > Squared(a, p))];
                costs.Add(Cost(Squared(a, p) - (farther.Length > 0 ? farther.Min() : negatives.Max()), margin));
            }
        return MeanOrZero(costs);
    }

    public double PointToSet(Func<double, double> positiveWeight, Func<double, double> negativeWeight, double? margin)
    {
        double ToSet(int a, IEnumerable<int> set, Func<double, double> weight) => set.Sum(j => weight(Distance(a, j)) * Distance(a, j)) / set.Sum(j => weight(Distance(a, j)));
        return MeanOrZero(Anchors.Select(a => Cost(ToSet(a, Positives(a), positiveWeight) - ToSet(a, Negatives(a), negativeWeight), margin)));
    }

    public double Contrastive(double margin, double positiveMargin)
    {
        (int I, int J)[] pairs = [.. from i in All from j in All where i < j select (i, j)];
        return MeanOrZero(pairs.Where(pair => similar[pair.I, pair.J]).Select(pair => Math.Pow(Math.Max(0, Distance(pair.I, pair.J) - positiveMargin), 2) / 2))
            + MeanOrZero(pairs.Where(pair => !similar[pair.I, pair.J]).Select(pair => Math.Pow(Math.Max(0, margin - Distance(pair.I, pair.J)), 2) / 2));
    }

    /// <param name="positives">Places i N + j.</param>
    /// <param name="negatives">The same.</param>
    public double Margin(long[] positives, long[] negatives, double margin, double beta)
    {
        double At(long place) => Distance((int)(place / Count), (int)(place % Count));
        double[] costs = [.. positives.Select(place => Math.Max(0, margin + At(place) - beta)), .. negatives.Select(place => Math.Max(0, margin + beta - At(place)))];
        return costs.Sum() / Math.Max(1, costs.Count(cost => cost > 0));
    }

    private IEnumerable<int> Positives(int a) => All.Where(j => j != a && similar[a, j]);

    private IEnumerable<int> Negatives(int a) => All.Where(j => j != a && !similar[a, j]);

    private double[] Row(int i) => points[(i * dimensions)..((i + 1) * dimensions)];

    private double Squared(int i, int j) => Row(i).Zip(Row(j), (x, y) => (x - y) * (x - y)).Sum();

    private double Distance(int i, int j) => Math.Sqrt(Squared(i, j));

    private static double Cost(double violation, double? margin) => margin is { } m ? Math.Max(0, violation + m) : Math.Log(1 + Math.Exp(violation));

    private static double MeanOrZero(IEnumerable<double> values) => values.DefaultIfEmpty().Average();
}

/// <summary>A drawn batch: 1 to 11 pictures of 2 to 6 dimensions with none, one or several of up to three labels.</summary>
internal sealed record RankingCase(double[] Points, int Dimensions, float[] Targets, int Classes)
{
    public int Count => Points.Length / Dimensions;

    public RankingLoops Loops
    {
        get
        {
            var similar = new bool[Count, Count];
            for (int i = 0; i < Count; i++)
                for (int j = 0; j < Count; j++)
                    similar[i, j] = Enumerable.Range(0, Classes).Any(c => Targets[i * Classes + c] == 1 && Targets[j * Classes + c] == 1);
            return new RankingLoops(Points, Dimensions, similar);
        }
    }

    public static RankingCase Draw(int seed)
    {
        var random = new Random(seed);
        (int count, int dimensions, int classes) = (random.Next(1, 12), random.Next(2, 7), random.Next(1, 4));
        return new RankingCase(FiniteDifferences.Draw(count * dimensions, seed), dimensions, [.. Enumerable.Range(0, count * classes).Select(_ => random.NextDouble() < 0.4 ? 1f : 0f)], classes);
    }

    /// <summary>The same pictures in another order.</summary>
    public RankingCase Permuted(int[] order) => this with
    {
        Points = [.. order.SelectMany(i => Points[(i * Dimensions)..((i + 1) * Dimensions)])],
        Targets = [.. order.SelectMany(i => Targets[(i * Classes)..((i + 1) * Classes)])],
    };

    public LossInput Input()
    {
        Tensor embedding = Tensor.From(Points, Count, Dimensions);
        return new LossInput(new NetworkOutput(embedding, embedding, Tensor.Zeros([Count, Classes])), Tensor.From(new long[Count]))
        {
            Targets = Tensor.From(Targets, Count, Classes), Randomness = Randomness.Of(7),
        };
    }
}
