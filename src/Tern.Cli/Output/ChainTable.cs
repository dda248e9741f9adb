using System.Globalization;
using Tern.Training.Reports;

namespace Tern.Cli.Output;

/// <summary>The chain's table as text.</summary>
internal static class ChainTable
{
    public static void Write(Terminal terminal, string summaryPath, string folder)
    {
        RunSummary summary = RunSummary.FromJson(File.ReadAllText(summaryPath));
        terminal.Out.WriteLine($"{summary.Name}: {summary.Bits} bits, {summary.Protocol}, mAP expected over ties");
        terminal.Out.WriteLine($"{"network",-14} {"parameters",11} {"bytes",10} {"mAP",7} {"recall@1",9} {"ms/image",9}");
        foreach (StageSummary stage in summary.Stages)
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{stage.Name,-14} {stage.Parameters,11:N0} {stage.Bytes,10:N0} {stage.Map,7:F4} {stage.RecallAt1,9:F4} {stage.EncodeMs,9:F3}"));
        terminal.Out.WriteLine($"report: {Path.Combine(folder, "report.html")}");
        terminal.Out.WriteLine($"search: tern search {Path.Combine(folder, "index")} --image FILE");
    }
}
