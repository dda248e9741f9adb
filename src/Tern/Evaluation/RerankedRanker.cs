using Tern.Codes;

namespace Tern.Evaluation;

/// <summary>
/// Ranks by Hamming distance, and the first so many again by the cosine of embeddings. A thread keeps six bytes for each gallery item; of embeddings it reads those of
/// the query and of the first.
/// </summary>
internal sealed class RerankedRanker(
    LabelledCodes queries, LabelledCodes gallery, LabelledEmbeddings queryEmbeddings, LabelledEmbeddings galleryEmbeddings, int depth, RetrievalOptions options) : IRanker
{
    private readonly EmbeddingDistances cosines = new(queryEmbeddings, galleryEmbeddings, EmbeddingDistance.Cosine);

    public void Rank(int first, int count, ScoreSum sum, CancellationToken cancellation)
    {
        ushort[] distances = new ushort[gallery.Codes.Count];
        int[] places = new int[distances.Length];
        for (int query = first; query < first + count; query++)
        {
            cancellation.ThrowIfCancellationRequested();
            HammingKernels.Distances(queries.Codes.WordsOf(query), gallery.Codes.Words, distances);
            Place(query, distances, places);
            RelevantItems found = new(RelevantKeys(query, places), options.Ties == Ties.Legacy);
            for (int item = 0; item < places.Length; item++)
                if (item != Self(query))
                    found.Count(RelevantItems.Key(places[item], item));
            sum.Add(found.Ranking());
        }
    }

    // Where each item stands: the first are counted, tied ones alike; behind them the others follow by their Hamming distance.
    private void Place(int query, ReadOnlySpan<ushort> distances, Span<int> places)
    {
        (float Distance, int Item)[] again = [.. Nearest(query).Select(item => (cosines.Of(query, item), item)).Order()];
        for (int item = 0; item < places.Length; item++)
            places[item] = again.Length + distances[item];
        for (int i = 0; i < again.Length; i++)
            places[again[i].Item] = i > 0 && again[i].Distance == again[i - 1].Distance ? places[again[i - 1].Item] : i;
    }

    // As a search finds them: by distance, then position.
    private IEnumerable<int> Nearest(int query)
    {
        int top = Math.Min(depth, gallery.Codes.Count);
        return HammingScan.Nearest(gallery.Codes, queries.Codes[query], top + 1).Select(near => (int)near.Position).Where(item => item != Self(query)).Take(top);
    }

    private IEnumerable<ulong> RelevantKeys(int query, int[] places) => Enumerable.Range(0, places.Length)
        .Where(item => item != Self(query) && queries.Labels.IsRelevant(query, gallery.Labels, item)).Select(item => RelevantItems.Key(places[item], item));

    private int Self(int query) => options.ExcludeSelf ? query : -1;
}
