using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

public sealed class ParameterGroupTests : IDisposable
{
    private const int Side = 16, Classes = 3, Bits = 12;
    private const double Rate = 0.01, Decay = 0.1;
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_step_of_each_parameter_is_its_own_rate_times_its_gradient_and_decay()
    {
        HashingNetwork network = Network();
        var groups = new ParameterGroups(Options(new("hash.*", 10), new("*.bias", 2, 0), new("backbone.conv?.weight", 0.5, 3)), network) { LearningRate = Rate };
        Loss(network).Backward();
        var expected = new Dictionary<string, float[]>();
        foreach ((string name, Tensor tensor) in network.NamedParameters)
        {
            // The first that matches: hash.bias belongs to "hash.*".
            (double rate, double decay) = name.StartsWith("hash", StringComparison.Ordinal) ? (10, 1)
                : name.EndsWith("bias", StringComparison.Ordinal) ? (2, 0)
                : name.StartsWith("backbone.conv", StringComparison.Ordinal) ? (0.5, 3)
                : (1.0, 1);
            expected[name] = [.. tensor.ToArray<float>().Zip(tensor.Gradient!.ToArray<float>(), (w, g) => (float)(w - Rate * rate * (g + Decay * decay * w)))];
        }
        groups.Step();
        foreach ((string name, Tensor tensor) in network.NamedParameters)
            foreach ((float a, float b) in expected[name].Zip(tensor.ToArray<float>())) Assert.Equal(a, b, 1e-6);
    }

    [Fact]
    public void Without_entries_there_is_one_group_with_the_names_an_optimiser_gives()
    {
        HashingNetwork network = Network();
        Assert.Equal(network.Parameters.Select((_, i) => $"velocity.{i}"), new ParameterGroups(Options(), network).State.Keys);
    }

    [Fact]
    public void A_frozen_backbone_asks_for_no_gradient_and_neither_its_weights_nor_its_statistics_move()
    {
        HashingNetwork network = Network();
        var before = network.StateDict.ToDictionary(named => named.Key, named => named.Value.Detach().Clone());
        Fit(Task("frozen", epochs: 2, new ParameterFactor("backbone.*", 0)), network);
        foreach ((string name, Tensor tensor) in network.StateDict)
            Assert.Equal(name.StartsWith("backbone", StringComparison.Ordinal), Bytes(before[name]).SequenceEqual(Bytes(tensor)));

        NetworkOutput output = network.Run(Tensor.RandomNormal(2, 1, Side, Side));
        Assert.False(output.Embedding.RequiresGrad);
        Assert.True(output.Hash.RequiresGrad);
    }

    [Fact]
    public void Statistics_move_where_one_parameter_of_a_normalisation_is_trained()
    {
        HashingNetwork network = Network();
        var groups = new ParameterGroups(Options(new("backbone.bn1.weight", 0), new("backbone.bn2.*", 0)), network);
        groups.Train();
        Loss(network);
        Assert.Equal(1, network.StateDict["backbone.bn1.num_batches_tracked"].Item());
        Assert.Equal(0, network.StateDict["backbone.bn2.num_batches_tracked"].Item());
        Assert.Equal(1, network.StateDict["backbone.bn3.num_batches_tracked"].Item());
    }

