using Tern.Training.Models;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Runs;

/// <summary>Runs the stages of a recipe in order, skipping what is up to date.</summary>
public static class Pipeline
{
    /// <summary>
    /// Runs every stage, or those <paramref name="chosen"/> accepts by name, into <paramref name="path"/>. A stage that was interrupted goes on where it was.
    /// What runs beside it in <paramref name="shared"/> have already done with the same inputs is copied instead.
    /// Throws <see cref="TernException"/> when a chosen stage lacks what an earlier one leaves.
    /// </summary>
    public static void Run(
        Recipe recipe, string path, TimeProvider time, IProgress<RunEvent> progress, CancellationToken cancellation,
        Func<string, bool>? chosen = null, SharedWork? shared = null)
    {
        using RunFolder folder = RunFolder.Open(path);
        var context = new RunContext(recipe.Resolve(), folder, time, progress, cancellation, shared);
        folder.Begin(RecipeFile.ToJson(context.Recipe));
        Stage[] stages = [.. Stages(context).Where(stage => chosen is null || chosen(stage.Name))];
        foreach (Stage stage in stages) stage.Check();
        if (stages.Length == 0) throw new TernException($"the recipe '{recipe.Name}' has no such network: see its teacher and quantize parts");
        for (int i = 0; i < stages.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            RunStage(context, stages[i], i + 1, stages.Length);
        }
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

    private static void RunStage(RunContext context, Stage stage, int number, int count)
    {
        string inputs = stage.InputsHash;
        if (context.Folder.IsUpToDate(stage.Name, inputs))
        {
            context.Progress.Report(new StageUpToDate(stage.Name, number, count));
            return;
        }
        if (context.Shared?.Copy(stage, inputs, context.Folder) is { } donor)
        {
            stage.CleanUp();
            context.Progress.Report(new StageCopied(stage.Name, number, count, donor));
            return;
        }
        context.Progress.Report(new StageStarted(stage.Name, number, count));
        long start = context.Time.GetTimestamp();
        stage.Run();
        TimeSpan took = context.Time.GetElapsedTime(start) + stage.Earlier;
        context.Folder.Record(stage, inputs, took);
        stage.CleanUp();
        context.Progress.Report(new StageFinished(stage.Name, took));
    }
}
