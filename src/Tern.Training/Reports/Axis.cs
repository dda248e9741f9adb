using System.Globalization;

namespace Tern.Training.Reports;

/// <summary>One direction of a chart, with a tick at every multiple of the step.</summary>
internal sealed record Axis(string Label, double From, double To, double Step)
{
    /// <summary>0 to 1 in fifths.</summary>
    public static Axis Share(string label) => new(label, 0, 1, 0.2);

    /// <summary>Round numbers that hold the values; about five steps; steps of at least <paramref name="leastStep"/>.</summary>
    public static Axis Around(string label, IEnumerable<double> values, double leastStep = 0)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        (double low, double high) = finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low <= size * 1e-6) (low, high) = (low - Math.Max(leastStep, Math.Abs(low) * 0.1), high + Math.Max(leastStep, Math.Abs(high) * 0.1));
        if (high - low <= size * 1e-6) high = low + 1;
        double step = Math.Max(leastStep, RoundStep((high - low) / 5));
        return new Axis(label, Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step, step);
    }

    /// <summary>The multiples of the step from one end to the other.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            (double first, double last) = (Math.Ceiling(From / Step - 1e-9), Math.Floor(To / Step + 1e-9));
            for (double tick = first; tick <= last; tick++) yield return tick * Step + 0.0;                // + 0.0 turns -0 into 0
        }
    }

    /// <summary>A tick's text: as many decimals as the step has.</summary>
    public string Text(double tick)
    {
        int decimals = 0;
        while (decimals < 9 && Math.Abs(Step * Math.Pow(10, decimals) % 1 - 0.5) < 0.5 - 1e-6) decimals++;
        return tick.ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }

    /// <summary>0 at one end, 1 at the other.</summary>
    public double Place(double value) => (value - From) / (To - From);

    // 1, 2 or 5 times a power of ten, at least as large.
    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power - 1e-9) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
