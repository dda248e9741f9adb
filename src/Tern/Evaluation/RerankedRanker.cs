using Tern.Codes;

namespace Tern.Evaluation;

/// <summary>Ranks by Hamming distance, and the first so many again by the cosine of embeddings.</summary>
internal sealed class RerankedRanker(
    LabelledCodes queries, LabelledCodes gallery, LabelledEmbeddings queryEmbeddings, LabelledEmbeddings galleryEmbeddings, int depth, RetrievalOptions options) : IRanker
{
    public void Rank(int first, int count, ScoreSum sum, CancellationToken cancellation)
    {
        var distances = new ushort[gallery.Codes.Count];
        for (int query = first; query < first + count; query++)
        {
            cancellation.ThrowIfCancellationRequested();
            HammingKernels.Distances(queries.Codes.WordsOf(query), gallery.Codes.Words, distances);
            (int Item, float Distance)[] ranking = Ranking(query, distances);
            sum.Add(new QueryRanking(Groups(query, ranking), options.Ties == Ties.Legacy ? Ranks(query, ranking) : []));
        }
    }

    // Every item but the query's own, nearest first. Distances rise: cosines lie below 2, and Hamming distances follow from there on.
    private (int Item, float Distance)[] Ranking(int query, ushort[] distances)
    {
        int self = options.ExcludeSelf ? query : -1;
        int[] byCode = [.. Enumerable.Range(0, distances.Length).Where(item => item != self)];
        Array.Sort(Array.ConvertAll(byCode, item => ((ulong)distances[item] << 32) | (uint)item), byCode);
        int again = Math.Min(depth, byCode.Length);
        (int Item, float Distance)[] near = [.. byCode.AsSpan(0, again).ToArray().Select(item => (item, 1 - Cosine(query, item))).OrderBy(found => found.Item2).ThenBy(found => found.item)];
        return [.. near, .. byCode.AsSpan(again).ToArray().Select(item => (item, 3f + distances[item]))];
    }

    private TieGroup[] Groups(int query, (int Item, float Distance)[] ranking)
    {
        var groups = new List<TieGroup>();
        for (int start = 0, end; start < ranking.Length; start = end)
        {
            int relevant = 0;
            for (end = start; end < ranking.Length && ranking[end].Distance == ranking[start].Distance; end++)
                if (IsRelevant(query, ranking[end].Item)) relevant++;
            groups.Add(new TieGroup(end - start, relevant));
        }
        return [.. groups];
    }

    private int[] Ranks(int query, (int Item, float Distance)[] ranking) => [.. Enumerable.Range(0, ranking.Length).Where(i => IsRelevant(query, ranking[i].Item)).Select(i => i + 1)];

    private bool IsRelevant(int query, int item) => queries.Labels.IsRelevant(query, gallery.Labels, item);

    private float Cosine(int query, int item)
    {
        ReadOnlySpan<float> a = queryEmbeddings.Row(query), b = galleryEmbeddings.Row(item);
        double product = 0, lengthOfA = 0, lengthOfB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            lengthOfA += (double)a[i] * a[i];
            lengthOfB += (double)b[i] * b[i];
        }
        double lengths = Math.Sqrt(lengthOfA * lengthOfB);
        return lengths > 0 ? (float)(product / lengths) : 0;
    }
}
