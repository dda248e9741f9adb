using System.Text.Json;
using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Torch.Weights;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

/// <summary>Training on terms that rank embeddings: 10 steps an epoch, each of 3 classes x 4 pictures.</summary>
public sealed class RankingTrainerTests : IDisposable
{
    private const int Side = 16, Classes = 3, Bits = 12, Epochs = 4;
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    public static TheoryData<Loss> Terms =>
        [new BatchHardTripletLoss(Soft: true), new SemiHardTripletLoss(), new Hap2sLoss(), new MarginLoss(), new ContrastiveLoss()];

    [Theory]
    [MemberData(nameof(Terms))]
    public void An_embedding_learns_its_spread_is_recorded_and_the_hash_layer_is_left_alone(Loss loss)
    {
        HashingNetwork network = Network();
        float[] hash = network.StateDict["hash.weight"].ToArray<float>(), conv = network.StateDict["backbone.conv1.weight"].ToArray<float>();
        IReadOnlyList<EpochRecord> history = Fit(Task("rank", loss), network);
        Assert.Equal(hash, network.StateDict["hash.weight"].ToArray<float>());
        Assert.NotEqual(conv, network.StateDict["backbone.conv1.weight"].ToArray<float>());
        Assert.All(history, epoch =>
        {
            Assert.Equal([loss.Name], epoch.Terms.Keys);
            Assert.InRange(epoch.Embeddings!.Distance, 0.01, 2);
            Assert.InRange(epoch.Embeddings.Spread, 0.001, 1);
            Assert.InRange(epoch.Embeddings.Active, 0, 1);
        });
        // Stripes of three directions come apart: pairs of a class gather, those of others do not, so distances differ more than at first.
        Assert.True(history[^1].Embeddings!.Spread > history[0].Embeddings!.Spread);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void Margin_loss_stopped_and_started_again_ends_at_the_same_numbers(int stopAfter)
    {
        Loss[] objective = [new MarginLoss(), new CrossEntropyLoss()];
        HashingNetwork whole = Network(), parted = Network(), resumed = Network();
        IReadOnlyList<EpochRecord> expected = Fit(Task("whole", objective), whole);

        Stop(Task("parted", objective), parted, stopAfter);
        IReadOnlyList<EpochRecord> actual = Fit(Task("parted", objective), resumed);
        Assert.Equal(expected.Select(Numbers), actual.Select(Numbers));
        foreach ((string name, Tensor tensor) in whole.StateDict)
            Assert.Equal(tensor.Contiguous().Span<byte>().ToArray(), resumed.StateDict[name].Contiguous().Span<byte>().ToArray());
        double[] borders = [.. new[] { "whole", "parted" }.Select(name => SafetensorsFile.Read(Task(name, objective).CheckpointPath).Tensors["optimizer.learned.0.beta"].Item())];
        Assert.Equal(borders[0], borders[1]);
        Assert.True(Math.Abs(borders[0] - 1.2) > 1e-4);                                  // it has learned
    }

    [Fact]
    public void Nothing_left_to_rank_is_warned_of_once_over_all_starts()
    {
        var warnings = new List<string>();
        void Watching(FitProgress progress)
        {
            if (progress.Warning is { } warning) warnings.Add(warning);
        }
        Stop(Task("idle", new NeverActive(), new CrossEntropyLoss()), Network(), 13, Watching);
        Trainer.Fit(Task("idle", new NeverActive(), new CrossEntropyLoss()), Network(), null, TimeProvider.System, new Watch(Watching), default);
        Assert.StartsWith("idle: no anchor had anything to learn in steps 1 to 2", Assert.Single(warnings));
    }

    [Fact]
    public void Without_a_term_that_ranks_nothing_is_watched_and_lines_of_before_are_read()
    {
        var warnings = new List<string?>();
        EpochRecord epoch = Trainer.Fit(Task("plain", new CrossEntropyLoss()), Network(), null, TimeProvider.System, new Watch(progress => warnings.Add(progress.Warning)), default).History[0];
        Assert.All(warnings, warning => Assert.Null(warning));
        Assert.Null(epoch.Embeddings);
        string line = JsonSerializer.Serialize(epoch, TrainingJson.Default.EpochRecord);
        Assert.DoesNotContain("embeddings", line);
        Assert.Null(JsonSerializer.Deserialize(line, TrainingJson.Default.EpochRecord)!.Embeddings);

        EpochRecord ranked = epoch with { Embeddings = new EmbeddingSpread(0.75, 0.25, 0.5) };
        string written = JsonSerializer.Serialize(ranked, TrainingJson.Default.EpochRecord);
        Assert.Contains("\"embeddings\":{\"distance\":0.75,\"spread\":0.25,\"active\":0.5}", written);
        Assert.Equal(ranked.Embeddings, JsonSerializer.Deserialize(written, TrainingJson.Default.EpochRecord)!.Embeddings);
    }

    /// <summary>A term that every batch satisfies.</summary>
    private sealed record NeverActive : RankingLoss
    {
        public override string Name => "neverActive";

        public override Ranking Rank(LossInput input) => new(input.Output.Embedding.Sum() * 0, Tensor.Zeros([1]));
    }

    private static (double, double, double, EmbeddingSpread?) Numbers(EpochRecord epoch) => (epoch.Loss, epoch.Terms["marginPairs"], epoch.ValidationMap, epoch.Embeddings);

    private static HashingNetwork Network()
    {
        TorchRuntime.Seed(7);
        return new DshSpec().Build(new ImageShape(Side, Side, 1), Bits, Classes);
    }

    private FitTask Task(string name, params Loss[] objective)
    {
        var normalization = new PixelNormalization([0.5], [0.5]);
        PixelStore learn = MadeData.Store(Classes, 120, Side), held = MadeData.Store(Classes, 45, Side, first: 120);
        var options = new FitOptions(
            Epochs, new AdamSpec(0.001), BatchSize: 12, new OneCycleSchedule(), [new PadAndCrop(2)], Precision.Float32, new BalancedBatches(Classes, 4));
        return new FitTask(name, "inputs", folder[name, "checkpoint.safetensors"], options, objective,
            learn, normalization, new Validation(held, learn, normalization, Precision.Float32, threads: 2), Seed: 5);
    }

    private static IReadOnlyList<EpochRecord> Fit(FitTask task, HashingNetwork network) =>
        Trainer.Fit(task, network, null, TimeProvider.System, new Watch(_ => { }), default).History;

    private static void Stop(FitTask task, HashingNetwork network, int after, Action<FitProgress>? watch = null)
    {
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(task, network, null, TimeProvider.System, new Watch(progress =>
        {
            watch?.Invoke(progress);
            if (++steps == after) stop.Cancel();
        }), stop.Token));
    }

    private sealed class Watch(Action<FitProgress> watch) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => watch(value);
    }
}
