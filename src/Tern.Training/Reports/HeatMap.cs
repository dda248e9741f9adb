using Tern.Imaging;

namespace Tern.Training.Reports;

/// <summary>How strongly bits go together, as a small picture: a cell for each pair of bits, or of groups of bits.</summary>
internal static class HeatMap
{
    private const int MostCells = 64;
    private static readonly (byte Red, byte Green, byte Blue) Ink = (214, 88, 30);              // seen on white and on near black

    /// <summary>The [bits * bits] correlations, without their sign; an empty array gives nothing.</summary>
    public static Html Render(float[] correlation, int bits)
    {
        if (correlation.Length == 0) return default;
        if (correlation.Length != bits * bits)
            throw new ArgumentException($"{bits} bits have {bits * bits} correlations; got {correlation.Length}.", nameof(correlation));
        int group = Groups(bits, MostCells);                                                    // bits a cell is wide
        int side = Groups(bits, group);
        string picture = Convert.ToBase64String(PngWriter.Encode(Paint(Cells(correlation, bits, group)), side, side, channels: 4));
        string cell = group == 1 ? "A cell is a pair of bits." : $"A cell is the mean over {group} × {group} bits.";
        return Html.Of($"""
            <figure class="chart heat"><figcaption><b>Correlation</b></figcaption>
            <img alt="Heat map of the correlation between bits" width="{side}" height="{side}" src="data:image/png;base64,{picture}"/>
            <div class="scale"><i></i><span>0</span><span>|r| 0.25</span><span>1</span></div><p class="note">{cell}</p></figure>

            """);
    }

    /// <summary>|r| of each pair of different bits, once.</summary>
    public static IEnumerable<double> Pairs(float[] correlation, int bits) =>
        from row in Enumerable.Range(0, correlation.Length == 0 ? 0 : bits)
        from column in Enumerable.Range(0, row)
        select (double)Math.Abs(correlation[row * bits + column]);

    /// <summary>Mean |r| over the pairs of different bits in each square of group * group; 0 where there is none.</summary>
    public static double[] Cells(float[] correlation, int bits, int group)
    {
        int side = Groups(bits, group);
        var sums = new double[side * side];
        var counts = new int[side * side];
        for (int row = 0; row < bits; row++)
        {
            for (int column = 0; column < bits; column++)
            {
                if (row == column) continue;
                int cell = row / group * side + column / group;
                sums[cell] += Math.Abs(correlation[row * bits + column]);
                counts[cell]++;
            }
        }
        return [.. sums.Zip(counts, (sum, count) => count == 0 ? 0 : sum / count)];
    }

    private static int Groups(int bits, int size) => (bits + size - 1) / size;

    // The root lets weak correlations be seen: opacity one half is |r| = 0.25.
    private static byte[] Paint(double[] cells) =>
        [.. cells.SelectMany(cell => new[] { Ink.Red, Ink.Green, Ink.Blue, Opacity(cell) })];

    private static byte Opacity(double correlation) => (byte)Math.Round(255 * Math.Sqrt(Math.Clamp(correlation, 0, 1)));
}
