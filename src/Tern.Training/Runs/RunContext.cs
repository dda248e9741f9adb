using System.Security.Cryptography;
using Tern.Training.Data;
using Tern.Training.Recipes;

namespace Tern.Training.Runs;

/// <summary>What every stage of a run shares.</summary>
public sealed class RunContext(Recipe recipe, RunFolder folder, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation)
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

    /// <summary>The pictures, read on first use.</summary>
    public RunData Data => data ??= RunData.Load(Recipe, Progress, Cancellation);

    /// <summary>The recipe's scale and shift of pixels.</summary>
    public PixelNormalization Normalization { get; } = new(recipe.Data.Mean, recipe.Data.Deviation);

    /// <summary>SHA-256 of the resolved recipe.</summary>
    public string RecipeHash { get; } = Hash(RecipeFile.ToJson(recipe));

    /// <summary>SHA-256 of a text.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
