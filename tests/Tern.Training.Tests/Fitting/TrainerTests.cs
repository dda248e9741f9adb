using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;
using static Tern.Training.Tests.Fitting.SmallFit;

namespace Tern.Training.Tests.Fitting;

public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_last_epochs_see_pictures_as_they_are_where_asked()
    {
        var options = new FitOptions(5, new SgdSpec(0.1), Augment: [new Flip()], PlainEpochs: 2);
        Assert.Equal([1, 1, 1, 0, 0], Enumerable.Range(0, 5).Select(epoch => options.AugmentationsOf(epoch).Count));
        Assert.Contains("plainEpochs: must lie in 0..5", Assert.Single((options with { PlainEpochs = 6 }).Problems(new ImageShape(16, 16, 1))));
        Assert.Equal([new Flip(1)], (options with { PlainAugment = [new Flip(1)] }).AugmentationsOf(4));
        Assert.Equal([new Flip()], (options with { PlainAugment = [new Flip(1)] }).AugmentationsOf(2));
        Assert.StartsWith("plainAugment: has no epoch", Assert.Single((options with { PlainEpochs = 0, PlainAugment = [new Flip()] }).Problems(new ImageShape(16, 16, 1))));
    }

    [Fact]
    public void Training_learns_and_ends_with_the_weights_of_its_best_epoch()
    {
        HashingNetwork network = Network();
        FitTask task = Task("learn", epochs: 4);
        IReadOnlyList<EpochRecord> history = Fit(task, network);
        Assert.Equal([1, 2, 3, 4], history.Select(epoch => epoch.Epoch));
        Assert.True(history[^1].Loss < history[0].Loss);
        Assert.Equal(history.Max(epoch => epoch.ValidationMap), task.Validation.MeanAveragePrecision(network, default), 1e-9);
        Assert.InRange(history.Max(epoch => epoch.ValidationMap), 0.7, 1);               // chance is 1/3
    }

    [Theory]
    [InlineData(1)]                                                                      // within the first epoch
    [InlineData(10)]                                                                     // after an epoch's last step: its validation is cut short
    [InlineData(17)]
    public void A_run_that_was_stopped_and_started_again_ends_at_the_same_numbers(int stopAfter)
    {
        HashingNetwork whole = Network(), parted = Network();
        IReadOnlyList<EpochRecord> expected = Fit(Task("whole", 3), whole);

        using var stop = new CancellationTokenSource();
        int steps = 0;
        var stopping = new Watch(progress =>
        {
            if (progress.Finished is null && ++steps == stopAfter) stop.Cancel();
        });
        FitTask task = Task("parted", 3);
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(task, parted, null, TimeProvider.System, stopping, stop.Token));
        Assert.True(File.Exists(task.CheckpointPath));

        HashingNetwork resumed = Network();
        IReadOnlyList<EpochRecord> actual = Fit(task, resumed);
        Assert.Equal(expected.Select(Numbers), actual.Select(Numbers));
        foreach ((string name, Tensor tensor) in whole.StateDict)
            Assert.Equal(tensor.Contiguous().Span<byte>().ToArray(), resumed.StateDict[name].Contiguous().Span<byte>().ToArray());
    }

    [Fact]
    public void Slow_weights_are_part_of_a_checkpoint_and_of_the_result()
    {
        FitTask With(string name, LookaheadSpec? lookahead) => Task(name, 3) with { Options = Options(3) with { Lookahead = lookahead } };
        var lookahead = new LookaheadSpec(Every: 4);
        HashingNetwork whole = Network(), resumed = Network();
        IReadOnlyList<EpochRecord> expected = Fit(With("whole", lookahead), whole);
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(With("parted", lookahead), Network(), null, TimeProvider.System, new Watch(_ =>
        {
            if (++steps == 17) stop.Cancel();                                            // between two returns
        }), stop.Token));
        Assert.Equal(expected.Select(Numbers), Fit(With("parted", lookahead), resumed).Select(Numbers));
        foreach ((string name, Tensor tensor) in whole.StateDict)
            Assert.Equal(tensor.Contiguous().Span<byte>().ToArray(), resumed.StateDict[name].Contiguous().Span<byte>().ToArray());
        Assert.NotEqual(expected.Select(epoch => epoch.Loss), Fit(With("without", null), Network()).Select(epoch => epoch.Loss));
    }

    [Fact]
    public void The_first_epochs_see_a_window_at_a_place_of_its_own_in_each_batch()
    {
        var window = new EarlyWindow(2, 3);
        using var scope = new TensorScope();
        Tensor images = Tensor.From([.. Enumerable.Range(0, 50).Select(i => (float)i)], 2, 5, 5, 1).Permute(0, 3, 1, 2);
        Assert.Same(images, window.Of(images, 2, new Randomness(1)));
        var corners = new HashSet<float>();
        for (ulong step = 0; step < 200; step++)
        {
            float[] seen = window.Of(images, 1, new Randomness(step)).Contiguous().ToArray<float>();
            corners.Add(seen[0]);
            Assert.Equal([0, 1, 2, 5, 6, 7, 10, 11, 12, 25, 26, 27, 30, 31, 32, 35, 36, 37], seen.Select(value => value - seen[0]));
        }
        Assert.Equal([0, 1, 2, 5, 6, 7, 10, 11, 12], corners.Order());
        Assert.Equal(["epochs: must be at least 1 and below 2, all epochs; got 2", "side: must be at least 1 and below 5, the picture's; got 5"],
            new EarlyWindow(2, 5).Problems(new ImageShape(5, 6, 1), 2));
    }

    [Fact]
    public void A_network_that_has_seen_windows_goes_on_with_whole_pictures_and_resumes()
    {
        static HashingNetwork Network()
        {
            TorchRuntime.Seed(7);
            return new CifarResNetSpec(8, 8).Build(new ImageShape(Side, Side, 1), Bits, Classes);
        }
        FitTask With(string name) => Task(name, 4) with { Options = Options(4) with { Window = new EarlyWindow(2, 12) } };
        IReadOnlyList<EpochRecord> expected = Fit(With("whole"), Network());
        Assert.True(expected[^1].Loss < expected[0].Loss);
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(With("parted"), Network(), null, TimeProvider.System, new Watch(_ =>
        {
            if (++steps == 4) stop.Cancel();
        }), stop.Token));
        Assert.Equal(expected.Select(Numbers), Fit(With("parted"), Network()).Select(Numbers));
    }

    [Fact]
    public void A_run_that_goes_on_counts_what_the_starts_before_it_took()
    {
        using var stop = new CancellationTokenSource();
        TimeSpan before = default;
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(Task("parted", 2), Network(), null, TimeProvider.System, new Watch(progress =>
        {
            if (progress.Step == 3) stop.Cancel();
            before = progress.Took;
        }), stop.Token));

        FitResult result = Trainer.Fit(Task("parted", 2), Network(), null, TimeProvider.System, new Watch(progress => Assert.True(progress.Took > before)), default);

        Assert.True(before > TimeSpan.Zero && result.Earlier >= before);
        Assert.Equal(TimeSpan.Zero, Trainer.Fit(Task("whole", 1), Network(), null, TimeProvider.System, new Watch(_ => { }), default).Earlier);
    }

    [Fact]
    public void A_narrow_network_learns_from_an_odd_number_of_pictures()
    {
        // Odd batches through 1x1 convolutions of 8 channels overwrite memory in libtorch 1.13: docs/decisions/0007.
        TorchRuntime.Threads = 2;
        HashingNetwork network = new CifarResNetSpec(8, 8).Build(new ImageShape(Side, Side, 1), Bits, Classes);
        FitTask task = Task("odd", epochs: 8) with { Train = MadeData.Store(Classes, 15, Side), Options = Options(8) with { BatchSize = 32 } };
        Assert.Equal(8, Fit(task, network).Count);
        Assert.All(network.StateDict.Values.Where(tensor => tensor.DType == DType.Float32), tensor => Assert.True(tensor.AllFinite()));
    }

    [Fact]
    public void A_checkpoint_of_other_inputs_is_not_resumed()
    {
        FitTask task = Task("inputs", 1);
        Fit(task, Network());
        int steps = 0;
        Trainer.Fit(task with { Inputs = "others" }, Network(), null, TimeProvider.System, new Watch(_ => steps++), default);
        Assert.True(steps > 1);
    }

    [Fact]
    public void A_truncated_checkpoint_is_named_and_says_what_to_do()
    {
        FitTask task = Task("truncated", 1);
        Fit(task, Network());
        byte[] whole = File.ReadAllBytes(task.CheckpointPath);
        foreach (int length in new[] { 0, 7, 100, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(task.CheckpointPath, whole[..length]);
            string message = Assert.Throws<TernException>(() => Fit(task, Network())).Message;
            Assert.Contains("checkpoint.safetensors", message);
            Assert.Contains("Delete it", message);
        }
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_with_the_reason()
    {
        FitTask task = Task("diverges", 3) with { Options = Options(3) with { Optimizer = new SgdSpec(1e20), Schedule = new ConstantSchedule() } };
        string message = Assert.Throws<TernException>(() => Fit(task, Network())).Message;
        Assert.Contains("diverges", message);
        Assert.Contains("epoch 1, step", message);
        Assert.Contains("learningRate", message);
    }

    [Fact]
    public void A_cached_teacher_shows_what_a_live_one_shows_of_the_picture_as_it_is()
    {
        HashingNetwork network = Network();
        network.Train(false);
        PixelStore store = MadeData.Store(Classes, 40, Side, seed: 3);
        string path = folder["shown.safetensors"];
        CachedTeacher Open(string inputs, Func<HashingNetwork> teacher) => CachedTeacher.Open(path, inputs, teacher, store, SmallFit.Normalization, Precision.Float32, default);
        Open("inputs", () => network).Dispose();
        using CachedTeacher cached = Open("inputs", () => throw new InvalidOperationException("the teacher was asked again"));
        Assert.Throws<InvalidOperationException>(() => Open("others", () => throw new InvalidOperationException()));
        var live = new LiveTeacher(network, Precision.Float32);
        Batch batch = new BatchLoader(store, SmallFit.Normalization, 8, seed: 4).Train(0, []).First();
        Tensor images = NetworkRunner.ToTensor(batch, store.Shape);
        NetworkOutput expected = live.Show(batch, images), actual = cached.Show(batch, images);
        foreach ((float a, float b) in expected.Hash.ToArray<float>().Zip(actual.Hash.ToArray<float>())) Assert.Equal(a, b, 1e-4);
        foreach ((float a, float b) in expected.Logits.ToArray<float>().Zip(actual.Logits.ToArray<float>())) Assert.Equal(a, b, 1e-4);
    }

    private FitTask Task(string name, int epochs) => SmallFit.Task(folder.Path, name, epochs);
}
