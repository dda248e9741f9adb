using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Data;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>What a trainer works with.</summary>
/// <param name="Name">The network's name, for progress and errors.</param>
/// <param name="Inputs">SHA-256 of everything the result depends on.</param>
/// <param name="CheckpointPath">Where it saves itself.</param>
/// <param name="Options">Resolved options.</param>
/// <param name="Weighting">How far the teacher is trusted on each picture; null for all alike.</param>
public sealed record FitTask(
    string Name, string Inputs, string CheckpointPath, FitOptions Options, IReadOnlyList<Loss> Objective,
    PixelStore Train, PixelNormalization Normalization, Validation Validation, ulong Seed, TeacherWeighting? Weighting = null);

/// <summary>
/// Trains a network and leaves the weights of its best epoch in it, chosen on validation pictures. Saves itself after every epoch, once a minute
/// within one, and when cancelled; started again, it goes on where it was and ends at the same numbers.
/// </summary>
public sealed class Trainer
{
    private const string Total = "loss", Distance = "embeddings.distance", Spread = "embeddings.spread", Active = "embeddings.active";
    private const int MostEmbeddings = 20_000;
    private const ulong OfSteps = 0x57e9, OfWindows = 0x81ad;

    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(1);

    private readonly FitTask task;
    private readonly HashingNetwork network;
    private readonly ITeacher? teacher;
    private readonly Taps taps;
    private readonly ParameterGroups parameters;
    private readonly Objective objective;
    private readonly Lookahead? lookahead;
    private readonly Dictionary<string, Tensor> best;
    private readonly Checkpoint checkpoint;
    private readonly BatchLoader loader;
    private readonly TimeProvider time;
    private readonly TimeSpan earlier;
    private readonly long began;
    private TrainingState state;
    private long lastSave;

    private Trainer(FitTask task, HashingNetwork network, ITeacher? teacher, TimeProvider time)
    {
        (this.task, this.network, this.teacher, this.time) = (task, network, teacher, time);
        network.To(MemoryFormat.ChannelsLast);
        TorchRuntime.Seed(task.Seed);                                 // adapters start the same whether or not a teacher was built just now
        taps = Look(task.Objective, network);
        LossAdapters adapters = Adapters(task.Objective, network, teacher, task.Train.Shape);
        parameters = new ParameterGroups(task.Options, network, adapters);
        objective = new Objective(task.Objective, adapters);
        lookahead = task.Options.Lookahead?.Build(network);
        best = network.StateDict.ToDictionary(named => named.Key, named => named.Value.Detach().Clone());
        checkpoint = new Checkpoint(task.CheckpointPath);
        loader = new BatchLoader(task.Train, task.Normalization, task.Options.BatchSize, task.Seed, task.Options.Batches);
        state = checkpoint.Load(task.Inputs, network, Moving, best) ?? new TrainingState { Inputs = task.Inputs };
        earlier = TimeSpan.FromSeconds(state.Seconds);
        began = lastSave = time.GetTimestamp();
    }

    private TimeSpan Took => earlier + time.GetElapsedTime(began);

    private long TotalSteps => (long)task.Options.Epochs * loader.TrainingBatches;

    private long StepsDone => (long)state.Epoch * loader.TrainingBatches + state.Step;

    /// <summary>What a checkpoint holds of optimisers, of what the objective learns and of the slow weights.</summary>
    private IReadOnlyDictionary<string, Tensor> Moving => new Dictionary<string, Tensor>([.. parameters.State, .. objective.State, .. lookahead?.State ?? new Dictionary<string, Tensor>()]);

    /// <summary>Trains to the end. Throws <see cref="TernException"/> when the loss is no longer a number.</summary>
    public static FitResult Fit(
        FitTask task, HashingNetwork network, ITeacher? teacher, TimeProvider time, IProgress<FitProgress> progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var trainer = new Trainer(task, network, teacher, time);
        try
        {
            while (trainer.state.Epoch < task.Options.Epochs) trainer.Epoch(progress, cancellation);
        }
        catch (OperationCanceledException)
        {
            trainer.Save();
            throw;
        }
        using (new NoGrad()) network.Load(trainer.best);
        if (task.Options.Hash == HashFit.IterativeQuantization) trainer.FitHash(cancellation);
        network.Train(false);
        return new FitResult(trainer.state.History, trainer.earlier);
    }

