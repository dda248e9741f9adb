namespace Tern.Training.Reports;

/// <summary>Embeddings on a sheet of paper: their two directions of largest variance (principal component analysis).</summary>
/// <remarks>Orthogonal iteration on the centred rows, the covariance never being written out: two products a round.</remarks>
public static class PrincipalAxes
{
    private const int Rounds = 100;
    private const double Settled = 1e-9;

    /// <summary>Coordinates of each row and the share of the variance that each of the two axes holds.</summary>
    /// <param name="rows">[N, <paramref name="dimensions"/>], row-major.</param>
    public static ((double X, double Y)[] Points, double ShareOfX, double ShareOfY) Of(ReadOnlyMemory<float> rows, int dimensions)
    {
        int count = rows.Length / dimensions;
        double[][] centred = Centred(rows.Span, count, dimensions);
        double whole = centred.Sum(row => Dot(row, row));
        if (whole == 0) return (new (double, double)[count], 0, 0);
        double[][] axes = [Start(dimensions, 1), Start(dimensions, 2)];
        double before = 0;
        for (int round = 0; round < Rounds; round++)
        {
            axes = Array.ConvertAll(axes, axis => Turned(centred, axis));
            double held = Orthonormalize(axes);
            if (Math.Abs(held - before) <= Settled * held) break;
            before = held;
        }
        (double X, double Y)[] points = Array.ConvertAll(centred, row => (Dot(row, axes[0]), Dot(row, axes[1])));
        return (points, points.Sum(point => point.X * point.X) / whole, points.Sum(point => point.Y * point.Y) / whole);
    }

    private static double[][] Centred(ReadOnlySpan<float> rows, int count, int dimensions)
    {
        var mean = new double[dimensions];
        for (int i = 0; i < rows.Length; i++) mean[i % dimensions] += (double)rows[i] / count;
        var centred = new double[count][];
        for (int row = 0; row < count; row++)
        {
            centred[row] = new double[dimensions];
            for (int d = 0; d < dimensions; d++) centred[row][d] = rows[row * dimensions + d] - mean[d];
        }
        return centred;
    }

    /// <summary>Any direction will do that is not orthogonal to the axes; these are the same on every machine.</summary>
    private static double[] Start(int dimensions, int number) => [.. Enumerable.Range(1, dimensions).Select(d => Math.Sin(d * (number + 0.37)))];

    /// <summary>X' X v.</summary>
    private static double[] Turned(double[][] rows, double[] axis)
    {
        var turned = new double[axis.Length];
        foreach (double[] row in rows)
        {
            double along = Dot(row, axis);
            for (int d = 0; d < turned.Length; d++) turned[d] += along * row[d];
        }
        return turned;
    }

    /// <summary>Makes the axes orthogonal and of length 1; returns the sum of the lengths they had: how much they hold. An axis without any length stays one of zeros.</summary>
    private static double Orthonormalize(double[][] axes)
    {
        double held = 0;
        for (int i = 0; i < axes.Length; i++)
        {
            for (int other = 0; other < i; other++)
            {
                double along = Dot(axes[i], axes[other]);
                for (int d = 0; d < axes[i].Length; d++) axes[i][d] -= along * axes[other][d];
            }
            double length = Math.Sqrt(Dot(axes[i], axes[i]));
            held += length;
            for (int d = 0; d < axes[i].Length; d++) axes[i][d] = length > 0 ? axes[i][d] / length : 0;
        }
        return held;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
