using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;
using static Tern.Training.Tests.Fitting.SmallFit;

namespace Tern.Training.Tests.Fitting;

/// <summary>Objectives other than cross-entropy, trained to the end and across a stop.</summary>
public sealed class TrainerObjectiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    public static TheoryData<Loss> WithoutClassifier => [new DshPairsLoss(), new DpshLoss(), new CsqLoss()];

    [Theory]
    [MemberData(nameof(WithoutClassifier))]
    public void An_objective_without_classifier_learns_leaves_it_alone_and_resumes(Loss loss)
    {
        FitTask With(string name) => Task(name, 4) with { Objective = [loss], Options = Unmirrored(4) };
        HashingNetwork whole = Network(), parted = Network();
        float[] before = whole.StateDict["classifier.weight"].ToArray<float>();
        IReadOnlyList<EpochRecord> expected = Fit(With("whole"), whole);
        Assert.InRange(expected.Max(epoch => epoch.ValidationMap), 0.9, 1);              // chance is 1/3
        Assert.Equal(before, whole.StateDict["classifier.weight"].ToArray<float>());
        Assert.Equal([loss.Name], expected[0].Terms.Keys);

        using var stop = new CancellationTokenSource();
        int steps = 0;
        var stopping = new Watch(_ =>
        {
            if (++steps == 13) stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(With("parted"), parted, null, TimeProvider.System, stopping, stop.Token));
        HashingNetwork resumed = Network();
        Assert.Equal(expected.Select(Numbers), Fit(With("parted"), resumed).Select(Numbers));
        foreach ((string name, Tensor tensor) in whole.StateDict)
            Assert.Equal(tensor.Contiguous().Span<byte>().ToArray(), resumed.StateDict[name].Contiguous().Span<byte>().ToArray());
    }

    /// <summary>A first step of plain gradient descent at rate r moves the weights by r times the gradient: what a term alone has moved says how hard it pulls.</summary>
    [Fact]
    public void The_first_epoch_says_how_hard_each_term_pulled_in_the_first_step()
    {
        const double Rate = 1e-3;
        (EpochRecord Record, double Moved) Step(string name, params Loss[] objective)
        {
            HashingNetwork network = Network();
            float[] before = [.. network.NamedParameters.SelectMany(named => named.Tensor.ToArray<float>())];
            EpochRecord record = Fit(Task(name, 2) with
            {
                Objective = objective, Train = MadeData.Store(Classes, 12, Side), Options = Options(1) with { Optimizer = new SgdSpec(Rate), Schedule = new ConstantSchedule(), Augment = [] },
            }, network)[0];
            float[] after = [.. network.NamedParameters.SelectMany(named => named.Tensor.ToArray<float>())];
            return (record, Math.Sqrt(before.Zip(after, (x, y) => (double)(y - x) * (y - x)).Sum()) / Rate);
        }
        Loss one = new CrossEntropyLoss(), other = new DpshLoss(), learning = new MarginLoss();
        (double ofOne, double ofOther, double ofLearning) = (Step("one", one).Moved, Step("other", other).Moved, Step("learning", learning).Moved);
        (EpochRecord record, double moved) = Step("all", one with { Weight = 3 }, other, learning);
        Assert.Equal(["crossEntropy", "dpsh", "marginPairs"], record.FirstGradients!.Keys);
        Assert.Equal(3 * ofOne, record.FirstGradients["crossEntropy"], 0.01 * ofOne);
        Assert.Equal(ofOther, record.FirstGradients["dpsh"], 0.01 * ofOther);
        Assert.Equal(ofLearning, record.FirstGradients["marginPairs"], 0.01 * ofLearning);
        Assert.InRange(moved, 3 * ofOne - ofOther - ofLearning, 3 * ofOne + ofOther + ofLearning);      // forgotten before the step itself
        Assert.Null(Fit(Task("two", 2), Network())[1].FirstGradients);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Greedy_hash_learns_through_the_networks_own_classifier(Precision precision)
    {
        HashingNetwork network = Network();
        float[] before = network.StateDict["classifier.weight"].ToArray<float>();
        IReadOnlyList<EpochRecord> history = Fit(Task("greedy", 4) with { Objective = [new GreedyHashLoss()], Options = Unmirrored(4) with { Precision = precision } }, network);
        Assert.InRange(history.Max(epoch => epoch.ValidationMap), 0.9, 1);
        Assert.NotEqual(before, network.StateDict["classifier.weight"].ToArray<float>());
    }

    [Fact]
    public void Pictures_with_several_labels_are_learned_and_a_stopped_run_goes_on_within_an_epoch_of_balanced_batches()
    {
        DataSplit split = DataSource.Open(MadeData.NusWide(folder["several"], concepts: 4, count: 280));
        PixelStore all = PixelStore.Load(split.Train, MadeData.Spec(Side), 2, default);
        (int[] learn, int[] held) = ValidationSplit.Make(all.Labels, 40, 1);
        FitTask Task(string name) => this.Task(name, 6) with
        {
            Objective = [new EachLabel()], Train = all.Select(learn), Validation = new Validation(all.Select(held), all.Select(learn), SmallFit.Normalization, Precision.Float32, threads: 2),
            Options = Options(6) with { Batches = new BalancedBatches(4, 3) },
        };
        HashingNetwork Network()
        {
            TorchRuntime.Seed(7);
            return new DshSpec().Build(new ImageShape(Side, Side, 1), Bits, 4);
        }
        IReadOnlyList<EpochRecord> expected = Fit(Task("whole"), Network());
        Assert.True(expected[^1].Loss < expected[0].Loss * 0.8);
        double chance = Enumerable.Range(0, held.Length).Average(i => held.Count(j => j != held[i] && all.Labels.IsRelevant(held[i], all.Labels, j)) / (held.Length - 1.0));
        Assert.InRange(expected.Max(epoch => epoch.ValidationMap), chance + 0.2, 1);

        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(Task("parted"), Network(), null, TimeProvider.System, new Watch(_ =>
        {
            if (++steps == 22) stop.Cancel();
        }), stop.Token));
        Assert.Equal(expected.Select(Numbers), Fit(Task("parted"), Network()).Select(Numbers));
    }

    /// <summary>Sigmoid cross-entropy of each class, as a loss of pictures with several labels must be: it sees targets and no labels.</summary>
    private sealed record EachLabel : Loss
    {
        public override string Name => "eachLabel";

        public override Tensor Compute(LossInput input)
        {
            Assert.Equal([0L], input.Labels.Shape);
            return input.Output.Logits.BinaryCrossEntropyWithLogits(input.Targets);
        }
    }

    private FitTask Task(string name, int epochs) => SmallFit.Task(folder.Path, name, epochs);
}
