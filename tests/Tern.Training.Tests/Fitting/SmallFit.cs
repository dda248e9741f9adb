using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

/// <summary>A small network and pictures of three classes that it learns in seconds.</summary>
internal static class SmallFit
{
    public const int Side = 16, Classes = 3, Bits = 12;

    public static PixelNormalization Normalization { get; } = new([0.5], [0.5]);

    public static (int, double, double, double) Numbers(EpochRecord epoch) => (epoch.Epoch, epoch.Loss, epoch.LearningRate, epoch.ValidationMap);

    public static HashingNetwork Network()
    {
        TorchRuntime.Seed(7);
        return new DshSpec().Build(new ImageShape(Side, Side, 1), Bits, Classes);
    }

    public static FitOptions Options(int epochs) =>
        new(epochs, new SgdSpec(0.05), BatchSize: 12, new OneCycleSchedule(), [new Flip(), new PadAndCrop(2)], Precision.Float32);

    /// <summary>The stripes of two of the made classes are each other's mirror image.</summary>
    public static FitOptions Unmirrored(int epochs) => Options(epochs) with { Optimizer = new AdamSpec(0.003, WeightDecay: 1e-4), Augment = [new PadAndCrop(2)] };

    public static FitTask Task(string folder, string name, int epochs)
    {
        PixelStore learn = MadeData.Store(Classes, 120, Side), held = MadeData.Store(Classes, 45, Side, first: 120);
        return new FitTask(name, "inputs", Path.Combine(folder, name, "checkpoint.safetensors"), Options(epochs), [new CrossEntropyLoss(0.1)],
            learn, Normalization, new Validation(held, learn, Normalization, Precision.Float32, threads: 2), Seed: 5);
    }

    public static IReadOnlyList<EpochRecord> Fit(FitTask task, HashingNetwork network) =>
        Trainer.Fit(task, network, null, TimeProvider.System, new Watch(_ => { }), default).History;

    public sealed class Watch(Action<FitProgress> watch) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => watch(value);
    }
}
