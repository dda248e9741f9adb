using Tern.Codes;

namespace Tern.Training.Reports;

/// <summary>How well a set of codes uses its bits.</summary>
public static class CodeHealth
{
    /// <summary>Share and entropy of each bit, and the K x K correlation of bits (phi coefficient); 0 where a bit never changes.</summary>
    public static (IReadOnlyList<BitHealth> Bits, float[] Correlation) Of(PackedCodes codes)
    {
        int bits = codes.Bits, words = codes.WordsPerCode;
        var together = new int[bits * bits];
        var set = new int[bits];
        for (int code = 0; code < codes.Count; code++)
        {
            int count = 0;
            ReadOnlySpan<ulong> row = codes.Words.Slice(code * words, words);
            for (int bit = 0; bit < bits; bit++)
                if ((row[bit / 64] >> (bit % 64) & 1) != 0) set[count++] = bit;
            for (int a = 0; a < count; a++)
                for (int b = 0; b < count; b++) together[set[a] * bits + set[b]]++;
        }
        double n = codes.Count;
        double Share(int bit) => together[bit * bits + bit] / n;
        double Spread(int bit) => Share(bit) * (1 - Share(bit));
        var correlation = new float[bits * bits];
        for (int a = 0; a < bits; a++)
            for (int b = 0; b < bits; b++)
            {
                double spread = Math.Sqrt(Spread(a) * Spread(b));
                correlation[a * bits + b] = spread == 0 ? 0 : (float)((together[a * bits + b] / n - Share(a) * Share(b)) / spread);
            }
        return ([.. Enumerable.Range(0, bits).Select(bit => new BitHealth(Share(bit), Entropy(Share(bit))))], correlation);
    }

    private static double Entropy(double share) => share is 0 or 1 ? 0 : -share * Math.Log2(share) - (1 - share) * Math.Log2(1 - share);
}
