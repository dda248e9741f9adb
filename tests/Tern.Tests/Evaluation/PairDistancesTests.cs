using Tern.Codes;
using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class PairDistancesTests
{
    [Fact]
    public void Cosine_distance_by_hand()
    {
        // Rows: (3, 4), (6, 8), (-3, -4), (4, -3), (0, 0).
        float[] rows = [3, 4, 6, 8, -3, -4, 4, -3, 0, 0];
        double[] distances = PairDistances.Cosine(rows, 2, [new(0, 1, true), new(0, 2, false), new(0, 3, false), new(0, 4, false)]);
        Assert.Equal([0, 2, 1, 1], distances.Select(distance => Math.Round(distance, 12)));
    }

    [Fact]
    public void Hamming_distance_over_more_than_one_word()
    {
        PackedCodes codes = new(70);
        codes.Add(BinaryCode.FromWords([0b1011, 0], 70));
        codes.Add(BinaryCode.FromWords([0b0001, 0b100001], 70));
        Assert.Equal([4.0, 0.0], PairDistances.Hamming(codes, [new(0, 1, false), new(1, 1, true)]));
    }

    [Fact]
    public void What_does_not_fit_is_told()
    {
        string Cosine(float[] rows, int dimensions, VerificationPair pair) => Assert.Throws<TernException>(() => PairDistances.Cosine(rows, dimensions, [pair])).Message;
        Assert.Contains("3 values are not a whole number of embeddings of 2", Cosine([1, 2, 3], 2, new(0, 0, true)));
        Assert.Contains("Pair 1 has position 2; there are 2 items", Cosine([1, 2], 1, new(0, 2, true)));
        Assert.Contains("has diverged", Cosine([1, float.NaN], 1, new(0, 1, true)));
        Assert.Contains("position -1", Assert.Throws<TernException>(() => PairDistances.Hamming(PackedCodes.FromBytes([0], 8), [new(-1, 0, true)])).Message);
    }

    [Fact]
    public void A_mirror_image_is_averaged_in_or_stands_behind()
    {
        float[] upright = [1, 2, 3, 4], mirrored = [3, 0, 5, -4];
        Assert.Equal(upright, MirrorViews.Embeddings(upright, [], 2, MirrorUse.None));
        Assert.Equal([2, 1, 4, 0], MirrorViews.Embeddings(upright, mirrored, 2, MirrorUse.Average));
        Assert.Equal([1, 2, 3, 0, 3, 4, 5, -4], MirrorViews.Embeddings(upright, mirrored, 2, MirrorUse.Concatenate));
    }

    [Fact]
    public void A_code_is_the_sign_of_the_sum_of_both_hash_layers()
    {
        // Bits of the sums: (-1 + 3, 2 - 2.5, 0.5 + 0) is 1 0 1; of the picture alone 0 1 1.
        float[] upright = [-1, 2, 0.5f], mirrored = [3, -2.5f, 0];
        Assert.Equal(0b110UL, MirrorViews.Codes(upright, [], 3, MirrorUse.None).Words[0]);
        foreach (MirrorUse use in new[] { MirrorUse.Average, MirrorUse.Concatenate })
            Assert.Equal(0b101UL, MirrorViews.Codes(upright, mirrored, 3, use).Words[0]);
        Assert.Contains("3 values of pictures and 2 of mirror images", Assert.Throws<TernException>(() => MirrorViews.Codes(upright, mirrored[..2], 3, MirrorUse.Average)).Message);
    }
}
