namespace Tern.Training.Data;

/// <summary>Bytes to floats: (x / 255 - mean) / deviation, per channel of interleaved pixels.</summary>
public sealed class PixelNormalization
{
    private readonly float[][] table;

    /// <param name="mean">Per channel, of pixels in [0, 1].</param>
    /// <param name="deviation">Per channel, of pixels in [0, 1].</param>
    public PixelNormalization(double[] mean, double[] deviation)
    {
        table = [.. mean.Zip(deviation, (m, d) => Enumerable.Range(0, 256).Select(x => (float)((x / 255.0 - m) / d)).ToArray())];
    }

    /// <summary>[..., C] bytes to as many floats.</summary>
    public void Apply(ReadOnlySpan<byte> pixels, Span<float> normalized)
    {
        if (table is [var only])
        {
            for (int i = 0; i < pixels.Length; i++) normalized[i] = only[pixels[i]];
            return;
        }
        for (int i = 0; i < pixels.Length;)
            foreach (float[] channel in table)
            {
                normalized[i] = channel[pixels[i]];
                i++;
            }
    }
}
