using System.Security.Cryptography;
using Tern.Training.Data;
using Tern.Training.Recipes;

namespace Tern.Training.Runs;

/// <summary>What every stage of a run shares.</summary>
public sealed class RunContext(
    Recipe recipe, RunFolder folder, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation, SharedWork? shared = null)
{
    private RunData? data;

    /// <summary>Resolved: every default written out.</summary>
    public Recipe Recipe { get; } = recipe;

    /// <summary>Where everything is left.</summary>
    public RunFolder Folder { get; } = folder;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Who watches.</summary>
    public IProgress<RunEvent> Progress { get; } = progress;

    /// <summary>Ctrl-C.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>What runs beside this one have done; null for a run on its own.</summary>
    public SharedWork? Shared { get; } = shared;

    /// <summary>The pictures, read on first use.</summary>
    public RunData Data => data ??= Shared?.Data(Recipe, Load) ?? Load();

    /// <summary>The recipe's scale and shift of pixels.</summary>
    public PixelNormalization Normalization { get; } = new(recipe.Data.Mean, recipe.Data.Deviation);

    /// <summary>SHA-256 of the resolved recipe.</summary>
    public string RecipeHash { get; } = Hash(RecipeFile.ToJson(recipe));

    private RunData Load() => RunData.Load(Recipe, Progress, Cancellation);

    /// <summary>SHA-256 of a text.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
