using System.Globalization;
using Tern.Training.Reports;

namespace Tern.Cli.Output;

/// <summary>The chain's table as text.</summary>
internal static class ChainTable
{
    public static void Write(Terminal terminal, string summaryPath, string folder)
    {
        RunSummary summary = RunSummary.FromJson(File.ReadAllText(summaryPath));
        bool retrieves = summary.Stages.Any(stage => stage.Map is not null), pairs = summary.Stages.Any(stage => stage.CodeAccuracy is not null);
        terminal.Out.WriteLine($"{summary.Name}: {summary.Bits} bits, {summary.Protocol}{(retrieves ? ", mAP expected over ties" : "")}");
        terminal.Out.WriteLine(
            $"{"network",-14} {"parameters",11} {"bytes",10}{(retrieves ? $" {"mAP",7} {"recall@1",9}" : "")}{(pairs ? $" {"accuracy",9} {"by codes",9}" : "")} {"ms/image",9}");
        foreach (StageSummary stage in summary.Stages)
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{stage.Name,-14} {stage.Parameters,11:N0} {stage.Bytes,10:N0}{(retrieves ? Scores(stage.Map, 7, stage.RecallAt1) : "")}{(pairs ? Scores(stage.Accuracy, 9, stage.CodeAccuracy) : "")} {stage.EncodeMs,9:F3}"));
        terminal.Out.WriteLine($"report: {Path.Combine(folder, "report.html")}");
        terminal.Out.WriteLine($"search: tern search {Path.Combine(folder, "index")} --image FILE");
    }

    private static string Scores(double? first, int width, double? second) => $" {Score(first).PadLeft(width)} {Score(second),9}";

    private static string Score(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? "";
}
