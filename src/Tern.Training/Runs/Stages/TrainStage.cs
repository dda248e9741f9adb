using System.Text.Json;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;
using Tern.Training.Recipes;

namespace Tern.Training.Runs.Stages;

/// <summary>Trains one network of the chain; goes on from its checkpoint when there is one.</summary>
public sealed class TrainStage(RunContext context, NetworkRole role) : Stage(context)
{
    private TimeSpan earlier;

    public override string Name => role.Name;

    public override TimeSpan Earlier => earlier;

    /// <summary>2: the best epoch is chosen among learned pictures (docs/decisions/0010).</summary>
    protected override int Version => 2;

    public override IReadOnlyList<string> Outputs => [role.WeightsFile, role.MetricsFile];

    public override string Inputs => string.Join('\n',
            Json(role.Model),
            Json(role.Objective),
            Json(role.Training),
            Json(role.Quantized),
            role.Teacher is null ? "" : Json(Context.Recipe.Student!.TeacherView) + Json(role.Teacher.Model),
            Json(Context.Recipe.Data with { Path = "" }),
            Context.Recipe.Bits,
            Context.Recipe.Seed,
            TorchRuntime.Version,
            typeof(TrainStage).Assembly.GetName().Version,
            Context.Data.Fingerprint,
            WeightsOf(role.Teacher),
            WeightsOf(role.Start))
        + FileOf(role.StartWeights)
        + Part
        + (role.SearchBy == SearchBy.Code ? "" : "\n" + role.SearchBy)
        + (role.Shown is null ? "" : "\n" + role.Shown.Hash())
        + (role.Weighting is null ? "" : "\n" + Json(role.Weighting));

    /// <summary>What depends on the names and sizes of the networks: found before hours go into the networks ahead of this one.</summary>
    public override void Check()
    {
        bool fitsHash = role.Training.Hash == HashFit.IterativeQuantization;
        if (role.StartWeights is null && role.Training.Parameters is null && role.Shown is null && !fitsHash && role.Objective.All(loss => loss.LooksAt is null)) return;
        using var scope = new TensorScope();
        HashingNetwork network = Begin();
        if (fitsHash) IterativeQuantization.Require(network.Features, Context.Data.Learn.Count, network.Bits);
        ITeacher? teacher = role.Shown is { } shown ? Open(shown) : role.Teacher is { } shows ? new LiveTeacher(Build(shows), Precision.Float32, role.Objective) : null;
        _ = new ParameterGroups(role.Training, network, Trainer.Adapters(role.Objective, network, teacher, Context.Recipe.Data.Shape));
    }

    public override void Run()
    {
        using var scope = new TensorScope();
        TorchRuntime.Threads = Context.Recipe.Cores;
        TorchRuntime.Seed(Context.Recipe.Seed);
        HashingNetwork network = Start();
        var validation = new Validation(Context.Data.Validation, Context.Data.ValidationGallery, Context.Normalization, role.Training.Precision, Context.Recipe.Cores, role.SearchBy);
        var task = new FitTask(
            role.Name, InputsHash, Context.Folder[Unfinished], role.Training, role.Objective, Context.Data.Learn, Context.Normalization, validation, Context.Recipe.Seed, role.Weighting);
        ITeacher? teacher = role.Shown is { } shown ? Open(shown) : role.Teacher is { } shows ? Teacher(shows) : null;
        FitResult result = Trainer.Fit(task, network, teacher, Context.Time, new Relay(Context.Progress), Context.Cancellation);

        AtomicFile.Write(Context.Folder[role.WeightsFile], stream => SafetensorsFile.Write(stream, network.StateDict, Learned.Metadata));
        AtomicFile.WriteText(Context.Folder[role.MetricsFile], string.Concat(result.History.Select(epoch => JsonSerializer.Serialize(epoch, TrainingJson.Default.EpochRecord) + "\n")));
        earlier = result.Earlier;
    }

    /// <summary>What its weights know in the end: of people, those too that the weights it starts from say they know.</summary>
    private LearnedPictures Learned => Context.Data.Learned is { People.Count: > 0 } own ? own with { People = [.. own.People.Union(KnownBefore)] } : Context.Data.Learned;

    private IReadOnlyList<string> KnownBefore => role.Start is { } before ? TrainedNetwork.People(Context, before) : role.StartWeights?.People() ?? [];

    /// <summary>Only once the stage is recorded: a crash in between would otherwise train again.</summary>
    public override void CleanUp() => File.Delete(Context.Folder[Unfinished]);

    /// <summary>Named after what it depends on: another recipe in the same folder does not overwrite it.</summary>
    public override string Unfinished => $"{role.Name}/checkpoint-{InputsHash[..8]}.safetensors";

    public override (int Epochs, int Steps)? Done(string path) => Checkpoint.Done(path);

    /// <summary>A fresh network, or one with the weights of a file.</summary>
    private HashingNetwork Begin()
    {
        HashingNetwork network = Build(role);
        role.StartWeights?.Load(network, Context.Data.Learned);
        return network;
    }

    /// <summary>The network as it begins: its own, or with the weights of another and its quantised layers on top.</summary>
    private HashingNetwork Start()
    {
        if (role.Start is not { } before) return Begin();
        HashingNetwork network = TrainedNetwork.Load(Context, before);
        if (role.Quantized?.Apply(network, role.Model) is { Count: > 0 } convolutions)
            Context.Progress.Report(new RunWarning(
                $"quantize takes {convolutions.Count} convolutions to two bits or one: expect to lose much accuracy. Deep Transfer Hashing quantises fully connected layers only, for this reason"));
        return network;
    }

    private HashingNetwork Build(NetworkRole network) => network.Build(Context.Recipe.Data.Shape, Context.Recipe.Bits, Context.Data.Learn.Classes.Count);

    private ShownTeacher Open(ShownSpec shown)
    {
        string? comparesLogits = role.Weighting is not null ? "teacherWeighting" : role.Objective.FirstOrDefault(loss => loss.LearnsFrom == Taps.Logits)?.Name;
        return ShownTeacher.Open(shown, Context.Data.Learn, comparesLogits);
    }

    private ITeacher Teacher(NetworkRole shows)
    {
        HashingNetwork Load()
        {
            HashingNetwork network = TrainedNetwork.Load(Context, shows);
            network.To(MemoryFormat.ChannelsLast);
            return network;
        }
        Precision precision = role.Training.Precision;
        if (Context.Recipe.Student!.TeacherView == TeacherView.Same) return new LiveTeacher(Load(), precision, role.Objective);
        string inputs = RunContext.Hash(string.Join('\n', WeightsOf(shows), Json(shows.Model), Json(Context.Recipe.Data with { Path = "" }), Context.Data.Fingerprint, Context.Recipe.Seed, precision));
        return CachedTeacher.Open(Context.Folder[$"{shows.Name}/shown.safetensors"], inputs, Load, Context.Data.Learn, Context.Normalization, precision, Context.Cancellation);
    }

    /// <summary>Whether whole classes are held back follows from the test part too, which nothing else here looks at.</summary>
    private string Part => Context.Data.ValidationGallery is null ? "\n" + Context.Data.Learned.Part : "";

    private string WeightsOf(NetworkRole? other) => other is null ? "none" : TrainedNetwork.Hash(Context, other);

    private static string FileOf(StartSpec? start) => start is null ? "" : "\n" + Json(start with { Weights = start.Hash() });

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, RecipeFile.Options);

    private sealed class Relay(IProgress<RunEvent> progress) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Warning is { } warning) progress.Report(new RunWarning(warning));
            progress.Report(new TrainingAdvanced(value));
        }
    }
}
