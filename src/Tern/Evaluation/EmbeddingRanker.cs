namespace Tern.Evaluation;

/// <summary>
/// Ranks by the distance of float embeddings, by counting: the distances of what is relevant to a query first, then how many items lie at and between them.
/// The gallery passes by in blocks; what is kept grows with the relevant items of the queries in work, not with the gallery.
/// </summary>
internal sealed class EmbeddingRanker(LabelledEmbeddings queries, LabelledEmbeddings gallery, EmbeddingDistance distance, RetrievalOptions options) : IRanker
{
    private const int QueriesAtATime = 32, ItemsAtATime = 32; // rows of 1,536 dimensions: 400 KB, which a core keeps in its own cache

    private readonly EmbeddingDistances distances = new(queries, gallery, distance);

    public void Rank(int first, int count, ScoreSum sum, CancellationToken cancellation)
    {
        float[] block = new float[QueriesAtATime * ItemsAtATime];
        for (int at = first; at < first + count; at += QueriesAtATime)
        {
            int asking = Math.Min(QueriesAtATime, first + count - at);
            RelevantItems[] found = new RelevantItems[asking];
            for (int q = 0; q < asking; q++)
                found[q] = new RelevantItems(RelevantKeys(at + q), options.Ties == Ties.Legacy);
            for (int start = 0; start < gallery.Labels.Count; start += ItemsAtATime)
            {
                cancellation.ThrowIfCancellationRequested();
                int answering = Math.Min(ItemsAtATime, gallery.Labels.Count - start);
                distances.Measure(at, asking, start, answering, block);
                for (int q = 0; q < asking; q++)
                    Count(at + q, start, block.AsSpan(q * answering, answering), found[q]);
            }
            foreach (RelevantItems one in found)
                sum.Add(one.Ranking());
        }
    }

    private List<ulong> RelevantKeys(int query)
    {
        List<ulong> keys = [];
        int self = Self(query);
        for (int item = 0; item < gallery.Labels.Count; item++)
            if (item != self && queries.Labels.IsRelevant(query, gallery.Labels, item))
                keys.Add(RelevantItems.Key(distances.Of(query, item), item));
        return keys;
    }

    // By position and not by distance: a duplicate of the query is an answer like any other.
    private int Self(int query) => options.ExcludeSelf ? query : -1;

    private void Count(int query, int start, ReadOnlySpan<float> block, RelevantItems found)
    {
        int self = Self(query);
        for (int i = 0; i < block.Length; i++)
            if (start + i != self)
                found.Count(RelevantItems.Key(block[i], start + i));
    }
}
