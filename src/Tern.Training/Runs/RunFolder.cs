using System.Security.Cryptography;

namespace Tern.Training.Runs;

/// <summary>The folder of a run, held by one process at a time.</summary>
public sealed class RunFolder : IDisposable
{
    internal const string StateFile = "state.json", RecipeFile = "recipe.json", SummaryFile = "summary.json", Report = "report";
    private const string LockName = ".lock";
    private readonly IDisposable held;

    private RunFolder(string path, IDisposable held, RunState state) => (Path, this.held, State) = (path, held, state);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Which stages have ended.</summary>
    public RunState State { get; }

    /// <summary>A file or folder within it.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Creates the folder if need be and holds it. Throws <see cref="TernException"/> when it cannot be written or another process holds it.</summary>
    public static RunFolder Open(string path) =>
        TryOpen(path) ?? TryOpenAgain(path) ?? throw new TernException($"another tern works in the run folder {path}: wait for it, or choose another folder with --out");

    /// <summary>Creates the folder if need be and holds it; null while another process does. Throws <see cref="TernException"/> when it cannot be written.</summary>
    internal static RunFolder? TryOpen(string path)
    {
        IDisposable? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = FileLock.TryTake(LockOf(path));
            return held is null ? null : new RunFolder(path, held, RunState.Read(System.IO.Path.Combine(path, StateFile)));
        }
        catch (TernException)
        {
            held?.Dispose();
            throw;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            held?.Dispose();
            throw new TernException($"the run folder {path} cannot be written: {error.Message.TrimEnd('.')}. Choose another with --out", error);
        }
    }

    /// <summary>A study that asks whether the folder is free (<see cref="FileLock.IsFree"/>) holds it for an instant.</summary>
    private static RunFolder? TryOpenAgain(string path)
    {
        Thread.Sleep(50);
        return TryOpen(path);
    }

    /// <summary>The lock of whoever works in a run folder.</summary>
    internal static string LockOf(string path) => System.IO.Path.Combine(path, LockName);

    /// <summary>Whether a folder holds all that a recipe leaves, as far as it knows itself; nothing is hashed.</summary>
    public static bool IsFinished(string path, string recipe)
    {
        string Of(string file) => System.IO.Path.Combine(path, file);
        return File.Exists(Of(SummaryFile)) && File.Exists(Of(RecipeFile)) && File.ReadAllText(Of(RecipeFile)) == recipe && RunState.Read(Of(StateFile)).Stages.ContainsKey(Report);
    }

    /// <summary>Keeps the recipe that is about to run. The report of another one no longer counts as finished.</summary>
    public void Begin(string recipe)
    {
        if (!File.Exists(this[RecipeFile]) || File.ReadAllText(this[RecipeFile]) != recipe)
        {
            if (State.Stages.Remove(Report)) State.Write(this[StateFile]);
            AtomicFile.WriteText(this[RecipeFile], recipe);
        }
    }

    /// <summary>SHA-256 of a file within the folder.</summary>
    public string Hash(string relative)
    {
        using FileStream stream = File.OpenRead(this[relative]);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Whether a stage ended with these inputs and all it left is still as it was.</summary>
    public bool IsUpToDate(string stage, string inputs) =>
        State.Stages.TryGetValue(stage, out StageRecord? record) && record.Inputs == inputs
        && record.Outputs.All(output => File.Exists(this[output.Key]) && Hash(output.Key) == output.Value);

    /// <summary>Remembers that a stage has ended here.</summary>
    public void Record(Stage stage, string inputs, TimeSpan took) =>
        Record(stage.Name, new StageRecord(inputs, stage.Outputs.ToDictionary(output => output, Hash), Math.Round(took.TotalSeconds, 1), Origin.Here));

    /// <summary>Remembers what another folder says of a stage whose files were copied from there.</summary>
    public void Record(string stage, StageRecord record)
    {
        State.Stages[stage] = record;
        State.Write(this[StateFile]);
    }

    /// <summary>Lets the next process in.</summary>
    public void Dispose() => held.Dispose();
}
