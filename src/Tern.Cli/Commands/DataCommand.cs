using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Cli.Output;
using Tern.Imaging;
using Tern.Training.Data;

namespace Tern.Cli.Commands;

/// <summary>tern data check, show: what a data set really holds.</summary>
internal static class DataCommand
{
    private const int Shown = 20, ShownCopies = 4;

    public static Command Build(Terminal terminal)
    {
        var command = new Command("data", "Look at data sets");
        command.Subcommands.Add(Check(terminal));
        command.Subcommands.Add(Show(terminal));
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "A data set" };
        var format = Choices.Named<DataFormat>("--format", "How it lies on disk (default: look)");
        var split = new Option<string>("--split") { Description = "train or test", DefaultValueFactory = _ => "train" };
        split.AcceptOnlyFromAmong("train", "test");
        var index = Choices.Number("--index", "Position of the picture, from 0 (default: 0)", least: 0);
        var output = new Option<string>("--out") { Description = "PNG file to write", Required = true };
        Option<int?> trainClasses = Choices.TrainClasses();
        Option<bool> boxes = Choices.Boxes();
        var command = new Command("show", "Write one picture of a data set as PNG and print its label.\n\nExample: tern data show /usr/share/datasets/fashion-mnist --split test --index 42 --out query.png")
        {
            path, format, trainClasses, boxes, split, index, output,
        };
        command.SetAction(parsed =>
        {
            DataSplit sets = DataSource.Open(parsed.GetValue(path)!, parsed.GetValue(format), trainClasses: parsed.GetValue(trainClasses), boxes: parsed.GetValue(boxes));
            ImageSet set = parsed.GetValue(split) == "test" ? sets.Test : sets.Train;
            int position = parsed.GetValue(index) ?? 0;
            if (position >= set.Count) throw new TernException($"--index {position}: the {parsed.GetValue(split)} part has {set.Count} pictures, counted from 0");
            PictureFile.Write(parsed.GetValue(output)!, set.Read(position, 3));
            terminal.Out.WriteLine($"{parsed.GetValue(output)}: {set.Labels.Text(position, set.Classes)}, {set.Name(position)}");
            return 0;
        });
        return command;
    }

    private static Command Check(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "A folder of pictures, of IDX files, of CIFAR-10 batches or of another public data set, or a .csv list" };
        var format = Choices.Named<DataFormat>("--format", "How it lies on disk (default: look)");
        Option<int?> trainClasses = Choices.TrainClasses();
        Option<bool> boxes = Choices.Boxes();
        var pairs = new Option<string?>("--pairs") { Description = "Of a folder of faces: the list of pairs that are reported on; nobody in them is learned from" };
        Option<int[]?> folds = Choices.Numbers("--folds", "Only the pairs of these folds are reported on (default: all)");
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("check", "Read every picture: classes, counts, sizes, unreadable files, duplicates. Exit code 1 if a picture cannot be read or a class has none to learn from.\n\nExample: tern data check /usr/share/datasets/fashion-mnist")
        {
            path, format, trainClasses, boxes, pairs, folds, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            DataCheck check = Choices.Pairs(parsed.GetValue(pairs), parsed.GetValue(folds)) is { } listed
                ? DataCheck.Run(FaceReader.Open(parsed.GetValue(path)!, listed, strict: false), Environment.ProcessorCount, cancellation)
                : DataCheck.Run(parsed.GetValue(path)!, parsed.GetValue(format), Environment.ProcessorCount, cancellation, parsed.GetValue(trainClasses), parsed.GetValue(boxes));
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(check, DataCheckJson.Default.DataCheck));
            else Print(terminal.Out, check);
            return check.Parts.Any(part => part.Unreadable.Count > 0) || check.Parts[0].Classes.Values.Contains(0) ? 1 : 0;
        }));
        return command;
    }

    private static void Print(TextWriter output, DataCheck check)
    {
        foreach (PartCheck part in check.Parts)
        {
            output.WriteLine($"{part.Name}: {part.Pictures} pictures, {part.Classes.Count} classes, {part.Unreadable.Count} unreadable");
            if (part.Sizes.Count > 0) output.WriteLine($"  sizes: {string.Join(", ", part.Sizes.Take(5).Select(size => $"{size.Key} ({size.Value})"))}{(part.Sizes.Count > 5 ? $" and {part.Sizes.Count - 5} more" : "")}");
            output.WriteLine($"  classes: {string.Join(", ", part.Classes.Take(Shown).Select(entry => $"{entry.Key} ({entry.Value})"))}{(part.Classes.Count > Shown ? $" and {part.Classes.Count - Shown} more" : "")}");
            foreach (string empty in part.Classes.Where(entry => entry.Value == 0).Select(entry => entry.Key).Take(Shown)) output.WriteLine($"  class '{empty}' has no pictures");
            foreach (string single in part.Classes.Where(entry => entry.Value == 1).Select(entry => entry.Key).Take(Shown)) output.WriteLine($"  class '{single}' has one picture");
            foreach (BadImage bad in part.Unreadable.Take(Shown)) output.WriteLine($"  unreadable: {bad.Problem}");
        }
        int across = check.Duplicates.Count(duplicate => duplicate.AcrossParts), labels = check.Duplicates.Count(duplicate => duplicate.AcrossClasses);
        output.WriteLine($"duplicates: {check.Duplicates.Count} pictures stand more than once, {across} of them in train and test, {labels} under different classes");
        foreach (Duplicate duplicate in check.Duplicates.Take(Shown)) output.WriteLine($"  {string.Join(" = ", duplicate.Names.Take(ShownCopies))}{(duplicate.Names.Count > ShownCopies ? $" and {duplicate.Names.Count - ShownCopies} more" : "")}");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DataCheck))]
internal sealed partial class DataCheckJson : JsonSerializerContext;
