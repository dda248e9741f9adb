using Tern.Codes;

namespace Tern.Evaluation;

/// <summary>Ranks by Hamming distance, by counting: how many items, and how many relevant ones, lie at each distance.</summary>
internal sealed class HammingRanker(LabelledCodes queries, LabelledCodes gallery, RetrievalOptions options) : IRanker
{
    private const int BlockLength = 2048; // codes, labels and distances of a block stay in the cache while all queries in work pass over it

    public void Rank(int first, int count, ScoreSum sum, CancellationToken cancellation)
    {
        int levels = gallery.Codes.Bits + 1;
        int[][] counts = new int[count][];
        for (int q = 0; q < count; q++)
            counts[q] = new int[2 * levels];
        Span<ushort> distances = stackalloc ushort[BlockLength];
        for (int start = 0; start < gallery.Codes.Count; start += BlockLength)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int q = 0; q < count; q++)
                Count(first + q, start, Measure(first + q, start, distances), counts[q]);
        }

        TieGroup[] groups = new TieGroup[levels];
        for (int q = 0; q < count; q++)
        {
            if (options.ExcludeSelf)
                counts[q][CellOf(first + q)]--;
            for (int d = 0; d < levels; d++)
                groups[d] = new TieGroup(counts[q][2 * d] + counts[q][2 * d + 1], counts[q][2 * d + 1]);
            sum.Add(new QueryRanking(groups, options.Ties == Ties.Legacy ? LegacyRanks(first + q, groups) : []));
        }
    }

    // Distances of the gallery items start.. as many as fit.
    private Span<ushort> Measure(int query, int start, Span<ushort> distances)
    {
        ReadOnlySpan<ulong> code = queries.Codes.WordsOf(query);
        Span<ushort> block = distances[..Math.Min(distances.Length, gallery.Codes.Count - start)];
        HammingKernels.Distances(code, gallery.Codes.Words.Slice(start * code.Length, block.Length * code.Length), block);
        return block;
    }

    // counts[2 d + 1] holds the relevant items at distance d, counts[2 d] the others.
    private void Count(int query, int start, ReadOnlySpan<ushort> distances, Span<int> counts)
    {
        ulong label = queries.Labels.Values[query];
        ReadOnlySpan<ulong> labels = gallery.Labels.Values.Slice(start, distances.Length);
        if (gallery.Labels.AreMasks)
            for (int i = 0; i < distances.Length; i++)
                counts[2 * distances[i] + ((labels[i] & label) != 0 ? 1 : 0)]++;
        else
            for (int i = 0; i < distances.Length; i++)
                counts[2 * distances[i] + (labels[i] == label ? 1 : 0)]++;
    }

    private int CellOf(int self)
    {
        int distance = queries.Codes[self].Distance(gallery.Codes[self]);
        return 2 * distance + (queries.Labels.IsRelevant(self, gallery.Labels, self) ? 1 : 0);
    }

    // A stable counting sort: each distance hands out its ranks, and its places among the relevant, in gallery order.
    private ReadOnlySpan<int> LegacyRanks(int query, ReadOnlySpan<TieGroup> groups)
    {
        int[] lastRank = new int[groups.Length], nextPlace = new int[groups.Length];
        for (int d = 1; d < groups.Length; d++)
        {
            lastRank[d] = lastRank[d - 1] + groups[d - 1].Total;
            nextPlace[d] = nextPlace[d - 1] + groups[d - 1].Relevant;
        }
        int[] ranks = new int[nextPlace[^1] + groups[^1].Relevant];
        int self = options.ExcludeSelf ? query : -1;
        bool masks = gallery.Labels.AreMasks;
        ulong label = queries.Labels.Values[query];
        Span<ushort> buffer = stackalloc ushort[BlockLength];
        for (int start = 0; start < gallery.Codes.Count; start += BlockLength)
        {
            Span<ushort> distances = Measure(query, start, buffer);
            ReadOnlySpan<ulong> labels = gallery.Labels.Values.Slice(start, distances.Length);
            for (int i = 0; i < distances.Length; i++)
            {
                if (start + i == self)
                    continue;
                int d = distances[i];
                int rank = ++lastRank[d];
                if (masks ? (labels[i] & label) != 0 : labels[i] == label)
                    ranks[nextPlace[d]++] = rank;
            }
        }
        return ranks;
    }
}
