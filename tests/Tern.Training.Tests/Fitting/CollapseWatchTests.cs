using Tern.Torch;
using Tern.Training.Fitting;

namespace Tern.Training.Tests.Fitting;

public class CollapseWatchTests
{
    private const int Total = 400;                                                       // windows of 20 steps, watched up to step 200

    [Fact]
    public void Embeddings_that_stay_apart_are_not_warned_of() => Assert.Empty(Warnings(step => new(0.9 - 0.001 * step, 0.1, 0.5)));

    [Fact]
    public void A_mean_distance_below_a_quarter_of_the_first_is_warned_of_once()
    {
        (long step, string text) = Assert.Single(Warnings(step => new(step < 40 ? 0.8 : 0.1, 0.01, 1)));
        Assert.Equal(59, step);                                                          // the third window is the first within which all are near
        Assert.StartsWith("embeddings are going to one point: pairs of a batch are 0.100 apart in steps 41 to 60, 0.800 in the first", text);
        Assert.Contains("Lower optimizer.learningRate", text);
        Assert.Empty(Warnings(_ => new(0.1, 0.01, 1)));                                  // so near at first already: no collapse
    }

    [Fact]
    public void Steps_in_which_no_anchor_is_active_are_warned_of_once()
    {
        (long step, string text) = Assert.Single(Warnings(step => new(0.8, 0.1, step < 10 ? 0.01 : 0)));
        Assert.Equal(39, step);                                                          // in the first window some were
        Assert.StartsWith("no anchor had anything to learn in steps 21 to 40", text);
        Assert.Contains("Raise margin", text);
    }

    [Fact]
    public void The_second_half_of_a_training_may_have_nothing_left_to_learn() => Assert.Empty(Warnings(step => new(step < 195 ? 0.8 : 0.01, 0.1, step < 195 ? 0.5 : 0)));

    [Fact]
    public void Distances_are_between_embeddings_of_length_1()
    {
        // Directions 0, 90 and 180 degrees: pairs are sqrt(2), 2 and sqrt(2) apart.
        using var scope = new TensorScope();
        EmbeddingSpread spread = EmbeddingSpread.Of(Tensor.From([2d, 0, 0, 3, -1, 0], 3, 2), [Tensor.From([0.25]), Tensor.From([0.75])]);
        double mean = (2 * Math.Sqrt(2) + 2) / 3, deviation = Math.Sqrt((2 * Math.Pow(Math.Sqrt(2) - mean, 2) + Math.Pow(2 - mean, 2)) / 3);
        Assert.Equal(mean, spread.Distance, 1e-12);
        Assert.Equal(deviation, spread.Spread, 1e-12);
        Assert.Equal(0.5, spread.Active, 1e-12);
        Assert.Equal(new EmbeddingSpread(0, 0, 1), EmbeddingSpread.Of(Tensor.From([3f, 4f], 1, 2), [Tensor.From([1f])]));
        Assert.Equal(new EmbeddingSpread(0, 0, 1), EmbeddingSpread.Of(Tensor.Zeros([4, 2]), [Tensor.From([1f])]));
    }

    private static List<(long Step, string Text)> Warnings(Func<int, EmbeddingSpread> at)
    {
        var watch = new CollapseWatch(at(0).Distance);
        var warnings = new List<(long, string)>();
        for (int step = 0; step < Total; step++)
        {
            (watch, string? warning) = watch.Add(at(step), step, Total);
            if (warning is not null) warnings.Add((step, warning));
        }
        return warnings;
    }
}
