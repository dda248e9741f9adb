namespace Tern.Evaluation;

/// <summary>What a threshold does: all pairs up to a distance are called the same.</summary>
/// <param name="Distance">The largest distance that is called the same; null for the point where nothing is.</param>
/// <param name="FalsePositiveRate">Share of the different pairs that are called the same.</param>
/// <param name="TruePositiveRate">Share of the same pairs that are called the same.</param>
public sealed record RocPoint(double? Distance, double FalsePositiveRate, double TruePositiveRate);

/// <summary>What thresholds can do, from calling nothing the same to calling everything the same. Pairs at one distance are called alike.</summary>
/// <param name="Points">In order of distance, from (0, 0) to (1, 1). Points within a straight run across or upwards, which say nothing more, are left out.</param>
public sealed record RocCurve(IReadOnlyList<RocPoint> Points)
{
    /// <summary>The rate at which as large a share of different pairs is called the same as of same pairs different. Where no threshold makes them
    /// equal, on the straight line between the two points around: what drawing lots between their thresholds gives.</summary>
    public double EqualErrorRate
    {
        get
        {
            for (int i = 1; i < Points.Count; i++)
            {
                double before = Excess(Points[i - 1]), after = Excess(Points[i]);
                if (after < 0)
                    continue;
                double part = before / (before - after); // before < 0 <= after
                return Points[i - 1].FalsePositiveRate + part * (Points[i].FalsePositiveRate - Points[i - 1].FalsePositiveRate);
            }
            return 1; // not reached: the last point is (1, 1)
        }
    }

    /// <summary>The area below the curve: the chance that a same pair is nearer than a different one, a tie counting one half.</summary>
    public double AreaUnderCurve => Enumerable.Range(1, Points.Count - 1).Sum(i =>
        (Points[i].FalsePositiveRate - Points[i - 1].FalsePositiveRate) * (Points[i].TruePositiveRate + Points[i - 1].TruePositiveRate) / 2);

    /// <summary>The largest true positive rate of a threshold whose false positive rate is at most <paramref name="falsePositiveRate"/>. Nothing is
    /// interpolated: a threshold can do it.</summary>
    public double TruePositiveRateAt(double falsePositiveRate) =>
        Points.Where(point => point.FalsePositiveRate <= falsePositiveRate).Max(point => point.TruePositiveRate);

    internal static RocCurve Of(IReadOnlyList<PairLevel> levels)
    {
        double same = levels.Sum(level => level.Same), different = levels.Sum(level => level.Different);
        List<RocPoint> points = [new(null, 0, 0)];
        int sameSoFar = 0, differentSoFar = 0;
        foreach (PairLevel level in levels)
        {
            sameSoFar += level.Same;
            differentSoFar += level.Different;
            RocPoint point = new(level.Distance, differentSoFar / different, sameSoFar / same);
            if (points.Count > 1 && IsStraight(points[^2], points[^1], point))
                points[^1] = point;
            else
                points.Add(point);
        }
        return new RocCurve(points);
    }

    private static bool IsStraight(RocPoint a, RocPoint b, RocPoint c) =>
        (a.FalsePositiveRate == b.FalsePositiveRate && b.FalsePositiveRate == c.FalsePositiveRate)
        || (a.TruePositiveRate == b.TruePositiveRate && b.TruePositiveRate == c.TruePositiveRate);

    // False positives beyond false negatives: -1 at (0, 0), 1 at (1, 1), never falling.
    private static double Excess(RocPoint point) => point.FalsePositiveRate - (1 - point.TruePositiveRate);
}
