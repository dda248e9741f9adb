using System.CommandLine;
using System.Globalization;
using Tern.Cli.Output;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;
using Tern.Training.Runs;

namespace Tern.Cli.Commands;

/// <summary>tern evaluate: judges a model file on a data set.</summary>
internal static class EvaluateCommand
{
    /// <summary>What is ranked: codes by Hamming distance, or float embeddings.</summary>
    private enum Ranked
    {
        Code,
        Cosine,
        Euclidean,
    }

    public static Command Build(Terminal terminal)
    {
        var model = new Argument<string>("model") { Description = "A model.onnx" };
        var data = new Option<string>("--data") { Description = "Folder or .csv list", Required = true };
        var format = Choices.Named<DataFormat>("--format", "How the data set lies on disk (default: look)");
        Option<int?> trainClasses = Choices.TrainClasses();
        Option<bool> boxes = Choices.Boxes();
        string[] known = [.. RetrievalProtocol.Names, .. VerificationProtocol.Names];
        var protocol = new Option<string[]>("--protocol")
        {
            Description = "Who asks and who answers, or how pairs are shown; may stand several times (default: test-vs-train; with --pairs: pairs)",
            HelpName = string.Join('|', known),
        };
        protocol.AcceptOnlyFromAmong(known);
        var ranked = Choices.Named<Ranked>("--rank", "Codes, or float embeddings by a distance (default: code)");
        var recallAt = Choices.Numbers("--recall-at", "The K of Recall@K and Precision@K (default: 1,2,4,8)");
        var ties = Choices.Named<Ties>("--ties", "How equal distances count (default: expected)");
        var cutoff = Choices.Number("--cutoff", "Only the first N of a ranking count (default: all)", least: 1);
        var threads = Choices.Number("--threads", "Processor cores (default: all)", least: 1);
        var pairs = new Option<string?>("--pairs") { Description = "Judge pairs of faces: a list as LFW's pairs.txt, or a .csv; a relative path starts at --data" };
        var folds = Choices.Numbers("--folds", "Only the pairs of these folds, each with the threshold of the others (default: all)");
        var mirror = Choices.Named<MirrorUse>("--mirror", "Whether mirror images have a say where pairs are judged (default: none)");
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var command = new Command("evaluate", "Judge a model on a data set; every number with its protocol.\n\nExample: tern evaluate demo/ternary/model.onnx --data /usr/share/datasets/fashion-mnist")
        {
            model, data, format, trainClasses, boxes, protocol, ranked, recallAt, ties, cutoff, pairs, folds, mirror, threads, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var options = new RetrievalOptions { Ties = parsed.GetValue(ties), Cutoff = parsed.GetValue(cutoff), Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount };
            if (parsed.GetValue(recallAt) is { Length: > 0 } at) options = options with { TopK = at };
            EmbeddingDistance? embeddings = parsed.GetValue(ranked) switch { Ranked.Cosine => EmbeddingDistance.Cosine, Ranked.Euclidean => EmbeddingDistance.SquaredEuclidean, _ => null };
            PairsSpec? listed = Choices.Pairs(parsed.GetValue(pairs), parsed.GetValue(folds));
            string[] names = parsed.GetValue(protocol) is { Length: > 0 } given ? given : [listed is null ? RetrievalProtocol.All[0].Name : VerificationProtocol.All[0].Name];
            RequireFit(names, listed);
            IReadOnlyList<Measurement> rows = [];
            RunProgress.Show(terminal, progress => rows = listed is null
                ? ModelEvaluation.Run(
                    parsed.GetValue(model)!, parsed.GetValue(data)!, parsed.GetValue(format), [.. names.Select(name => RetrievalProtocol.Find(name)!).Distinct()], options, progress, cancellation,
                    parsed.GetValue(trainClasses), parsed.GetValue(boxes), embeddings)
                : ModelVerification.Run(
                    parsed.GetValue(model)!, parsed.GetValue(data)!, listed, [.. names.Select(name => VerificationProtocol.Find(name)!).Distinct()],
                    parsed.GetValue(mirror), options.Threads, progress, cancellation));
            foreach (Measurement row in rows) terminal.Out.WriteLine(parsed.GetValue(json) ? row.ToJson() : Text(row));
            return 0;
        }));
        return command;
    }

    private static void RequireFit(string[] names, PairsSpec? listed)
    {
        foreach (string name in names)
            if ((VerificationProtocol.Find(name) is null) != (listed is null))
                throw new TernException(listed is null
                    ? $"--protocol {name} judges pairs: name their list with --pairs"
                    : $"--protocol {name} has no use for pairs: leave out --pairs, or take one of {string.Join(", ", VerificationProtocol.Names)}");
    }

    private static string Text(Measurement row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Metric,-18} {row.Value:F4}{(row.Worst is { } worst ? $"  [{worst:F4}..{row.Best:F4} over ties]" : "")}  {row.Protocol}, {(row.Bits is { } bits ? $"{bits} bits" : row.Ranked is null ? "float embeddings" : $"{row.Ranked} by {row.Distance}")}{(row.Ties is { } ties ? $", ties {ties}" : "")}");
}
