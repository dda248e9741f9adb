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
        var top = new Option<int>("--top") { Description = "At most this many", DefaultValueFactory = _ => 10 };
        var within = new Option<int?>("--within") { Description = "Only items at most this many bits away" };
        var json = new Option<bool>("--json") { Description = "Print a JSON array" };
        var command = new Command("search", "Find the nearest items to a picture; ties by id.\n\nExample: tern search demo/index --image demo/query.png --top 5") { folder, image, top, within, json };
        command.SetAction(parsed =>
        {
            using ImageIndex index = ImageIndex.Open(parsed.GetValue(folder)!);
            var options = new SearchOptions { Top = parsed.GetValue(top), Within = parsed.GetValue(within), Threads = Environment.ProcessorCount };
            IReadOnlyList<SearchResult> found = index.Search(ImageDecoder.Open(parsed.GetValue(image)!, index.Encoder.Channels), options);
            if (parsed.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(found, SearchJson.Default.IReadOnlyListSearchResult));
            else
                foreach (SearchResult item in found) terminal.Out.WriteLine($"{item.Distance,4}  {item.Label ?? "-",-16}  {item.Key}");
            return 0;
        });
        return command;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<SearchResult>))]
internal sealed partial class SearchJson : JsonSerializerContext;
