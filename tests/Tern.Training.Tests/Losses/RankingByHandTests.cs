using Tern.Torch;
using Tern.Training.Losses;

namespace Tern.Training.Tests.Losses;

/// <summary>Each ranking loss at a few points whose value can be reckoned on paper.</summary>
public sealed class RankingByHandTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Batch_hard()
    {
        // On a line: 0 and 2, 3 and 6. Farthest positive less nearest negative: 2 - 3, 2 - 1, 3 - 1, 3 - 4.
        LossInput input = OnLine([0, 2, 3, 6], 0, 0, 1, 1);
        Assert.Equal((0 + 1.2 + 2.2 + 0) / 4, new BatchHardTripletLoss(0.2).Compute(input).Item(), 1e-12);
        Assert.Equal(0.5, new BatchHardTripletLoss(0.2).Rank(input).Active.Item(), 1e-12);
        double soft = new[] { -1, 1, 2, -1 }.Average(x => Math.Log(1 + Math.Exp(x)));
        Assert.Equal(soft, new BatchHardTripletLoss(Soft: true).Compute(input).Item(), 1e-12);
        Assert.Equal(0.5, new BatchHardTripletLoss(Soft: true).Rank(input).Active.Item(), 1e-12);
    }

    [Fact]
    public void An_anchor_without_a_positive_does_not_count_but_is_a_negative_of_others()
    {
        // 0 and 2 with the lone 2.5 between: 2 - 2.5 and 2 - 0.5; the mean over two.
        Assert.Equal((0 + 1.7) / 2, new BatchHardTripletLoss(0.2).Compute(OnLine([0, 2, 2.5], 0, 0, 1)).Item(), 1e-12);
    }

    [Fact]
    public void Semi_hard_takes_the_nearest_negative_that_is_farther_than_the_positive()
    {
        // Squared distances on the circle are 2 - 2 cos. From 0: the positive at 60 is 1, negatives at -45, -90, 180 are 0.59, 2, 4: 2 is taken, 1 - 2 + 1.5.
        // From 60: the negatives are at 105, 150, 120 degrees; 2 + 0.5176 is taken, 1 - 2.5176 + 1.5 < 0.
        LossInput input = OnCircle([0, 60, -45, -90, 180], 0, 0, 1, 2, 3);
        Assert.Equal(0.5 / 2, new SemiHardTripletLoss(1.5).Compute(input).Item(), 1e-12);
        Assert.Equal(0.5, new SemiHardTripletLoss(1.5).Rank(input).Active.Item(), 1e-12);
        Assert.Equal(0, new SemiHardTripletLoss(0.2).Compute(input).Item(), 1e-12);
    }

    [Fact]
    public void Semi_hard_takes_the_farthest_negative_where_all_are_nearer()
    {
        // Negatives at 30 and 10 degrees between 0 and 60: 2 - 2 cos 30 seen from 0, 2 - 2 cos 50 seen from 60.
        double Squared(double degrees) => 2 - 2 * Math.Cos(double.DegreesToRadians(degrees));
        double expected = (1 - Squared(30) + 0.2 + (1 - Squared(50) + 0.2)) / 2;
        Assert.Equal(expected, new SemiHardTripletLoss().Compute(OnCircle([0, 60, 30, 10], 0, 0, 1, 2)).Item(), 1e-12);
    }

    [Fact]
    public void Point_to_set()
    {
        // 0 and -1 with negatives 1 and 2, which have no positive: from 0 they are 1 and 2 away, from -1 they are 2 and 3. The positive is 1 away.
        LossInput input = OnLine([0, -1, 1, 2], 0, 0, 1, 2);
        double Value(Func<double, double> weight)
        {
            double Set(double near) => (near * weight(near) + (near + 1) * weight(near + 1)) / (weight(near) + weight(near + 1));
            return (Math.Log(1 + Math.Exp(1 - Set(1))) + Math.Log(1 + Math.Exp(1 - Set(2)))) / 2;
        }
        Assert.Equal(Value(d => Math.Exp(-d / 0.5)), new Hap2sLoss(SetWeighting.Exponential).Compute(input).Item(), 1e-12);
        Assert.Equal(Value(d => Math.Pow(1 + d, -20)), new Hap2sLoss(SetWeighting.Polynomial).Compute(input).Item(), 1e-12);
    }

    [Fact]
    public void Contrastive()
    {
        // Similar: 2 and 3 apart. Others: 3, 6, 1, 4, of which one is within the margin of 2.
        LossInput input = OnLine([0, 2, 3, 6], 0, 0, 1, 1);
        Assert.Equal((4 + 9) / 2.0 / 2 + 1 / 4.0 / 2, new ContrastiveLoss(2).Compute(input).Item(), 1e-12);
        Assert.Equal((1 + 0.25) / 2, new ContrastiveLoss(2).Rank(input).Active.Item(), 1e-12);
        Assert.Equal((2.25 + 6.25) / 2 / 2 + 1 / 4.0 / 2, new ContrastiveLoss(2, 0.5).Compute(input).Item(), 1e-12);
    }

    [Fact]
    public void Margin_and_the_step_of_its_border()
    {
        // 0 and 80 degrees with the one negative at 90: the positive is 2 sin 40 away, the negative sqrt(2) from 0 and 2 sin 5 from 80.
        // beta 1.2, alpha 0.2: both positive pairs and the near negative cost something, the far negative does not.
        double positive = 0.2 + 2 * Math.Sin(double.DegreesToRadians(40)) - 1.2, negative = 0.2 + 1.2 - 2 * Math.Sin(double.DegreesToRadians(5));
        LossInput input = OnCircle([0, 80, 90], 0, 0, 1);
        Ranking ranking = new MarginLoss().Rank(input);
        Assert.Equal((2 * positive + negative) / 3, ranking.Value.Item(), 1e-12);
        Assert.Equal(0.75, ranking.Active.Item(), 1e-12);

        // d/d beta = (-1 - 1 + 1) / 3, times the term's weight 2; half the rate of 0.1.
        var objective = new Objective([new CrossEntropyLoss(), new MarginLoss { Weight = 2 }]);
        LossBreakdown breakdown = objective.Compute(input);
        Assert.Equal(0.75, Assert.Single(breakdown.Active).Item(), 1e-6);
        breakdown.Total.Backward();
        objective.Step(0.5);
        Assert.Equal(["learned.1.beta"], objective.State.Keys);
        Assert.Equal(1.2 + 0.1 / 2 * 2 / 3, objective.State["learned.1.beta"].Item(), 1e-6);
        objective.Step(0.5);                                                             // without a gradient it stays
        Assert.Equal(1.2 + 0.1 / 2 * 2 / 3, objective.State["learned.1.beta"].Item(), 1e-6);
    }

    [Fact]
    public void A_border_that_does_not_learn_is_no_parameter()
    {
        var objective = new Objective([new MarginLoss(BetaRate: 0), new BatchHardTripletLoss()]);
        Assert.Empty(objective.State);
        Assert.Equal(2, objective.Compute(OnCircle([0, 80, 90], 0, 0, 1)).Active.Count);
    }

    private static LossInput OnLine(double[] points, params long[] labels)
    {
        Tensor embedding = Tensor.From(points, points.Length, 1);
        embedding.RequiresGrad = true;
        return LossFixture.Of(embedding, Tensor.From(labels), 4);
    }

    /// <summary>At these angles in degrees, each at another distance from the centre.</summary>
    private static LossInput OnCircle(double[] degrees, params long[] labels)
    {
        double[] points = [.. degrees.SelectMany((angle, i) => new[] { (i + 1) * Math.Cos(double.DegreesToRadians(angle)), (i + 1) * Math.Sin(double.DegreesToRadians(angle)) })];
        Tensor embedding = Tensor.From(points, degrees.Length, 2);
        embedding.RequiresGrad = true;
        return LossFixture.Of(embedding, Tensor.From(labels), 4);
    }
}
