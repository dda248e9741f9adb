namespace Tern.Evaluation;

/// <summary>How far gallery items lie from queries, as far as it ranks them: a pair has the same float wherever it is measured.</summary>
/// <remarks>Cosine similarities are negated, and not divided by the query's length, which all items have in common: nothing is rounded that ranks.</remarks>
internal sealed class EmbeddingDistances
{
    private readonly LabelledEmbeddings queries;
    private readonly LabelledEmbeddings gallery;
    private readonly float[]? scale; // -1 / length of each gallery item; null for Euclidean distance

    public EmbeddingDistances(LabelledEmbeddings queries, LabelledEmbeddings gallery, EmbeddingDistance distance)
    {
        (this.queries, this.gallery) = (queries, gallery);
        scale = distance == EmbeddingDistance.Cosine ? Scales(gallery) : null;
    }

    /// <summary>Of one pair.</summary>
    public float Of(int query, int item) => scale is null
        ? RowPairs.One<RowPairs.SquaredDifference>(queries.Rows(query, 1), gallery.Rows(item, 1))
        : RowPairs.One<RowPairs.Product>(queries.Rows(query, 1), gallery.Rows(item, 1)) * scale[item];

    /// <summary>Of so many queries and items in a row, into distances [asking, answering].</summary>
    public void Measure(int query, int asking, int start, int answering, float[] distances)
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
