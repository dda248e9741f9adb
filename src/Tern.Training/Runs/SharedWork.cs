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
    internal string ClaimOf(Stage stage, string inputs)
    {
        Directory.CreateDirectory(claims);
        return Path.Combine(claims, $"{stage.Name.Replace(' ', '-')}-{inputs[..16]}");
    }

    /// <summary>Waits until no other process is inside of this, and keeps them out until it is disposed.</summary>
    internal IDisposable Alone()
    {
        Directory.CreateDirectory(claims);
        IDisposable? taken;
        while ((taken = FileLock.TryTake(Path.Combine(claims, "results"))) is null) Thread.Sleep(20);
        return taken;
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
            if (stage.Outputs.Any(output => !File.Exists(Path.Combine(donor, output)))) continue;
            foreach (string output in stage.Outputs)
                AtomicFile.Write(folder[output], target =>
                {
                    using FileStream source = File.OpenRead(Path.Combine(donor, output));
                    source.CopyTo(target);
                });
            if (record.Outputs.Any(output => folder.Hash(output.Key) != output.Value)) continue;           // changed there: done again here
            folder.Record(stage.Name, record);
            return donor;
        }
        return null;
    }

    private static StageRecord? Find(string donor, string stage)
    {
        try { return RunState.Read(Path.Combine(donor, RunFolder.StateFile)).Stages.GetValueOrDefault(stage); }
        catch (TernException) { return null; }                                       // its own run says so when it is started
    }
}
