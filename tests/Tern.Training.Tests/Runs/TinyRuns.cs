using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>A folder with <see cref="TinyRecipe"/> and runs of it.</summary>
internal sealed class TinyRuns : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Writes the recipe; its path.</summary>
    public string WriteRecipe() => TinyRecipe.Write(folder.Path);

    /// <summary>A file or folder beside it.</summary>
    public string At(string relative) => folder[relative];

    public Recipe Read(params string[] overrides) => RecipeFile.Read(WriteRecipe(), overrides);

    /// <summary>Runs into the folder "run"; what happened.</summary>
    public List<RunEvent> Run(Recipe recipe, Func<string, bool>? chosen = null)
    {
        var events = new Events();
        Pipeline.Run(recipe, At("run"), TimeProvider.System, events, default, chosen);
        return events.All;
    }

    internal sealed class Events : IProgress<RunEvent>
    {
        public List<RunEvent> All { get; } = [];

        public void Report(RunEvent value)
        {
            lock (All) All.Add(value);
        }
    }
}
