using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Losses;

namespace Tern.Training.Tests.Losses;

public sealed class DistanceWeightedSamplingTests : IDisposable
{
    private const int Many = 1536;
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0.5, Many, 1112.7566)]                                                   // 1534 ln 2 - 766.5 ln(15/16) = 1063.288 + 49.469
    [InlineData(0.2, Many, 1112.7566)]                                                   // nearer than 0.5 counts as 0.5
    [InlineData(1.41, Many, -0.3165)]                                                    // -1534 ln 1.41 - 766.5 ln 0.502975 = -527.067 + 526.751
    [InlineData(1.0, 4, 0.1438)]                                                         // -2 ln 1 - 1/2 ln(3/4)
    public void Log_weights_by_hand(double distance, int dimensions, double expected) => Assert.Equal(expected, DistanceWeightedSampling.LogWeight(distance, dimensions), 5e-4);

    [Fact]
    public void A_row_of_far_negatives_keeps_its_weights_in_many_dimensions()
    {
        // Divided by the weight at 0.5, which another row of the batch may have, both would be exp(-1094) and exp(-1107): 0.
        double[] weights = DistanceWeightedSampling.Weights([1.3, 1.35], Many);
        Assert.Equal(1, weights[0]);
        Assert.Equal(Math.Exp(5.761183 - 18.377618), weights[1], 1e-9);
        Assert.Equal(0, Math.Exp(DistanceWeightedSampling.LogWeight(1.3, Many) - DistanceWeightedSampling.LogWeight(0.5, Many)));
    }

    [Fact]
    public void Negatives_beyond_the_cutoff_have_no_weight_unless_there_are_no_others()
    {
        Assert.Equal([0, 1, 0], DistanceWeightedSampling.Weights([1.4, 1.39, 2], Many));
        Assert.Equal([1, 1], DistanceWeightedSampling.Weights([1.4, 1.9], Many));
    }

    [Fact]
    public void Every_pair_gets_a_negative_of_its_anchor_and_anchors_without_one_get_none()
    {
        // Classes 0 0 0 1: pictures 0 to 2 have the negative 3, which has no positive.
        (long[] positives, long[] negatives) = DistanceWeightedSampling.Draw(Pairs(new double[16], [0, 0, 0, 1]), 8, Randomness.Of(1));
        Assert.Equal([1, 2, 4, 6, 8, 9], positives);
        Assert.Equal([3, 3, 7, 7, 11, 11], negatives);
        Assert.Empty(DistanceWeightedSampling.Draw(Pairs(new double[9], [0, 0, 0]), 8, Randomness.Of(1)).Positives);
        Assert.Empty(DistanceWeightedSampling.Draw(Pairs(new double[9], [0, 1, 2]), 8, Randomness.Of(1)).Positives);
    }

    [Fact]
    public void Draws_follow_the_weights()
    {
        // Picture 0 has negatives at 0.7, 1.0 and 1.5. In 4 dimensions ln w is 0.77869, 0.14384 and none: 1 / (1 + e^-0.63485) = 0.6536 for the first.
        BatchPairs pairs = Pairs([0, 0.3, 0.7, 1, 1.5, .. new double[20]], [0, 0, 1, 2, 3]);
        var counts = new int[5];
        for (ulong draw = 0; draw < 2000; draw++) counts[DistanceWeightedSampling.Draw(pairs, 4, Randomness.Of(draw)).Negatives[0]]++;
        Assert.Equal(0.6536, counts[2] / 2000.0, 0.05);                                  // between four and five standard deviations
        Assert.Equal((0, 0, 0), (counts[0], counts[1], counts[4]));
    }

    [Fact]
    public void Of_wide_embeddings_too_another_than_the_nearest_is_drawn()
    {
        // Negatives at 0.90 and 0.95. In 128 dimensions ln w differs by 6.812 - 1.839 = 4.97: one draw in 145 takes the farther one. In 1,536 it would be one in e^60.
        BatchPairs pairs = Pairs([0, 0.3, 0.9, 0.95, .. new double[12]], [0, 0, 1, 2]);
        int farther = Enumerable.Range(0, 4000).Count(draw => DistanceWeightedSampling.Draw(pairs, 1536, Randomness.Of((ulong)draw)).Negatives[0] == 3);
        Assert.InRange(farther, 8, 55);                                                  // 27.4 are expected, four standard deviations
    }

    [Fact]
    public void The_same_randomness_draws_the_same()
    {
        Tensor embedding = Tensor.From(FiniteDifferences.Draw(12 * 6, 1), 12, 6);
        LossInput Input(ulong step) => LossFixture.Of(embedding, Tensor.From([0L, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]), 3) with { Randomness = Randomness.Of(1, 2, step) };
        double[] values = [.. new ulong[] { 5, 5, 6 }.Select(step => new MarginLoss().Compute(Input(step)).Item())];
        Assert.Equal(values[0], values[1]);
        Assert.NotEqual(values[0], values[2]);
    }

    private static BatchPairs Pairs(double[] distances, int[] classes)
    {
        int count = classes.Length;
        Tensor Mask(Func<int, int, bool> condition)
        {
            bool[] holds = [.. from i in Enumerable.Range(0, count) from j in Enumerable.Range(0, count) select condition(i, j)];
            return Tensor.From(holds, count, count);
        }
        return new BatchPairs(Tensor.From(distances, count, count), Mask((i, j) => i != j && classes[i] == classes[j]), Mask((i, j) => classes[i] != classes[j]));
    }
}