    /// <summary>
    /// The layers that terms train for themselves; all terms are tried on a blank picture. Throws <see cref="TernException"/> where one has nothing to look at or cannot
    /// compare these two networks.
    /// </summary>
    internal static LossAdapters Adapters(IReadOnlyList<Loss> objective, HashingNetwork network, ITeacher? teacher, ImageShape shape)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        var blank = new Batch(new float[shape.Bytes], [0], null, [0]);
        Tensor images = NetworkRunner.ToTensor(blank, shape);
        bool training = network.Training;
        network.Train(false);
        NetworkOutput student = NetworkRunner.Run(Look(objective, network), images, Precision.Float32);
        network.Train(training);
        var adapters = new LossAdapters(objective, student, teacher?.Show(blank, images));
        foreach (Tensor parameter in adapters.Parameters) scope.Keep(parameter);
        return adapters;
    }

    private static Taps Look(IReadOnlyList<Loss> objective, HashingNetwork network) => new(network, objective.Select(loss => loss.LooksAt).OfType<string>(), "network");

    /// <summary>The hash layer from embeddings of the pictures learned, at most so many of them, spread evenly.</summary>
    private void FitHash(CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        int every = (task.Train.Count + MostEmbeddings - 1) / MostEmbeddings;
        var rows = new List<float>();
        NetworkRunner.RunAll(network, task.Train, task.Normalization, task.Options.Precision, cancellation, (batch, output) =>
        {
            long[] taken = [.. Enumerable.Range(0, batch.Indices.Length).Where(i => batch.Indices[i] % every == 0).Select(i => (long)i)];
            rows.AddRange(output.Embedding.IndexSelect(0, Tensor.From(taken)).ToArray<float>());
        });
        (Tensor weight, Tensor bias) = IterativeQuantization.Fit(Tensor.From([.. rows], rows.Count / network.Features, network.Features), network.Bits, task.Seed, task.Options.HashWhitening);
        network.SetHash(weight, bias);
    }

    private void Epoch(IProgress<FitProgress> progress, CancellationToken cancellation)
    {
        parameters.Train();
        foreach (Batch batch in loader.Train(state.Epoch, task.Options.AugmentationsOf(state.Epoch), state.Step))
        {
            cancellation.ThrowIfCancellationRequested();
            string? warning = Step(batch);
            progress.Report(Progress(finished: null) with { Warning = warning });
            if (time.GetElapsedTime(lastSave) > SaveEvery) Save();
        }
        double map = task.Validation.MeanAveragePrecision(network, cancellation);
        EpochRecord record = Finish(map);
        Save();
        progress.Report(Progress(record));
    }

    /// <summary>Learns from a batch; what somebody should know of it, else null.</summary>
    private string? Step(Batch batch)
    {
        using var scope = new TensorScope();
        Tensor images = NetworkRunner.ToTensor(batch, task.Train.Shape);
        if (task.Options.Window is { } window) images = window.Of(images, state.Epoch, Randomness.Of(task.Seed, OfWindows, (ulong)StepsDone));
        NetworkOutput? shown = teacher?.Show(batch, images);
        parameters.ZeroGradients();
        NetworkOutput output = NetworkRunner.Run(taps, images, task.Options.Precision);
        LossBreakdown loss = objective.Compute(Input(output, batch, shown));
        Add(loss);
        string? warning = loss.Active.Count == 0 ? null : Watch(EmbeddingSpread.Of(output.Embedding, loss.Active));

        if (StepsDone == 0) state = state with { FirstGradients = Gradients(loss) };
        loss.Total.Backward();
        parameters.LearningRate = LearningRate(StepsDone);
        parameters.Step();
        objective.Step(task.Options.Schedule!.Factor(StepsDone, TotalSteps));
        lookahead?.Step(StepsDone, TotalSteps);
        state = state with { Step = state.Step + 1 };
        return warning;
    }

    /// <summary>How hard each term pulls by itself: what its weight means beside the others'. The gradients are forgotten again.</summary>
    private Dictionary<string, double> Gradients(LossBreakdown loss)
    {
        var lengths = new Dictionary<string, double>();
        foreach (((string name, Tensor value), Loss term) in loss.Terms.Zip(task.Objective))
        {
            if (value.RequiresGrad) (value * term.Weight).BackwardKeeping();
            lengths[name] = parameters.GradientLength;
            parameters.ZeroGradients();
            objective.ZeroGradients();
        }
        return lengths;
    }

    private string? Watch(EmbeddingSpread spread)
    {
        foreach ((string name, double number) in new[] { (Distance, spread.Distance), (Spread, spread.Spread), (Active, spread.Active) }) Sum(name, number);
        (CollapseWatch next, string? warning) = (state.Collapse ?? new CollapseWatch(spread.Distance)).Add(spread, StepsDone, TotalSteps);
        state = state with { Collapse = next };
        return warning is null ? null : $"{task.Name}: {warning}";
    }

    private LossInput Input(NetworkOutput output, Batch batch, NetworkOutput? shown)
    {
        var input = new LossInput(output, Tensor.From(batch.Labels), shown) { Randomness = Randomness.Of(task.Seed, OfSteps, (ulong)StepsDone) };
        if (batch.Targets is not null) input = input with { Targets = Tensor.From(batch.Targets, batch.Indices.Length, task.Train.Classes.Count) };
        return task.Weighting is { } weighting ? input with { TeacherWeight = weighting.Of(input) } : input;
    }

    private double LearningRate(long step) => task.Options.Optimizer.LearningRate * task.Options.Schedule!.Factor(step, TotalSteps);

    private void Add(LossBreakdown loss)
    {
        foreach ((string name, Tensor value) in loss.Terms.Prepend((Total, loss.Total)))
        {
            double number = value.Item();
            if (!double.IsFinite(number))
                throw new TernException($"{task.Name}: {name} became {number} in epoch {state.Epoch + 1}, step {state.Step + 1}, at learning rate {LearningRate(StepsDone):G3}: lower optimizer.learningRate, or train in float32");
            Sum(name, number);
        }
    }

    private void Sum(string name, double number) => state.Sums[name] = state.Sums.GetValueOrDefault(name) + number;

    private EpochRecord Finish(double map)
    {
        Dictionary<string, double> means = state.Sums.ToDictionary(sum => sum.Key, sum => sum.Value / state.Step);
        double? Take(string name) => means.Remove(name, out double mean) ? mean : null;
        double loss = Take(Total)!.Value;
        EmbeddingSpread? embeddings = Take(Distance) is { } distance ? new EmbeddingSpread(distance, Take(Spread)!.Value, Take(Active)!.Value) : null;
        long last = (long)(state.Epoch + 1) * loader.TrainingBatches - 1;
        var record = new EpochRecord(state.Epoch + 1, loss, means, LearningRate(last), map) { Embeddings = embeddings, FirstGradients = state.FirstGradients };
        if (map > state.Best)
        {
            using var scope = new TensorScope();
            using var noGrad = new NoGrad();
            foreach ((string name, Tensor tensor) in network.StateDict) best[name].Copy_(tensor);
        }
        state = state with { Epoch = state.Epoch + 1, Step = 0, Sums = [], FirstGradients = null, History = [.. state.History, record], Best = Math.Max(map, state.Best) };
        return record;
    }

    private void Save()
    {
        state = state with { Seconds = Took.TotalSeconds };
        checkpoint.Save(state, network, Moving, best);
        lastSave = time.GetTimestamp();
    }

    private FitProgress Progress(EpochRecord? finished) => new(
        task.Name, finished?.Epoch ?? state.Epoch + 1, task.Options.Epochs, StepsDone, TotalSteps,
        finished?.Loss ?? state.Sums[Total] / Math.Max(1, state.Step), Took, finished);
}
