using System.Text.Json;
using Tern.Training.Recipes;

namespace Tern.Training.Runs;

/// <summary>What runs side by side, in one process or several, need to do only once: reading the same pictures, and stages with the same inputs.</summary>
/// <param name="claims">The folder of the locks by which processes tell one another what they are doing.</param>
public sealed class SharedWork(string claims)
{
    private readonly List<string> donors = [];
    private (string Key, RunData Data)? last;

    /// <summary>Lets later runs copy from a run folder.</summary>
    public void Add(string folder) => donors.Add(folder);

    /// <summary>The pictures of a recipe: those of the run before when it reads the same.</summary>
    internal RunData Data(Recipe recipe, Func<RunData> load)
    {
        string key = $"{JsonSerializer.Serialize(recipe.Data, RecipeFile.Options)} {recipe.Seed}";
        if (last?.Key != key) last = (key, load());
        else last.Value.Data.Require(recipe);                  // another recipe may not fit what was read
        return last.Value.Data;
    }

    /// <summary>The lock that whoever does a stage holds.</summary>
    internal string ClaimOf(Stage stage, string inputs) => Path.Combine(claims, $"{stage.Name.Replace(' ', '-')}-{inputs[..16]}");

    /// <summary>Takes such a lock; null while another process holds it.</summary>
    internal IDisposable? TryTake(string claim)
    {
        try
        {
            Directory.CreateDirectory(claims);
            return FileLock.TryTake(claim);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{claims} cannot be written: {error.Message.TrimEnd('.')}. Free some space, or choose another folder with --out", error);
        }
    }

    /// <summary>Waits until no other process is inside of this, and keeps them out until it is disposed.</summary>
    internal IDisposable Alone(CancellationToken cancellation)
    {
        IDisposable? taken;
        while ((taken = TryTake(Path.Combine(claims, "results"))) is null)
        {
            cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20));
            cancellation.ThrowIfCancellationRequested();
        }
        return taken;
    }

    /// <summary>Copies into a folder what a run that was stopped has saved of a stage, if that is more than what lies here.</summary>
    internal void CopyUnfinished(Stage stage, RunFolder folder)
    {
        if (stage.Unfinished is not { } saved) return;
        string here = folder[saved], most = donors.Select(donor => Path.Combine(donor, saved)).Prepend(here).MaxBy(stage.Done)!;           // null is the least
        if (most != here && stage.Done(most) is not null) TryCopy(most, here);
    }

    /// <summary>
    /// Copies into <paramref name="folder"/> what this stage has left elsewhere from the same inputs, whole and unchanged, and records it. Returns where
    /// it was found, or null. A run folder that is damaged gives nothing.
    /// </summary>
    internal string? Copy(Stage stage, string inputs, RunFolder folder)
    {
        foreach (string donor in donors.Where(donor => donor != folder.Path))
        {
            if (Find(donor, stage.Name) is not { } record || record.Inputs != inputs || !record.Outputs.Keys.ToHashSet().SetEquals(stage.Outputs)) continue;
            if (!stage.Outputs.All(output => TryCopy(Path.Combine(donor, output), folder[output]))) continue;
            if (record.Outputs.Any(output => folder.Hash(output.Key) != output.Value)) continue;           // changed there: done again here
            folder.Record(stage.Name, record);
            return donor;
        }
        return null;
    }

    /// <summary>False where the file of the other run cannot be read.</summary>
    private static bool TryCopy(string from, string to)
    {
        FileStream source;
        try { source = File.OpenRead(from); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { return false; }
        using (source) AtomicFile.Write(to, source.CopyTo);
        return true;
    }

    private static StageRecord? Find(string donor, string stage)
    {
        try { return RunState.Read(Path.Combine(donor, RunFolder.StateFile)).Stages.GetValueOrDefault(stage); }
        catch (TernException) { return null; }                                       // its own run says so when it is started
    }
}
