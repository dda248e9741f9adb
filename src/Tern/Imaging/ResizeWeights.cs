namespace Tern.Imaging;

/// <summary>
/// Which source pixels make each result pixel along one axis, and with what weights: result i is the sum over t below Counts[i]
/// of Weights[i * Stride + t] x source[Starts[i] + t], in units of 2^-22. Pillow's precompute_coeffs and normalize_coeffs_8bpc.
/// </summary>
internal sealed record ResizeWeights(int Stride, int[] Starts, int[] Counts, int[] Weights)
{
    /// <summary>32 bits less 8 of the pixel and 2 for the sum: 255 x 2^22 and its rounding stay inside an int.</summary>
    public const int Precision = 22;

    /// <summary>The most taps any result has. The row pass does as many for each: cheaper than a mispredicted branch.</summary>
    public int Taps { get; private init; }

    /// <summary>The vector passes take taps in groups of this size; the weights behind the last tap are zero.</summary>
    public const int Group = 8;

    /// <summary>Weights for the results first, first + 1, ... (count of them) of an axis that goes from source to target pixels.</summary>
    public static ResizeWeights Compute(int source, long target, long first, int count)
    {
        double scale = (double)source / target, width = Math.Max(scale, 1);                        // the triangle is 2 * width wide
        int stride = ((int)Math.Ceiling(width) * 2 + Group) / Group * Group;                       // at least 2 * ceil(width) + 1
        ResizeWeights axis = new(stride, new int[count], new int[count], new int[checked(stride * count)]);
        double[] triangle = new double[stride];
        for (int i = 0; i < count; i++)
        {
            double centre = (first + i + 0.5) * scale;
            int start = Math.Max((int)(centre - width + 0.5), 0), end = Math.Min((int)(centre + width + 0.5), source);
            (axis.Starts[i], axis.Counts[i]) = (start, end - start);
            double sum = 0;
            for (int t = 0; t < end - start; t++)
                sum += triangle[t] = Math.Max(0, 1 - Math.Abs((start + t - centre + 0.5) * (1 / width)));
            for (int t = 0; t < end - start; t++)
                axis.Weights[i * stride + t] = (int)(triangle[t] / sum * (1 << Precision) + 0.5);
        }
        return axis with { Taps = axis.Counts.Max() };
    }
}
