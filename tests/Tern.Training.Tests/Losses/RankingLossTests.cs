using FsCheck;
using FsCheck.Fluent;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Losses;

namespace Tern.Training.Tests.Losses;

/// <summary>What every ranking loss must do, each in every form it has.</summary>
public sealed class RankingLossTests : IDisposable
{
    private const string Margin = "marginPairs", Contrastive = "contrastive";

    /// <summary>By its name in losses.json: the loss, and the loop that it must equal.</summary>
    private static readonly Dictionary<string, (RankingLoss Loss, Func<RankingLoops, LossInput, double> Loop)> Forms = new()
    {
        ["batchHard"] = (new BatchHardTripletLoss(0.3), (loops, _) => loops.BatchHard(0.3)),
        ["batchHardSoft"] = (new BatchHardTripletLoss(Soft: true), (loops, _) => loops.BatchHard(null)),
        ["semiHard"] = (new SemiHardTripletLoss(0.4), (loops, _) => loops.OnSphere().SemiHard(0.4)),
        ["hap2sPolynomial"] = (new Hap2sLoss(), (loops, _) => loops.PointToSet(d => Math.Pow(1 + d, 10), d => Math.Pow(1 + d, -20), null)),
        ["hap2sExponential"] = (new Hap2sLoss(SetWeighting.Exponential, Soft: false, Margin: 0.2, Sigma: 0.7),
            (loops, _) => loops.PointToSet(d => Math.Exp(d / 0.7), d => Math.Exp(-d / 0.7), 0.2)),
        [Contrastive] = (new ContrastiveLoss(3.5, 0.25), (loops, _) => loops.Contrastive(3.5, 0.25)),
        [Margin] = (new MarginLoss(), (loops, input) =>
        {
            (long[] positives, long[] negatives) = DistanceWeightedSampling.Draw(BatchPairs.OnSphere(input), (int)input.Output.Embedding.Shape[1], input.Randomness);
            return loops.OnSphere().Margin(positives, negatives, 0.2, 1.2);
        }),
    };

    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> All => [.. Forms.Keys];

    public static TheoryData<string> WithoutChance => [.. Forms.Keys.Where(form => form != Margin)];