    /// <summary>As networks want it whose norms were folded into their convolutions: what they call statistics are none of any pictures.</summary>
    [Fact]
    public void Statistics_are_kept_on_request_while_scale_and_shift_are_trained()
    {
        HashingNetwork network = Network();
        var groups = new ParameterGroups(Options(new ParameterFactor("backbone.bn2.*", Of: LayerKind.BatchNorm, KeepStatistics: true)), network) { LearningRate = Rate };
        float[] mean = network.StateDict["backbone.bn2.running_mean"].ToArray<float>(), shift = network.StateDict["backbone.bn2.bias"].ToArray<float>();
        groups.Train();
        Loss(network).Backward();
        groups.Step();
        Assert.Equal(0, network.StateDict["backbone.bn2.num_batches_tracked"].Item());
        Assert.Equal(mean, network.StateDict["backbone.bn2.running_mean"].ToArray<float>());
        Assert.NotEqual(shift, network.StateDict["backbone.bn2.bias"].ToArray<float>());
        Assert.Equal(1, network.StateDict["backbone.bn1.num_batches_tracked"].Item());
        Assert.Contains("add \"of\": \"batchNorm\"", Assert.Single(new ParameterFactor("*", KeepStatistics: true).Problems()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void A_run_with_groups_that_was_stopped_and_started_again_ends_at_the_same_numbers(int stopAfter)
    {
        ParameterFactor[] factors = [new("backbone.*1.*", 0), new("hash.*", 10), new("*.bias", 2, 0)];
        HashingNetwork whole = Network(), parted = Network(), resumed = Network();
        IReadOnlyList<EpochRecord> expected = Fit(Task("whole", 3, factors), whole);

        using var stop = new CancellationTokenSource();
        int steps = 0;
        FitTask task = Task("parted", 3, factors);
        var stopping = new Watch(_ =>
        {
            if (++steps == stopAfter) stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(task, parted, null, TimeProvider.System, stopping, stop.Token));
        Assert.Equal(expected.Select(epoch => (epoch.Loss, epoch.ValidationMap)), Fit(task, resumed).Select(epoch => (epoch.Loss, epoch.ValidationMap)));
        foreach ((string name, Tensor tensor) in whole.StateDict) Assert.Equal(Bytes(tensor), Bytes(resumed.StateDict[name]));
    }

    [Fact]
    public void An_entry_without_effect_and_a_network_without_training_are_refused()
    {
        Assert.Contains("training.parameters[1].match: 'hsah.*' matches no parameter; the network has", Refused(new("*.bias", 2), new("hsah.*", 10)));
        Assert.Contains("training.parameters[1].match: 'hash.bias' takes nothing that an entry before it has not taken", Refused(new("hash.*", 10), new("hash.bias", 2)));
        Assert.Contains("every parameter is frozen", Refused(new ParameterFactor("*", 0)));
    }

    [Fact]
    public void Factors_out_of_range_are_told_with_their_place()
    {
        string[] problems = [.. Options(new("hash.*"), new("", -1, -2)).Problems(new ImageShape(Side, Side, 1))];
        Assert.Equal(3, problems.Length);
        Assert.All(problems, problem => Assert.StartsWith("parameters[1].", problem));
        Assert.Contains("learningRate: must be at least 0, a factor; got -1", problems[1]);
    }

    private static string Refused(params ParameterFactor[] factors) =>
        Assert.Throws<TernException>(() => new ParameterGroups(Options(factors), Network())).Message;

    [Fact]
    public void A_group_that_the_objective_does_not_look_at_stays_as_it_is()
    {
        using var scope = new TensorScope();
        HashingNetwork network = Network();
        var groups = new ParameterGroups(Options(new ParameterFactor("classifier.*", 10)), network);
        float[] classifier = network.StateDict["classifier.weight"].ToArray<float>(), hash = network.StateDict["hash.weight"].ToArray<float>();

        network.Run(Tensor.RandomNormal(6, 1, Side, Side)).Hash.Pow(2).Mean().Backward();
        groups.LearningRate = Rate;
        groups.Step();

        Assert.Equal(classifier, network.StateDict["classifier.weight"].ToArray<float>());
        Assert.NotEqual(hash, network.StateDict["hash.weight"].ToArray<float>());
        groups.ZeroGradients();
        Assert.Contains("depends on nothing that is trained", Assert.Throws<TernException>(groups.Step).Message);
    }

    private static HashingNetwork Network()
    {
        TorchRuntime.Seed(7);
        return new DshSpec().Build(new ImageShape(Side, Side, 1), Bits, Classes);
    }

    private static FitOptions Options(params ParameterFactor[] factors) =>
        new(1, new SgdSpec(Rate, WeightDecay: Decay), BatchSize: 12, new OneCycleSchedule(), [], Precision.Float32, Parameters: factors.Length == 0 ? null : factors);

    private static Tensor Loss(HashingNetwork network) =>
        new CrossEntropyLoss().Compute(new LossInput(network.Run(Tensor.RandomNormal(6, 1, Side, Side)), Tensor.From([0L, 1, 2, 0, 1, 2])));

    private FitTask Task(string name, int epochs, params ParameterFactor[] factors)
    {
        var normalization = new PixelNormalization([0.5], [0.5]);
        PixelStore learn = MadeData.Store(Classes, 120, Side), held = MadeData.Store(Classes, 45, Side, first: 120);
        return new FitTask(name, "inputs", folder[name, "checkpoint.safetensors"], Options(factors) with { Epochs = epochs }, [new CrossEntropyLoss()],
            learn, normalization, new Validation(held, learn, normalization, Precision.Float32, threads: 1), Seed: 5);
    }

    private static IReadOnlyList<EpochRecord> Fit(FitTask task, HashingNetwork network) =>
        Trainer.Fit(task, network, null, TimeProvider.System, new Watch(_ => { }), default).History;

    private static byte[] Bytes(Tensor tensor) => tensor.Detach().Contiguous().Span<byte>().ToArray();

    private sealed class Watch(Action<FitProgress> watch) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => watch(value);
    }
}
