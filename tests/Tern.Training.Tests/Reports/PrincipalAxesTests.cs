using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

public sealed class PrincipalAxesTests
{
    /// <summary>Points of a cross in a plane of three dimensions: variances 2 * 9 / 4 along (0, 3, 4) / 5 and 2 * 1 / 4 along (1, 0, 0), so 0.9 and 0.1 of the whole.</summary>
    [Fact]
    public void The_axes_of_a_cross_are_its_arms_the_longer_first()
    {
        float[] rows = [7, 1.8f, 2.4f, 7, -1.8f, -2.4f, 8, 0, 0, 6, 0, 0];
        ((double X, double Y)[] points, double x, double y) = PrincipalAxes.Of(rows, 3);
        Assert.Equal(0.9, x, 1e-6);
        Assert.Equal(0.1, y, 1e-6);
        Assert.Equal([3, 3, 0, 0], points.Select(point => Math.Round(Math.Abs(point.X), 5)));
        Assert.Equal([0, 0, 1, 1], points.Select(point => Math.Round(Math.Abs(point.Y), 5)));
        Assert.Equal(points[0].X, -points[1].X, 1e-6);
    }

    [Fact]
    public void No_other_pair_of_directions_holds_more()
    {
        const int Dimensions = 6, Count = 50;
        var random = new Random(3);
        float[] rows = [.. Enumerable.Range(0, Count * Dimensions).Select(i => (float)((random.NextDouble() - 0.5) * (1 + i % Dimensions)))];
        (_, double x, double y) = PrincipalAxes.Of(rows, Dimensions);
        Assert.True(x >= y);
        for (int trial = 0; trial < 200; trial++)
        {
            double[] a = Direction(random, []), b = Direction(random, [a]);
            Assert.True(Share(rows, a) + Share(rows, b) <= x + y + 1e-9);
            Assert.True(Share(rows, a) <= x + 1e-9);
        }

        double[] Direction(Random from, double[][] orthogonalTo)
        {
            double[] direction = [.. Enumerable.Range(0, Dimensions).Select(_ => from.NextDouble() - 0.5)];
            foreach (double[] other in orthogonalTo)
            {
                double along = direction.Zip(other, (p, q) => p * q).Sum();
                direction = [.. direction.Zip(other, (p, q) => p - along * q)];
            }
            double length = Math.Sqrt(direction.Sum(value => value * value));
            return [.. direction.Select(value => value / length)];
        }

        double Share(float[] all, double[] direction)
        {
            double[] means = [.. Enumerable.Range(0, Dimensions).Select(d => Enumerable.Range(0, Count).Average(i => all[i * Dimensions + d]))];
            double whole = all.Select((value, i) => Math.Pow(value - means[i % Dimensions], 2)).Sum();
            return Enumerable.Range(0, Count).Sum(i => Math.Pow(Enumerable.Range(0, Dimensions).Sum(d => (all[i * Dimensions + d] - means[d]) * direction[d]), 2)) / whole;
        }
    }

    [Fact]
    public void Rows_that_are_all_the_same_lie_at_the_origin() =>
        Assert.Equal([(0, 0), (0, 0)], PrincipalAxes.Of(new float[] { 1, 2, 3, 1, 2, 3 }, 3).Points);
}
