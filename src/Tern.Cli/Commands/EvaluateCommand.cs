using System.CommandLine;
using System.Globalization;
using Tern.Cli.Output;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Models;
using Tern.Training.Protocols;
using Tern.Training.Runs;

namespace Tern.Cli.Commands;

/// <summary>tern evaluate: judges a model file on a data set.</summary>
internal static class EvaluateCommand
{
    public static Command Build(Terminal terminal)
    {
        var model = new Argument<string>("model") { Description = "A model.onnx" };
        var data = new Option<string>("--data") { Description = "Folder or .csv list", Required = true };
        var format = Choices.Named<DataFormat>("--format", "How the data set lies on disk (default: look)");
        Option<int?> trainClasses = Choices.TrainClasses();
        Option<bool> boxes = Choices.Boxes();
        var protocol = new Option<string[]>("--protocol") { Description = "Who asks and who answers; may stand several times (default: test-vs-train)", HelpName = string.Join('|', RetrievalProtocol.Names) };
        protocol.AcceptOnlyFromAmong([.. RetrievalProtocol.Names]);
        var by = Choices.Named<SearchBy>("--by", "What is ranked: codes, or embeddings by cosine (default: code)");
        var ties = Choices.Named<Ties>("--ties", "How equal distances count (default: expected)");
        var cutoff = Choices.Number("--cutoff", "Only the first R of a ranking count (default: all)", least: 1);
        var threads = Choices.Number("--threads", "Processor cores (default: all)", least: 1);
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var command = new Command("evaluate", "Judge a model on a data set; every number with its protocol.\n\nExample: tern evaluate demo/ternary/model.onnx --data /usr/share/datasets/fashion-mnist")
        {
            model, data, format, trainClasses, boxes, protocol, by, ties, cutoff, threads, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var options = new RetrievalOptions { Ties = parsed.GetValue(ties), Cutoff = parsed.GetValue(cutoff), Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount };
            string[] names = parsed.GetValue(protocol) is { Length: > 0 } given ? given : [RetrievalProtocol.All[0].Name];
            RetrievalProtocol[] protocols = [.. names.Select(name => RetrievalProtocol.Find(name)!).Distinct()];
            IReadOnlyList<Measurement> rows = [];
            RunProgress.Show(terminal, progress =>
                rows = ModelEvaluation.Run(parsed.GetValue(model)!, parsed.GetValue(data)!, parsed.GetValue(format), protocols, options, progress, cancellation, parsed.GetValue(trainClasses), parsed.GetValue(boxes), parsed.GetValue(by)));
            foreach (Measurement row in rows) terminal.Out.WriteLine(parsed.GetValue(json) ? row.ToJson() : Text(row));
            return 0;
        }));
        return command;
    }

    private static string Text(Measurement row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Metric,-18} {row.Value:F4}{(row.Worst is { } worst ? $"  [{worst:F4}..{row.Best:F4} over ties]" : "")}  {row.Protocol}, {(row.Bits is { } bits ? $"{bits} bits" : $"{row.Ranked} by {row.Distance}")}{(row.Ties is { } ties ? $", ties {ties}" : "")}");
}
