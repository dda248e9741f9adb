using Tern.Training.Recipes;
using Tern.Training.Runs;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Studies;

/// <summary>A cell of the grid and its runs, one for each seed and fold, the folds of a seed one after the other.</summary>
internal sealed record StudyCell(CellKey Key, IReadOnlyList<CellRun> Runs)
{
    /// <summary>What it trains, by name; the same in all its runs.</summary>
    public IEnumerable<string> Networks => Runs[0].Networks.Select(role => role.Name);
}

/// <summary>A run of a cell.</summary>
internal sealed record CellRun(Recipe Recipe, string Folder)
{
    /// <summary>Whether its folder holds all that it leaves, as far as it knows itself; of a damaged one the run tells when it is started.</summary>
    public bool HasEnded
    {
        get
        {
            try { return RunFolder.IsFinished(Folder, RecipeFile.ToJson(Recipe.Resolve())); }
            catch (TernException) { return false; }
        }
    }

    /// <summary>The networks it trains.</summary>
    public IEnumerable<NetworkRole> Networks => NetworkRole.Of(Recipe.Resolve());

    /// <summary>The weights it leaves.</summary>
    public IEnumerable<string> Weights => Networks.Select(WeightsOf);

    /// <summary>The weights its networks start from.</summary>
    public IEnumerable<string> Starts => Networks.Select(role => role.StartWeights?.Weights).OfType<string>();

    /// <summary>Where a network's weights lie in the end.</summary>
    public string WeightsOf(NetworkRole role) => Path.GetFullPath(Path.Combine(Folder, role.WeightsFile));
}
