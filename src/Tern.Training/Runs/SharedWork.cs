using System.Text.Json;
using Tern.Training.Recipes;

namespace Tern.Training.Runs;

/// <summary>What runs side by side need to do only once: reading the same pictures, and stages with the same inputs.</summary>
public sealed class SharedWork
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
        else RunData.Require(recipe, last.Value.Data.Train.Labels);                  // another recipe may not fit what was read
        return last.Value.Data;
    }

    /// <summary>
    /// Copies into <paramref name="folder"/> what a stage of this name has left elsewhere from these inputs, whole and unchanged, and records it. Returns where
    /// it was found, or null.
    /// </summary>
    internal string? Copy(string stage, string inputs, RunFolder folder)
    {
        foreach (string donor in donors.Where(donor => donor != folder.Path))
        {
            if (!RunState.Read(Path.Combine(donor, RunFolder.StateFile)).Stages.TryGetValue(stage, out StageRecord? record) || record.Inputs != inputs) continue;
            if (record.Outputs.Keys.Any(output => !File.Exists(Path.Combine(donor, output)))) continue;
            foreach (string output in record.Outputs.Keys)
                AtomicFile.Write(folder[output], target =>
                {
                    using FileStream source = File.OpenRead(Path.Combine(donor, output));
                    source.CopyTo(target);
                });
            if (record.Outputs.Any(output => folder.Hash(output.Key) != output.Value)) continue;           // damaged there: done again here
            folder.Record(stage, inputs, record.Outputs.Keys, TimeSpan.FromSeconds(record.Seconds));
            return donor;
        }
        return null;
    }
}
