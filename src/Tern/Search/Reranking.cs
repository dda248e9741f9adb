using Tern.Codes;

namespace Tern.Search;

/// <summary>Asks for the nearest codes in the order of their descriptors.</summary>
/// <param name="Descriptors">The descriptors of the collection, one for each code.</param>
/// <param name="Query">The query's descriptor, made by the same network.</param>
/// <param name="Among">How many of the nearest codes are compared by descriptor; the answer is the best of these.</param>
public sealed record Reranking(Descriptors Descriptors, ReadOnlyMemory<float> Query, int Among = 100)
{
    /// <summary>Puts items into the order (cosine from 1 down, position) and keeps the first.</summary>
    internal (Neighbor[] Items, float[] Cosines) Order(IReadOnlyList<Neighbor> nearest, int top)
    {
        float[] unit = new float[Descriptors.Length];
        Descriptors.ToUnitLength(Query.Span, unit);
        (Neighbor Item, float Cosine)[] ordered = [.. nearest
            .Select(item => (Item: item, Cosine: Descriptors.Cosine(unit, (int)item.Position)))
            .OrderByDescending(scored => scored.Cosine).ThenBy(scored => scored.Item.Position)
            .Take(top)];
        return ([.. ordered.Select(scored => scored.Item)], [.. ordered.Select(scored => scored.Cosine)]);
    }
}
