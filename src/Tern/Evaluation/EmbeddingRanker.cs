using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tern.Evaluation;

/// <summary>Ranks by the distance of float embeddings: distances of a few queries at a time, sorted.</summary>
internal sealed class EmbeddingRanker : IRanker
{
    private const int QueriesAtATime = 8; // each gallery row read from memory serves all of them

    private readonly LabelledEmbeddings queries;
    private readonly LabelledEmbeddings gallery;
    private readonly RetrievalOptions options;
    private readonly float[]? queryScale;   // 1 / length of each embedding; null for Euclidean distance
    private readonly float[]? galleryScale;

    public EmbeddingRanker(LabelledEmbeddings queries, LabelledEmbeddings gallery, EmbeddingDistance distance, RetrievalOptions options)
    {
        (this.queries, this.gallery, this.options) = (queries, gallery, options);
        if (distance == EmbeddingDistance.Cosine)
            (queryScale, galleryScale) = (InverseLengths(queries), InverseLengths(gallery));
    }

    public void Rank(int first, int count, ScoreSum sum)
    {
        ulong[][] keys = new ulong[QueriesAtATime][];
        for (int q = 0; q < QueriesAtATime; q++)
            keys[q] = new ulong[gallery.Labels.Count];
        List<TieGroup> groups = [];
        List<int> ranks = [];
        for (int at = 0; at < count; at += QueriesAtATime)
        {
            int some = Math.Min(QueriesAtATime, count - at);
            for (int item = 0; item < gallery.Labels.Count; item++)
                for (int q = 0; q < some; q++)
                    keys[q][item] = (ulong)Ascending(Distance(first + at + q, item)) << 32 | (uint)item;
            for (int q = 0; q < some; q++)
            {
                Array.Sort(keys[q]);
                Group(first + at + q, keys[q], groups, ranks);
                sum.Add(new QueryRanking(CollectionsMarshal.AsSpan(groups), CollectionsMarshal.AsSpan(ranks)));
            }
        }
    }

    private void Group(int query, ReadOnlySpan<ulong> sorted, List<TieGroup> groups, List<int> ranks)
    {
        groups.Clear();
        ranks.Clear();
        int rank = 0;
        ulong distance = ulong.MaxValue;
        foreach (ulong key in sorted)
        {
            int item = (int)(uint)key;
            if (options.ExcludeSelf && item == query)
                continue;
            rank++;
            bool relevant = queries.Labels.IsRelevant(query, gallery.Labels, item);
            if (relevant)
                ranks.Add(rank);
            TieGroup one = new(1, relevant ? 1 : 0);
            if (key >> 32 == distance)
                groups[^1] = new TieGroup(groups[^1].Total + 1, groups[^1].Relevant + one.Relevant);
            else
                groups.Add(one);
            distance = key >> 32;
        }
    }

    private float Distance(int query, int item)
    {
        ReadOnlySpan<float> a = queries.Row(query), b = gallery.Row(item);
        if (queryScale is not null && galleryScale is not null)
            return 1 - Dot(a, b) * queryScale[query] * galleryScale[item];
        return SquaredDistance(a, b);
    }

    private static float[] InverseLengths(LabelledEmbeddings embeddings)
    {
        float[] inverse = new float[embeddings.Labels.Count];
        for (int i = 0; i < inverse.Length; i++)
        {
            double squares = 0;
            foreach (float x in embeddings.Row(i))
                squares += (double)x * x;
            inverse[i] = squares > 1e-60 ? (float)(1 / Math.Sqrt(squares)) : 0;
        }
        return inverse;
    }

    // Both always add in sixteen lanes, so that every machine, block and thread gets the same float for the same two rows.
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector512<float> sum = default;
        int i = 0;
        for (; i + 16 <= a.Length; i += 16)
            sum += Vector512.Create(a.Slice(i, 16)) * Vector512.Create(b.Slice(i, 16));
        float total = Vector512.Sum(sum);
        for (; i < a.Length; i++)
            total += a[i] * b[i];
        return total;
    }

    private static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector512<float> sum = default;
        int i = 0;
        for (; i + 16 <= a.Length; i += 16)
        {
            Vector512<float> difference = Vector512.Create(a.Slice(i, 16)) - Vector512.Create(b.Slice(i, 16));
            sum += difference * difference;
        }
        float total = Vector512.Sum(sum);
        for (; i < a.Length; i++)
            total += (a[i] - b[i]) * (a[i] - b[i]);
        return total;
    }

    // Maps floats to integers of the same order; adding zero makes -0 equal to 0.
    private static uint Ascending(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
