using System.Globalization;

namespace Tern.Training.Reports;

/// <summary>How the report writes numbers: invariant culture, and no more digits than mean something.</summary>
internal static class NumberText
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    /// <summary>A share or a mean of shares: three decimals.</summary>
    public static string Score(double value) => double.IsFinite(value) ? Text(value, "F3") : None;

    /// <summary>A Hamming distance as the whole number it is, another with three decimals.</summary>
    public static string Distance(double value) => value == Math.Floor(value) ? Count((long)value) : Score(value);

    /// <summary>A count, with thousands separated.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A large count in millions, three digits.</summary>
    public static string Millions(long value) => $"{Significant(value / 1e6)} M";

    /// <summary>Bytes in B, KiB, MiB or GiB.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 1024) return $"{Count(bytes)} B";
        double size = bytes / 1024.0;
        foreach (string unit in new[] { "KiB", "MiB" })
        {
            if (size < 1000) return $"{Significant(size)} {unit}";
            size /= 1024;
        }
        return $"{Significant(size)} GiB";
    }

    /// <summary>Milliseconds, or microseconds below a hundredth of one.</summary>
    public static string Milliseconds(double value) => value switch
    {
        > 0 and < 0.01 => $"{Significant(value * 1000)} µs",
        > 0 when double.IsFinite(value) => $"{Significant(value)} ms",
        _ => None,
    };

    /// <summary>How many times larger the first is than the second: two digits, whole from 10 on.</summary>
    public static string Factor(double first, double second) => first > 0 && second > 0 ? Significant(first / second, 2) : None;

    /// <summary>The value with so many significant digits, and none of the digits before the point lost.</summary>
    public static string Significant(double value, int digits = 3)
    {
        if (!double.IsFinite(value)) return None;
        if (value == 0) return "0";
        string rounded = Text(value, $"E{digits - 1}");                                        // 9.999 rounds to 1.00E+001
        int power = int.Parse(rounded.AsSpan(rounded.IndexOf('E', StringComparison.Ordinal) + 1), provider: CultureInfo.InvariantCulture);
        int decimals = digits - 1 - power;
        return Text(value, $"F{Math.Clamp(decimals, 0, 9)}");
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
