using Tern.Codes;

namespace Tern.Evaluation;

/// <summary>Whether a picture's mirror image has a say in what the picture is compared by. Part of a number's protocol.</summary>
public enum MirrorUse
{
    /// <summary>The picture alone.</summary>
    None,

    /// <summary>Embeddings of both are averaged.</summary>
    Average,

    /// <summary>Embeddings of both stand one behind the other: twice the length.</summary>
    Concatenate,
}

/// <summary>Joins what a network says of a picture and of its mirror image. Neither is scaled beforehand.</summary>
/// <remarks>
/// Concatenation is the test feature of Wen et al. (ECCV 2016), the sum is common since. Codes are the signs of the sum of both hash layers, however
/// embeddings are joined: a code keeps its length.
/// </remarks>
public static class MirrorViews
{
    /// <summary>Embeddings [items, dimensions], or [items, 2 dimensions] when they are concatenated.</summary>
    /// <param name="upright">[items, dimensions], of the pictures.</param>
    /// <param name="mirrored">[items, dimensions], of their mirror images; not looked at where <paramref name="use"/> is <see cref="MirrorUse.None"/>.</param>
    /// <param name="dimensions">Length of one embedding.</param>
    /// <param name="use">How they are joined.</param>
    /// <exception cref="TernException">The lengths do not fit.</exception>
    public static float[] Embeddings(ReadOnlySpan<float> upright, ReadOnlySpan<float> mirrored, int dimensions, MirrorUse use)
    {
        if (use == MirrorUse.None)
            return upright.ToArray();
        Require(upright, mirrored, dimensions);
        if (use == MirrorUse.Average)
            return Sum(upright, mirrored, 0.5f);
        float[] joined = new float[2 * upright.Length];
        for (int at = 0; at < upright.Length; at += dimensions)
        {
            upright.Slice(at, dimensions).CopyTo(joined.AsSpan(2 * at));
            mirrored.Slice(at, dimensions).CopyTo(joined.AsSpan(2 * at + dimensions));
        }
        return joined;
    }

    /// <summary>Codes: a bit is set where the sum of both hash layers is above 0.</summary>
    /// <param name="upright">Hash layer [items, bits] of the pictures.</param>
    /// <param name="mirrored">The same of their mirror images; not looked at where <paramref name="use"/> is <see cref="MirrorUse.None"/>.</param>
    /// <param name="bits">Length of a code.</param>
    /// <param name="use">Whether the mirror images count.</param>
    /// <exception cref="TernException">The lengths do not fit, or a value is not a number.</exception>
    public static PackedCodes Codes(ReadOnlySpan<float> upright, ReadOnlySpan<float> mirrored, int bits, MirrorUse use)
    {
        if (use == MirrorUse.None)
            return PackedCodes.FromSigns(upright, bits);
        Require(upright, mirrored, bits);
        return PackedCodes.FromSigns(Sum(upright, mirrored, 1), bits);
    }

    private static float[] Sum(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float factor)
    {
        float[] sum = new float[a.Length];
        for (int i = 0; i < sum.Length; i++)
            sum[i] = factor * (a[i] + b[i]);
        return sum;
    }

    private static void Require(ReadOnlySpan<float> upright, ReadOnlySpan<float> mirrored, int width)
    {
        if (width < 1 || upright.Length != mirrored.Length || upright.Length % width != 0)
            throw new TernException(
                $"{upright.Length} values of pictures and {mirrored.Length} of mirror images do not make rows of {width}, one of each a picture.");
    }
}
