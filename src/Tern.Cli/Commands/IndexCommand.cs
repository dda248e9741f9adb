using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Cli.Output;
using Tern.Index;
using Tern.Search;
using Tern.Training.Data;
using Tern.Training.Runs;

namespace Tern.Cli.Commands;

/// <summary>tern index build, add, remove, compact, stats, verify.</summary>
internal static class IndexCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("index", "Make an index folder from pictures, and look after it");
        command.Subcommands.Add(BuildIndex(terminal));
        command.Subcommands.Add(Add(terminal));
        command.Subcommands.Add(Remove(terminal));
        command.Subcommands.Add(Compact(terminal));
        command.Subcommands.Add(Stats(terminal));
        command.Subcommands.Add(Verify(terminal));
        return command;
    }

    private static Command BuildIndex(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "A new or empty folder" };
        var model = new Option<string>("--model") { Description = "The model.onnx to encode with; a copy goes into the index", Required = true };
        var pictures = new Option<string>("--images") { Description = "Folder of pictures; the folder a picture lies in is its label", Required = true };
        var descriptors = Choices.Named<KeptDescriptors>("--descriptors", "How to keep the embeddings as well, for tern search --rerank (default: none)");
        var strict = new Option<bool>("--fail-on-bad-image") { Description = "Stop at a picture that cannot be read instead of leaving it out" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("build", "Encode a folder of pictures into an index.\n\nExample: tern index build shop.index --model demo/ternary/model.onnx --images photos/") { folder, model, pictures, descriptors, strict, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            IndexBuilt built = default!;
            RunProgress.Show(terminal, progress => built = IndexBuilder.Build(
                parsed.GetValue(folder)!, parsed.GetValue(model)!, parsed.GetValue(pictures)!, Precision(parsed.GetValue(descriptors)),
                parsed.GetValue(strict) ? BadImagePolicy.Fail : BadImagePolicy.Skip, Environment.ProcessorCount, progress, cancellation));
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(built, IndexJson.Default.IndexBuilt));
            else terminal.Out.WriteLine($"{built.Added} pictures in {parsed.GetValue(folder)}, {built.LeftOut} left out");
            return 0;
        }));
        return command;
    }

    private static DescriptorPrecision? Precision(KeptDescriptors kept) => kept switch
    {
        KeptDescriptors.Float32 => DescriptorPrecision.Float32,
        KeptDescriptors.Float16 => DescriptorPrecision.Float16,
        KeptDescriptors.Int8 => DescriptorPrecision.Int8,
        _ => null,
    };

    private static Command Add(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var pictures = new Argument<string[]>("folders") { Description = "Folders of pictures; the folder a picture lies in is its label", Arity = ArgumentArity.OneOrMore };
        var strict = new Option<bool>("--fail-on-bad-image") { Description = "Stop at a picture that cannot be read instead of leaving it out" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("add", "Encode the pictures of folders into an index, but for those whose content it has already. What was added before a stop is kept.\n\nExample: tern index add shop.index new-photos/") { folder, pictures, strict, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            IndexAdded added = default!;
            RunProgress.Show(terminal, progress =>
            {
                progress.Report(new StageStarted("index", 1, 1));
                added = IndexBuilder.Add(
                    parsed.GetValue(folder)!, parsed.GetValue(pictures)!, parsed.GetValue(strict) ? BadImagePolicy.Fail : BadImagePolicy.Skip,
                    Environment.ProcessorCount, progress, cancellation);
            });
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(added, IndexJson.Default.IndexAdded));
            else terminal.Out.WriteLine($"{added.Added} pictures added to {parsed.GetValue(folder)}, {added.AlreadyThere} already there, {added.LeftOut} left out");
            return 0;
        }));
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var keys = new Argument<string[]>("keys") { Description = "Keys of items, which tern search prints", Arity = ArgumentArity.ZeroOrMore };
        var below = new Option<string>("--below") { Description = "Remove all items whose keys lie below this folder" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("remove", "Remove items from an index.\n\nExample: tern index remove shop.index photos/shoes/0001.jpg") { folder, keys, below, json };
        command.SetAction(parsed =>
        {
            using HammingIndex index = HammingIndex.Open(parsed.GetValue(folder)!, new IndexOptions { Writable = true });
            string[] named = parsed.GetValue(keys) ?? [], missing = [.. named.Where(key => !index.Remove(key))];
            int removed = named.Length - missing.Length;
            if (parsed.GetValue(below)?.TrimEnd('/') is { } prefix)
                removed += index.Items(ItemFilter.KeysBetween($"{prefix}/", $"{prefix}0")).Count(item => index.Remove(item.Key));      // '0' follows '/'
            index.Commit();
            foreach (string key in missing) terminal.Say($"warning: there is no {key}");
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(new IndexRemoved(removed, missing), IndexJson.Default.IndexRemoved));
            else terminal.Out.WriteLine($"{removed} items removed from {parsed.GetValue(folder)}");
            return missing.Length == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Compact(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("compact", "Join the segments of an index and give back the space of removed items.\n\nExample: tern index compact demo/index") { folder, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            string path = parsed.GetValue(folder)!;
            using HammingIndex index = HammingIndex.Open(path, new IndexOptions { Writable = true });
            long before = BytesOf(path);
            index.Compact(cancellation);
            var compacted = new IndexCompacted(index.Count, before, BytesOf(path));
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(compacted, IndexJson.Default.IndexCompacted));
            else terminal.Out.WriteLine($"{compacted.Items} items, {compacted.BytesBefore} bytes before, {compacted.Bytes} bytes now");
            return 0;
        }));
        return command;
    }

    private static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

    private static Command Stats(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("stats", "Say what an index holds.\n\nExample: tern index stats demo/index") { folder, json };
        command.SetAction(parsed =>
        {
            using HammingIndex index = HammingIndex.Open(parsed.GetValue(folder)!);
            long bytes = BytesOf(parsed.GetValue(folder)!);
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
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            IReadOnlyList<string> problems = ImageIndex.Verify(parsed.GetValue(folder)!, cancellation);
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(problems, IndexJson.Default.IReadOnlyListString));
            else terminal.Out.WriteLine(problems.Count == 0 ? "sound" : string.Join(Environment.NewLine, problems));
            return problems.Count == 0 ? 0 : 1;
        }));
        return command;
    }
}

/// <summary>The values of --descriptors.</summary>
internal enum KeptDescriptors
{
    None,
    Float32,
    Float16,
    Int8,
}

/// <summary>What tern index stats tells.</summary>
/// <param name="Bytes">On disk, the model's copy included.</param>
internal sealed record IndexStats(long Items, int Bits, long Bytes, string Model);

/// <summary>What tern index remove did.</summary>
/// <param name="Missing">Keys that no item had.</param>
internal sealed record IndexRemoved(int Removed, string[] Missing);

/// <summary>What tern index compact did.</summary>
/// <param name="Bytes">On disk, the model's copy included.</param>
internal sealed record IndexCompacted(long Items, long BytesBefore, long Bytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IndexStats))]
[JsonSerializable(typeof(IndexBuilt))]
[JsonSerializable(typeof(IndexAdded))]
[JsonSerializable(typeof(IndexRemoved))]
[JsonSerializable(typeof(IndexCompacted))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class IndexJson : JsonSerializerContext;
