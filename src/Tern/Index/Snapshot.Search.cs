using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

internal sealed partial class Snapshot
{
    /// <summary>Nearest items, by (distance, id): positions ascend with ids.</summary>
    public IndexAnswer Search(BinaryCode query, SearchOptions options, CancellationToken cancellation)
    {
        if (query.Bits != Manifest.Bits)
            throw new TernException(
                $"The query has {query.Bits} bits and the index {Manifest.Bits}; use the model the index was made with ({Manifest.Model}).");
        options.Require(Manifest.Descriptor);
        RequireAttributes(options.Filter);
        if (options.OnePerLabel)
            _ = groups.Value; // if the labels are damaged, it is told here and not by another thread
        SearchAnswer answer = PartSearch.Nearest(SearchPart.Of(Segments, options.Filter), query, new SearchRequest
        {
            Top = options.Candidates,
            Within = options.Within,
            GroupOf = options.OnePerLabel ? GroupOf : null,
            Plan = options.Plan,
            Threads = options.Threads,
        }, cancellation);
        IEnumerable<SearchResult> found = answer.Neighbors.Select(ToResult);
        if (options.RerankAmong is not null)
            found = Reranked(answer.Neighbors, options.Descriptor.Span);
        return new IndexAnswer([.. found.Skip(options.Skip).Take(options.Top ?? int.MaxValue)], answer.Explanation);
    }

    /// <summary>Groups of live items whose codes lie within a radius of each other, directly or through others.</summary>
    public IndexGroups Groups(int radius, JoinRequest request, CancellationToken cancellation)
    {
        RequireAttributes(request.Filter);
        PackedCodes codes = new(Manifest.Bits);
        List<long> positions = [];
        foreach ((int segment, int item) in LiveItems(request.Filter))
        {
            codes.Add(Segments[segment].Data.Codes.WordsOf(item));
            positions.Add(firsts[segment] + item);
        }
        GroupAnswer answer = CodeSearch.Over(codes, hashing: false).GroupsWithin(radius, request with { Filter = null }, cancellation);
        return new IndexGroups(
            [.. answer.Groups.Select(group => (IReadOnlyList<IndexItem>)[.. group.Select(row => ToItem(Locate(positions[(int)row])))])], answer.Explanation);
    }

    private IEnumerable<SearchResult> Reranked(IReadOnlyList<Neighbor> nearest, ReadOnlySpan<float> query)
    {
        DescriptorShape shape = Manifest.Descriptor!;
        float[] unit = new float[shape.Length];
        new Descriptors(shape.Length, shape.Precision).ToUnitLength(query, unit);
        return nearest
            .Select(neighbor => ToResult(neighbor) with { Cosine = CosineOf(Locate(neighbor.Position), unit) })
            .OrderByDescending(result => result.Cosine).ThenBy(result => result.Id);
    }

    private float CosineOf((int Segment, int Item) place, float[] unit) => Segments[place.Segment].Data.Descriptors.Cosine(unit, place.Item);

    private long GroupOf(long position)
    {
        (int segment, int item) = Locate(position);
        return groups.Value.Of(segment, item, position);
    }

    private SearchResult ToResult(Neighbor neighbor)
    {
        IndexItem item = ToItem(Locate(neighbor.Position));
        return new SearchResult(item.Key, item.Label, neighbor.Distance, item.Id) { Attributes = item.Attributes };
    }
}
