using Tern.Torch;

namespace Tern.Training.Tests;

/// <summary>Derivatives by (f(x + e) - f(x - e)) / 2e in double precision: what autograd must agree with.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-5;

    /// <summary>Compares the autograd gradient of a scalar function with differences at every element of <paramref name="point"/>.</summary>
    public static void Check(double[] point, long[] shape, Func<Tensor, Tensor> function, double tolerance = 1e-7)
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.From(point, shape);
        x.RequiresGrad = true;
        function(x).Backward();
        double[] gradient = x.Gradient!.ToArray<double>();
        for (int i = 0; i < point.Length; i++)
        {
            double Value(double change)
            {
                using var inner = new TensorScope();
                double[] moved = [.. point];
                moved[i] += change;
                return function(Tensor.From(moved, shape)).Item();
            }
            Assert.Equal((Value(Step) - Value(-Step)) / (2 * Step), gradient[i], tolerance);
        }
    }

    /// <summary>Draws from N(0, 1), the same for the same seed.</summary>
    public static double[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }
}
