using System.Globalization;
using Spectre.Console;
using Tern.Training.Fitting;
using Tern.Training.Runs;
using Tern.Training.Studies;

namespace Tern.Cli.Output;

/// <summary>Shows a run: a bar per stage where somebody watches, else a line per stage and epoch.</summary>
internal static class RunProgress
{
    /// <summary>Runs <paramref name="body"/> with the display that fits the terminal.</summary>
    public static void Show(Terminal terminal, Action<IProgress<RunEvent>> body)
    {
        if (!terminal.Interactive)
        {
            body(new Lines(terminal));
            return;
        }
        terminal.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .Start(context => body(new Bars(context, terminal)));
    }

    private static string Describe(EpochRecord epoch, int epochs) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {epoch.Epoch}/{epochs}: loss {epoch.Loss:F4} ({string.Join(", ", epoch.Terms.Select(term => string.Create(CultureInfo.InvariantCulture, $"{term.Key} {term.Value:F4}")))}), {Describe(epoch.Embeddings)}validation mAP {epoch.ValidationMap:F4}");

    private static string Describe(StudyWaits waits) => $"cells that are left: {waits.Left}; other processes do what they need, and this one goes on when they let go of {waits.Held}";

    private static string Describe(EmbeddingSpread? spread) => spread is null ? "" : string.Create(CultureInfo.InvariantCulture,
        $"pairs {spread.Distance:F3} apart (deviation {spread.Spread:F3}), {spread.Active:P0} active, ");

    private sealed class Lines(Terminal terminal) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            switch (value)
            {
                case StageStarted stage: terminal.Say($"[{stage.Number}/{stage.Count}] {stage.Stage}"); break;
                case StageUpToDate stage: terminal.Say($"[{stage.Number}/{stage.Count}] {stage.Stage}: up to date"); break;
                case StageCopied stage: terminal.Say($"[{stage.Number}/{stage.Count}] {stage.Stage}: as in {stage.Donor}"); break;
                case CellStarted cell: terminal.Say($"cell {cell.Number}/{cell.Count}: {cell.Cell}{(cell.Left is { } rest ? $", about {rest.TotalMinutes:F0} min left" : "")}"); break;
                case StudyWaits waits: terminal.Say(Describe(waits)); break;
                case CellKept cell: terminal.Say($"cell {cell.Number}/{cell.Count}: {cell.Cell}: numbers from {cell.Folder}"); break;
                case StageFinished stage: terminal.Say($"      {stage.Stage}: {Seconds(stage.Took)}"); break;
                case RunWarning warning: terminal.Say($"warning: {warning.Text}"); break;
                case TrainingAdvanced { Progress: { Finished: { } epoch } progress }:
                    TimeSpan left = progress.Took * ((double)(progress.Steps - progress.Step) / Math.Max(1, progress.Step));
                    terminal.Say($"      {progress.Name} {Describe(epoch, progress.Epochs)}, {Seconds(left)} left");
                    break;
            }
        }

        private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F0} s");
    }

    private sealed class Bars(ProgressContext context, Terminal terminal) : IProgress<RunEvent>
    {
        private ProgressTask? bar;

        public void Report(RunEvent value)
        {
            switch (value)
            {
                case StageStarted stage: bar = context.AddTask(Markup.Escape($"{stage.Number}/{stage.Count} {stage.Stage}")); break;
                case StageUpToDate stage: Skipped(stage.Number, stage.Count, stage.Stage, "up to date"); break;
                case StageCopied stage: Skipped(stage.Number, stage.Count, stage.Stage, "as in another run"); break;
                case CellStarted cell: terminal.Error.WriteLine($"cell {cell.Number}/{cell.Count}: {cell.Cell}"); break;
                case StudyWaits waits: terminal.Error.WriteLine(Describe(waits)); break;
                case CellKept cell: terminal.Error.WriteLine($"cell {cell.Number}/{cell.Count}: {cell.Cell}: numbers from {cell.Folder}"); break;
                case StageAdvanced advanced when bar is not null: bar.Value = 100.0 * advanced.Done / Math.Max(1, advanced.Total); break;
                case TrainingAdvanced { Progress: var progress } when bar is not null:
                    bar.Value = 100.0 * progress.Step / progress.Steps;
                    if (progress.Finished is { } epoch) terminal.Error.WriteLine($"{progress.Name} {Describe(epoch, progress.Epochs)}");
                    break;
                case StageFinished when bar is not null: bar.Value = bar.MaxValue; break;
                case RunWarning warning: terminal.Error.WriteLine($"warning: {warning.Text}"); break;
            }
        }

        private void Skipped(int number, int count, string stage, string why)
        {
            ProgressTask skipped = context.AddTask(Markup.Escape($"{number}/{count} {stage} ({why})"));
            skipped.Value = skipped.MaxValue;
        }
    }
}
