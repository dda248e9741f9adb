using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Cli.Output;
using Tern.Index;
using Tern.Training.Data;
using Tern.Training.Runs;

namespace Tern.Cli.Commands;

/// <summary>tern index build, stats, verify.</summary>
internal static class IndexCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("index", "Make an index folder from pictures, and look after it");
        command.Subcommands.Add(BuildIndex(terminal));
        command.Subcommands.Add(Stats(terminal));
        command.Subcommands.Add(Verify(terminal));
        return command;
    }

    private static Command BuildIndex(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "A new or empty folder" };
        var model = new Option<string>("--model") { Description = "The model.onnx to encode with; a copy goes into the index", Required = true };
        var pictures = new Option<string>("--images") { Description = "Folder of pictures; the folder a picture lies in is its label", Required = true };
        var strict = new Option<bool>("--fail-on-bad-image") { Description = "Stop at a picture that cannot be read instead of leaving it out" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("build", "Encode a folder of pictures into an index.\n\nExample: tern index build shop.index --model demo/ternary/model.onnx --images photos/") { folder, model, pictures, strict, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            IndexBuilt built = default!;
            RunProgress.Show(terminal, progress => built = IndexBuilder.Build(
                parsed.GetValue(folder)!, parsed.GetValue(model)!, parsed.GetValue(pictures)!,
                parsed.GetValue(strict) ? BadImagePolicy.Fail : BadImagePolicy.Skip, Environment.ProcessorCount, progress, cancellation));
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(built, IndexJson.Default.IndexBuilt));
            else terminal.Out.WriteLine($"{built.Added} pictures in {parsed.GetValue(folder)}, {built.LeftOut} left out");
            return 0;
        }));
        return command;
    }

    private static Command Stats(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("stats", "Say what an index holds.\n\nExample: tern index stats demo/index") { folder, json };
        command.SetAction(parsed =>
        {
            using HammingIndex index = HammingIndex.Open(parsed.GetValue(folder)!);
            long bytes = new DirectoryInfo(parsed.GetValue(folder)!).EnumerateFiles().Sum(file => file.Length);
            var stats = new IndexStats(index.Count, index.Bits, bytes, index.ModelIdentity);
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(stats, IndexJson.Default.IndexStats));
            else terminal.Out.WriteLine($"{index.Count} items of {index.Bits} bits, {bytes} bytes on disk, model {index.ModelIdentity}");
            return 0;
        });
        return command;
    }

    private static Command Verify(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var json = new Option<bool>("--json") { Description = "Print a JSON array of what is wrong" };
        var command = new Command("verify", "Read every byte of an index and compare its checksums; exit code 1 if something is wrong.\n\nExample: tern index verify demo/index") { folder, json };
        command.SetAction(parsed =>
        {
            IReadOnlyList<string> problems = ImageIndex.Verify(parsed.GetValue(folder)!);
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(problems, IndexJson.Default.IReadOnlyListString));
            else terminal.Out.WriteLine(problems.Count == 0 ? "sound" : string.Join(Environment.NewLine, problems));
            return problems.Count == 0 ? 0 : 1;
        });
        return command;
    }
}

/// <summary>What tern index stats tells.</summary>
/// <param name="Bytes">On disk, the model's copy included.</param>
internal sealed record IndexStats(long Items, int Bits, long Bytes, string Model);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IndexStats))]
[JsonSerializable(typeof(IndexBuilt))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class IndexJson : JsonSerializerContext;
