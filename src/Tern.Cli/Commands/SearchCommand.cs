using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Cli.Output;
using Tern.Imaging;
using Tern.Index;

namespace Tern.Cli.Commands;

/// <summary>tern search: the nearest items to a picture.</summary>
internal static class SearchCommand
{
    public static Command Build(Terminal terminal)
    {
        var folder = new Argument<string>("index") { Description = "An index folder" };
        var image = new Option<string>("--image") { Description = "The picture to search with", Required = true };
        var top = Choices.Number("--top", "At most this many (default: 10)", least: 1);
        var within = Choices.Number("--within", "Only items at most this many bits away", least: 0);
        var rerank = Choices.Number("--rerank", "Put so many of the nearest into the order of their embeddings, where the index keeps them", least: 1);
        var explain = new Option<bool>("--explain") { Description = "Say how they were found as well; with --json print an object of both" };
        var json = new Option<bool>("--json") { Description = "Print a JSON array" };
        var command = new Command("search", "Find the nearest items to a picture; ties by id.\n\nExample: tern search demo/index --image demo/query.png --top 5") { folder, image, top, within, rerank, explain, json };
        command.SetAction(parsed =>
        {
            using ImageIndex index = ImageIndex.Open(parsed.GetValue(folder)!);
            var options = new SearchOptions { Top = parsed.GetValue(top) ?? 10, Within = parsed.GetValue(within), RerankAmong = parsed.GetValue(rerank), Threads = Environment.ProcessorCount };
            IndexAnswer answer = index.Explain(ImageDecoder.Open(parsed.GetValue(image)!, index.Encoder.Channels), options);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(parsed.GetValue(explain)
                    ? JsonSerializer.Serialize(answer, SearchJson.Default.IndexAnswer)
                    : JsonSerializer.Serialize(answer.Results, SearchJson.Default.IReadOnlyListSearchResult));
            else
            {
                foreach (SearchResult item in answer.Results) terminal.Out.WriteLine($"{item.Distance,4}  {item.Label ?? "-",-16}  {item.Key}");
                if (parsed.GetValue(explain)) terminal.Say(answer.Explanation.ToString());
            }
            return 0;
        });
        return command;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<SearchResult>))]
[JsonSerializable(typeof(IndexAnswer))]
internal sealed partial class SearchJson : JsonSerializerContext;
