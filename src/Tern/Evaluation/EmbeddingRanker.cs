namespace Tern.Evaluation;

/// <summary>
/// Ranks by the distance of float embeddings, by counting: the distances of what is relevant to a query first, then how many items lie at and between them.
/// The gallery passes by in blocks; what is kept grows with the relevant items of the queries in work, not with the gallery.
/// </summary>
internal sealed class EmbeddingRanker : IRanker
{
    private const int QueriesAtATime = 32, ItemsAtATime = 32; // rows of 1,536 dimensions: 400 KB, which a core keeps in its own cache

    private readonly LabelledEmbeddings queries;
    private readonly LabelledEmbeddings gallery;
    private readonly RetrievalOptions options;
    private readonly float[]? scale; // -1 / length of each gallery item; null for Euclidean distance

    public EmbeddingRanker(LabelledEmbeddings queries, LabelledEmbeddings gallery, EmbeddingDistance distance, RetrievalOptions options)
    {
        (this.queries, this.gallery, this.options) = (queries, gallery, options);
        scale = distance == EmbeddingDistance.Cosine ? Scales(gallery) : null;
    }

    public void Rank(int first, int count, ScoreSum sum, CancellationToken cancellation)
    {
        float[] distances = new float[QueriesAtATime * ItemsAtATime];
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
                Measure(at, asking, start, answering, distances);
                for (int q = 0; q < asking; q++)
                    Count(at + q, start, distances.AsSpan(q * answering, answering), found[q]);
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
                keys.Add(RelevantItems.Key(Distance(query, item), item));
        return keys;
    }

    // By position and not by distance: a duplicate of the query is an answer like any other.
    private int Self(int query) => options.ExcludeSelf ? query : -1;

    private void Count(int query, int start, ReadOnlySpan<float> distances, RelevantItems found)
    {
        int self = Self(query);
        for (int i = 0; i < distances.Length; i++)
            if (start + i != self)
                found.Count(RelevantItems.Key(distances[i], start + i));
    }

    // Similarities are negated, and not divided by the query's length, which all have in common: nothing is rounded that ranks.
    private float Distance(int query, int item) => scale is null
        ? RowPairs.One<RowPairs.SquaredDifference>(queries.Rows(query, 1), gallery.Rows(item, 1))
        : RowPairs.One<RowPairs.Product>(queries.Rows(query, 1), gallery.Rows(item, 1)) * scale[item];

    // The same for asking x answering pairs.
    private void Measure(int query, int asking, int start, int answering, float[] distances)
    {
        ReadOnlySpan<float> asked = queries.Rows(query, asking), items = gallery.Rows(start, answering);
        if (scale is null)
        {
            RowPairs.Sum<RowPairs.SquaredDifference>(asked, items, gallery.Dimensions, distances);
            return;
        }
        RowPairs.Sum<RowPairs.Product>(asked, items, gallery.Dimensions, distances);
        for (int q = 0; q < asking; q++)
            for (int i = 0; i < answering; i++)
                distances[q * answering + i] *= scale[start + i];
    }

    private static float[] Scales(LabelledEmbeddings embeddings)
    {
        float[] scales = new float[embeddings.Labels.Count];
        for (int i = 0; i < scales.Length; i++)
        {
            double squares = 0;
            foreach (float x in embeddings.Rows(i, 1))
                squares += (double)x * x;
            scales[i] = squares > 1e-60 ? (float)(-1 / Math.Sqrt(squares)) : 0;
        }
        return scales;
    }
}
