using Tern.Torch;
using Tern.Torch.Optimizers;
using Tern.Torch.Weights;
using Tern.Training.Augmentations;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

/// <summary>Training on terms that compare embeddings, or layers inside, with a teacher of another width: 10 steps an epoch.</summary>
public sealed class HintTrainerTests : IDisposable
{
    private const int Side = 16, Classes = 3, Bits = 12, Epochs = 4;

    /// <summary>Maps [N, 32, 8, 8] of the student, [N, 8, 8, 8] of the teacher.</summary>
    private static readonly HintLoss Inside = new(Adapter: true, Tap: "backbone.bn2", TeacherTap: "backbone.layer2");

    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_student_comes_nearer_to_the_teacher_and_its_weights_have_no_adapter()
    {
        Loss[] objective = [new HintLoss(Normalized: true, Adapter: true), new RelationalLoss { Weight = 0.1 }];
        HashingNetwork student = Network(), before = Network();
        IReadOnlyList<EpochRecord> history = Fit(Task("near", objective), student);
        Assert.Equal(["hint", "relational"], history[0].Terms.Keys);
        Assert.True(history[^1].Terms["hint"] < 0.7 * history[0].Terms["hint"], $"{history[0].Terms["hint"]} to {history[^1].Terms["hint"]}");
        Assert.Equal(before.StateDict.Keys, student.StateDict.Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void Stopped_and_started_again_it_ends_at_the_same_numbers(int stopAfter)
    {
        Loss[] objective = [Inside, new HintLoss(Adapter: true) { Weight = 0.01 }, new CrossEntropyLoss()];
        HashingNetwork whole = Network(), parted = Network(), resumed = Network();
        IReadOnlyList<EpochRecord> expected = Fit(Task("whole", objective), whole);
        using (var stop = new CancellationTokenSource())
        {
            int steps = 0;
            Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Fit(Task("parted", objective), parted, Teacher(objective), TimeProvider.System, new Watch(_ =>
            {
                if (++steps == stopAfter) stop.Cancel();
            }), stop.Token));
        }
        IReadOnlyList<EpochRecord> actual = Fit(Task("parted", objective), resumed);
        Assert.Equal(expected.Select(epoch => (epoch.Loss, epoch.Terms["hint.backbone.bn2"], epoch.Terms["hint"])), actual.Select(epoch => (epoch.Loss, epoch.Terms["hint.backbone.bn2"], epoch.Terms["hint"])));
        foreach ((string name, Tensor tensor) in whole.StateDict) Assert.Equal(Bytes(tensor), Bytes(resumed.StateDict[name]));
        foreach (string name in new[] { "adapter.0.weight", "adapter.1.weight", "adapter.1.bias" }) Assert.Equal(Bytes(Kept("whole", objective, name)), Bytes(Kept("parted", objective, name)));
        Assert.Equal([8L, 32], Kept("whole", objective, "adapter.0.weight").Shape);
        Assert.Equal([16L, 500], Kept("whole", objective, "adapter.1.weight").Shape);
    }

    [Fact]
    public void An_adapter_is_a_parameter_like_any_other_and_can_be_frozen()
    {
        Loss[] objective = [new CrossEntropyLoss(), new HintLoss(Adapter: true)];
        FitTask task = Task("free", objective), frozen = Task("frozen", objective, new ParameterFactor("objective.1.*", 0));
        Fit(task, Network());
        Fit(frozen, Network());
        Assert.NotEqual(Bytes(Kept("free", objective, "adapter.1.weight")), Bytes(Kept("frozen", objective, "adapter.1.weight")));
        string message = Assert.Throws<TernException>(() => Fit(Task("wrong", objective, new ParameterFactor("objective.0.*", 0)), Network())).Message;
        Assert.Contains("'objective.0.*' matches no parameter", message);
        Assert.Contains("objective.1.weight, objective.1.bias", message);
    }

    [Fact]
    public void Trust_in_the_teacher_is_logged()
    {
        Loss[] objective = [new CrossEntropyLoss(), new SoftLabelsLoss { Weight = 0.01 }];
        EpochRecord epoch = Fit(Task("trust", objective) with { Weighting = new TeacherWeighting(LikelihoodFloor.Seed) }, Network())[^1];
        Assert.Equal(["crossEntropy", "softLabels", "teacherWeight", "teacherWeight.spread"], epoch.Terms.Keys);
        Assert.InRange(epoch.Terms["teacherWeight"], 0.01, 0.999);                        // this teacher has learned nothing
        Assert.InRange(epoch.Terms["teacherWeight.spread"], 0.001, 0.5);
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_the_first_step()
    {
        string Refused(Loss loss) => Assert.Throws<TernException>(() => Fit(Task("refused", loss), Network(), _ => Assert.Fail("a step was done"))).Message;
        Assert.Contains("hint: 'embedding' has 500 dimensions and the teacher's 'embedding' 16", Refused(new HintLoss()));
        Assert.Contains("the network's layers: unknown 'backbone.bn9'; did you mean 'backbone.bn", Refused(new HintLoss(Tap: "backbone.bn9", TeacherTap: "embedding")));
        Assert.Contains("the teacher's layers: unknown 'backbone.bn2'", Refused(new HintLoss(Tap: "backbone.bn2")));
        Assert.Contains("'backbone.bn2' has 64 positions and the teacher's 'backbone.layer1' 256", Refused(new HintLoss(Adapter: true, Tap: "backbone.bn2", TeacherTap: "backbone.layer1")));
    }

    private static byte[] Bytes(Tensor tensor) => tensor.Detach().Contiguous().Span<byte>().ToArray();

    private static HashingNetwork Network()
    {
        TorchRuntime.Seed(7);
        return new DshSpec().Build(new ImageShape(Side, Side, 1), Bits, Classes);
    }

    private static LiveTeacher Teacher(IEnumerable<Loss> objective)
    {
        TorchRuntime.Seed(8);
        return new LiveTeacher(new CifarResNetSpec(8, 4).Build(new ImageShape(Side, Side, 1), Bits, Classes), Precision.Float32, objective);
    }

    private Tensor Kept(string task, Loss[] objective, string name) => SafetensorsFile.Read(Task(task, objective).CheckpointPath).Tensors[$"optimizer.{name}"];

    private FitTask Task(string name, params Loss[] objective) => Task(name, objective, []);

    private FitTask Task(string name, Loss[] objective, params ParameterFactor[] factors)
    {
        var normalization = new PixelNormalization([0.5], [0.5]);
        PixelStore learn = MadeData.Store(Classes, 120, Side), held = MadeData.Store(Classes, 45, Side, first: 120);
        var options = new FitOptions(
            Epochs, new AdamSpec(0.002), BatchSize: 12, new OneCycleSchedule(), [new PadAndCrop(2)], Precision.Float32, Parameters: factors.Length == 0 ? null : factors);
        return new FitTask(name, "inputs", folder[name, "checkpoint.safetensors"], options, objective,
            learn, normalization, new Validation(held, learn, normalization, Precision.Float32, threads: 2), Seed: 5);
    }

    private static IReadOnlyList<EpochRecord> Fit(FitTask task, HashingNetwork network, Action<FitProgress>? watch = null) =>
        Trainer.Fit(task, network, Teacher(task.Objective), TimeProvider.System, new Watch(watch ?? (_ => { })), default).History;

    private sealed class Watch(Action<FitProgress> watch) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => watch(value);
    }
}