    [Theory]
    [MemberData(nameof(All))]
    public void Value_and_gradient_equal_PyTorchs(string form)
    {
        // Each of the first three has one negative, the fourth: nothing is left to chance.
        Tensor embedding;
        LossInput input = form == Margin ? LossFixture.Rankings(out embedding, 4, 0, 0, 0, 1) : LossFixture.Rankings(out embedding);
        LossFixture.AssertEqualsPyTorch(form, embedding, Forms[form].Loss.Compute(input));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Value_equals_a_loop_over_pictures(string form) => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        using var scope = new TensorScope();
        RankingCase drawn = RankingCase.Draw(seed);
        LossInput input = drawn.Input();
        Assert.Equal(Forms[form].Loop(drawn.Loops, input), Forms[form].Loss.Compute(input).Item(), 1e-9);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(WithoutChance))]
    public void The_order_of_a_batch_does_not_matter(string form) => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        using var scope = new TensorScope();
        RankingCase drawn = RankingCase.Draw(seed);
        RankingCase permuted = drawn.Permuted(Randomness.Of((ulong)seed).Permutation(drawn.Count));
        RankingLoss loss = Forms[form].Loss;
        Assert.Equal(loss.Compute(drawn.Input()).Item(), loss.Compute(permuted.Input()).Item(), 1e-9);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(All))]
    public void Gradients_agree_with_finite_differences(string form)
    {
        Tensor labels = Tensor.From([0L, 0, 0, 1, 1, 2, 2, 3]);
        FiniteDifferences.Check(FiniteDifferences.Draw(32, 5), [8, 4], x => Forms[form].Loss.Compute(LossFixture.Of(x, labels, 4)), 1e-6);
    }

    /// <summary>Four pictures of two dimensions, float32 as in training, and their labels.</summary>
    public static TheoryData<string, float[], long[]> Awkward => new()
    {
        { "equal embeddings of two classes", [1, 2, 1, 2, 1, 2, 1, 2], [0, 0, 1, 1] },
        { "zeros", [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1] },
        { "a zero among others", [0, 0, 3, 1, 1, 4, -2, 2], [0, 0, 1, 1] },
        { "two equal ones of a class", [1, 2, 1, 2, 3, 4, -1, 2], [0, 0, 1, 1] },
        { "two equal ones of two classes", [1, 2, 3, 3, 1, 2, -1, 2], [0, 0, 1, 1] },
        { "hardly apart", [1e-20f, 0, 0, 1e-20f, -1e-20f, 0, 0, -1e-20f], [0, 0, 1, 1] },
        { "far away", [1e15f, 0, 0, 1e15f, -1e15f, 0, 0, -1e15f], [0, 0, 1, 1] },
        { "no negatives", [1, 2, 3, 3, 1, 4, -1, 2], [1, 1, 1, 1] },
        { "no positives", [1, 2, 3, 3, 1, 4, -1, 2], [0, 1, 2, 3] },
        { "one picture", [1, 2], [0] },
    };

    [Theory]
    [MemberData(nameof(Awkward))]
    public void Every_value_gradient_and_active_share_is_a_number(string batch, float[] points, long[] labels)
    {
        foreach ((string form, (RankingLoss loss, _)) in Forms)
        {
            Tensor embedding = Tensor.From(points, labels.Length, 2);
            embedding.RequiresGrad = true;
            (Tensor value, Tensor active) = loss.Rank(LossFixture.Of(embedding, Tensor.From(labels), 4));
            value.Backward();
            Assert.True(double.IsFinite(value.Item()) && value.Item() >= 0, $"{form}, {batch}: {value.Item()}");
            Assert.True(embedding.Gradient!.AllFinite(), $"{form}, {batch}: {string.Join(", ", embedding.Gradient!.ToArray<float>())}");
            Assert.InRange(active.Item(), 0, 1);
        }
    }

    [Fact]
    public void A_batch_without_pairs_to_rank_costs_nothing_and_has_a_gradient_of_zeros()
    {
        foreach (long[] labels in new long[][] { [1, 1, 1, 1], [0, 1, 2, 3], [2] })
            foreach ((string form, (RankingLoss loss, _)) in Forms.Where(entry => entry.Key != Contrastive))
            {
                Tensor embedding = Tensor.From(FiniteDifferences.Draw(2 * labels.Length, 3), labels.Length, 2);
                embedding.RequiresGrad = true;
                (Tensor value, Tensor active) = loss.Rank(LossFixture.Of(embedding, Tensor.From(labels), 4));
                value.Backward();
                Assert.True(value.Item() == 0 && active.Item() == 0, form);
                Assert.All(embedding.Gradient!.ToArray<double>(), slope => Assert.Equal(0, slope));
            }
    }

    [Fact]
    public void Pictures_without_labels_are_nobodys_positive_their_own_least_of_all()
    {
        Tensor embedding = Tensor.From([0d, 1, 3], 3, 1);
        LossInput input = LossFixture.Of(embedding, Tensor.From([0L, 0, 0]), 2) with { Targets = Tensor.Zeros([3, 2]) };
        BatchPairs pairs = BatchPairs.Of(input);
        Assert.All(pairs.Positive.ToArray<bool>(), positive => Assert.False(positive));
        Assert.Equal([false, true, true, true, false, true, true, true, false], pairs.Negative.ToArray<bool>());
        Assert.Equal([0d, 1, 3, 1, 0, 2, 3, 2, 0], pairs.Distance.ToArray<double>());
    }

    [Fact]
    public void The_gradient_goes_through_the_weights_of_a_set()
    {
        // Anchor 0, positive -1, negatives 1 and 2 of classes without a positive. D- = (e^-2 + 2 e^-4) / (e^-2 + e^-4) at sigma 1/2; dD-/dd of the nearer is
        // w (1 - (d - D-) / sigma) / sum w, not w / sum w.
        double[] point = [0, -1, 1, 2];
        LossInput Input(Tensor x) => LossFixture.Of(x, Tensor.From([0L, 0, 1, 2]), 3);
        Tensor embedding = Tensor.From(point, 4, 1);
        embedding.RequiresGrad = true;
        new Hap2sLoss(SetWeighting.Exponential, Soft: false, Margin: 2).Compute(Input(embedding)).Backward();
        (double near, double far) = (Math.Exp(-2), Math.Exp(-4));
        double set = (near + 2 * far) / (near + far), fromAnchor = near / (near + far) * (1 - (1 - set) / 0.5);
        (double near2, double far2) = (Math.Exp(-4), Math.Exp(-6));                      // seen from -1: distances 2 and 3
        double set2 = (2 * near2 + 3 * far2) / (near2 + far2), fromPositive = near2 / (near2 + far2) * (1 - (2 - set2) / 0.5);
        Assert.Equal(-(fromAnchor + fromPositive) / 2, embedding.Gradient!.ToArray<double>()[2], 1e-12);
    }
}
