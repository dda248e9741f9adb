using Tern.Training.Models;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Runs;

/// <summary>Runs the stages of a recipe in order, skipping what is up to date.</summary>
public static class Pipeline
{
    /// <summary>
    /// Runs every stage, or those <paramref name="chosen"/> accepts by name, into <paramref name="path"/>. A stage that was interrupted goes on where it was.
    /// Throws <see cref="TernException"/> when a chosen stage lacks what an earlier one leaves, or another process works in the folder.
    /// </summary>
    public static void Run(
        Recipe recipe, string path, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation, Func<string, bool>? chosen = null)
    {
        using RunFolder folder = RunFolder.Open(path);
        RunStages(new RunContext(recipe.Resolve(), folder, time, progress, cancellation), chosen);
    }

    /// <summary>
    /// The same beside other runs: what one of them has done with the same inputs is copied. Where another process works in the folder, or does just now what the next stage would do, it stops and
    /// returns the lock that process holds; null when it has come to its end.
    /// </summary>
    internal static string? RunBeside(
        SharedWork others, Recipe recipe, string path, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation, Func<string, bool>? chosen = null)
    {
        using RunFolder? folder = RunFolder.TryOpen(path);
        return folder is null ? RunFolder.LockOf(path) : RunStages(new RunContext(recipe.Resolve(), folder, time, progress, cancellation, others), chosen);
    }

    private static string? RunStages(RunContext context, Func<string, bool>? chosen)
    {
        context.Folder.Begin(RecipeFile.ToJson(context.Recipe));
        Stage[] stages = [.. Stages(context).Where(stage => chosen is null || chosen(stage.Name))];
        foreach (Stage stage in stages) stage.Check();
        if (stages.Length == 0) throw new TernException($"the recipe '{context.Recipe.Name}' has no such network: see its teacher and quantize parts");
        for (int i = 0; i < stages.Length; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (RunStage(context, stages[i], i + 1, stages.Length) is { } held) return held;
        }
        return null;
    }

    /// <summary>The stages of a recipe, in order.</summary>
    public static IEnumerable<Stage> Stages(RunContext context)
    {
        NetworkRole[] networks = [.. NetworkRole.Of(context.Recipe)];
        foreach (NetworkRole network in networks) yield return new TrainStage(context, network);
        foreach (NetworkRole network in networks) yield return new ExportStage(context, network);
        foreach (NetworkRole network in networks) yield return new EncodeStage(context, network);
        foreach (NetworkRole network in networks) yield return new EvaluateStage(context, network);
        if (networks[^1].SearchBy == SearchBy.Code) yield return new IndexStage(context, networks[^1]);      // an index holds codes
        yield return new ReportStage(context, networks);
    }

    /// <summary>The lock of the process that does the same just now, or null when it has been done.</summary>
    private static string? RunStage(RunContext context, Stage stage, int number, int count)
    {
        string inputs = stage.InputsHash;
        if (TrySkip(context, stage, inputs, number, count)) return null;
        string? claim = context.Shared?.ClaimOf(stage, inputs);
        using IDisposable? claimed = claim is null ? null : context.Shared!.TryTake(claim);
        if (claim is not null && claimed is null) return claim;
        if (claim is not null && TrySkip(context, stage, inputs, number, count)) return null;          // by who held it before
        context.Shared?.CopyUnfinished(stage, context.Folder);

        context.Progress.Report(new StageStarted(stage.Name, number, count));
        long start = context.Time.GetTimestamp();
        stage.Run();
        TimeSpan took = context.Time.GetElapsedTime(start) + stage.Earlier;
        context.Folder.Record(stage, inputs, took);
        stage.CleanUp();
        context.Progress.Report(new StageFinished(stage.Name, took));
        return null;
    }

    /// <summary>Does without the stage where what it leaves is there: from an earlier start, or copied now from a run that has done the same.</summary>
    private static bool TrySkip(RunContext context, Stage stage, string inputs, int number, int count)
    {
        if (context.Folder.IsUpToDate(stage.Name, inputs))
        {
            stage.CleanUp();                                                                             // a crash may have come just before
            context.Progress.Report(new StageUpToDate(stage.Name, number, count));
            return true;
        }
        if (context.Shared?.Copy(stage, inputs, context.Folder) is not { } donor) return false;
        stage.CleanUp();
        context.Progress.Report(new StageCopied(stage.Name, number, count, donor));
        return true;
    }
}
