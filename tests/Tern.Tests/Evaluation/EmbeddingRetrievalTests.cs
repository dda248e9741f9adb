using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class EmbeddingRetrievalTests
{
    private static LabelledEmbeddings Set(int dimensions, float[] values, params int[] labels) =>
        new(values, dimensions, Labels.Single(labels));

    [Fact]
    public void Cosine_looks_at_angles_and_euclid_at_points()
    {
        // Query (1, 0), label 1. By angle (10, 1) label 1 is nearest; by distance (1, 1) label 2 is (1 against 82).
        LabelledEmbeddings query = Set(2, [1, 0], 1), gallery = Set(2, [10, 1, 1, 1], 1, 2);
        Assert.Equal(1, Retrieval.Evaluate(query, gallery, EmbeddingDistance.Cosine).MeanAveragePrecision, 12);
        Assert.Equal(0.5, Retrieval.Evaluate(query, gallery, EmbeddingDistance.SquaredEuclidean).MeanAveragePrecision, 12);
    }

    [Fact]
    public void Equal_embeddings_are_tied_and_the_query_can_be_left_out()
    {
        LabelledEmbeddings set = Set(1, [3, 3, 3], 1, 1, 2);
        RetrievalScores scores = Retrieval.Evaluate(set, set, EmbeddingDistance.SquaredEuclidean,
            new RetrievalOptions { ExcludeSelf = true, TopK = [1] });
        Assert.Equal(0.75, scores.MeanAveragePrecision, 12); // each label-1 query sees one relevant of two tied items
        Assert.Equal(0.5, scores.TopK[0].Recall, 12);
        Assert.Equal((2, 1), (scores.Queries, scores.QueriesWithoutRelevant));
        // In gallery order, own item included, the two of label 1 see it at rank 1 and the third query sees it at rank 3.
        RetrievalScores legacy = Retrieval.Evaluate(set, set, EmbeddingDistance.SquaredEuclidean,
            new RetrievalOptions { Ties = Ties.Legacy, TopK = [2] });
        Assert.Equal(2.0 / 3, legacy.TopK[0].Recall, 12);
    }

    [Fact]
    public void Without_exclusion_every_query_finds_itself()
    {
        Random random = new(4);                                                          // 100 labels of two random points: nothing but the query itself is near
        LabelledEmbeddings set = Set(8, [.. Enumerable.Range(0, 200 * 8).Select(_ => random.NextSingle())], [.. Enumerable.Range(0, 200).Select(i => i / 2)]);
        double Recall(bool excluded) => Retrieval.Evaluate(set, set, EmbeddingDistance.SquaredEuclidean, new RetrievalOptions { ExcludeSelf = excluded, TopK = [1] }).TopK[0].Recall;
        Assert.Equal(1, Recall(excluded: false));
        Assert.True(Recall(excluded: true) < 0.2);
    }

    [Fact]
    public void Both_distances_equal_sorting_by_double_precision() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Random random = new(seed);
        int dimensions = random.Next(1, 40);
        LabelledEmbeddings Draw(int count) => Set(
            dimensions,
            [.. Enumerable.Range(0, count * dimensions).Select(_ => random.NextSingle() - 0.5f)],
            [.. Enumerable.Range(0, count).Select(i => i % 3)]);
        LabelledEmbeddings queries = Draw(11), gallery = Draw(50);
        foreach (EmbeddingDistance kind in Enum.GetValues<EmbeddingDistance>())
        {
            double expected = Enumerable.Range(0, 11).Average(q =>
            {
                int[] order = [.. Enumerable.Range(0, 50).OrderBy(i => Slow(queries.Row(q), gallery.Row(i), kind))];
                return AveragePrecision.FromRanks([.. Enumerable.Range(1, 50).Where(rank => order[rank - 1] % 3 == q % 3)]);
            });
            // In one dimension all cosines are 1 or -1: nothing but ties, which the double-precision order breaks by chance.
            if (dimensions > 1 || kind == EmbeddingDistance.SquaredEuclidean)
                Assert.Equal(expected, Retrieval.Evaluate(queries, gallery, kind).MeanAveragePrecision, 2e-3);
        }
    }).QuickCheckThrowOnFailure();

    /// <summary>Of whole numbers nothing is rounded, so that equal distances are: counting must be sorting in every mode, past the end of every block.</summary>
    [Fact]
    public void Every_mode_equals_the_definition_by_sorting() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Random random = new(seed);
        bool self = random.Next(2) == 0;
        int dimensions = random.Next(1, 20), levels = random.Next(2, 5);
        LabelledEmbeddings Draw(int count) => Set(
            dimensions, [.. Enumerable.Range(0, count * dimensions).Select(_ => (float)random.Next(levels))], [.. Enumerable.Range(0, count).Select(_ => random.Next(4))]);
        LabelledEmbeddings gallery = Draw(random.Next(2, 110)), queries = self ? gallery : Draw(random.Next(1, 80));
        RetrievalOptions options = new()
        {
            ExcludeSelf = self, Ties = (Ties)random.Next(2), Cutoff = random.Next(2) == 0 ? null : random.Next(1, 30),
            Denominator = (CutoffDenominator)random.Next(2), TopK = [1, 5, 1000],
        };
        Sorted[] expected = [.. Enumerable.Range(0, queries.Labels.Count).Select(q => Sort(queries, gallery, q, self)).Where(one => one.Ranks.Length > 0)];
        if (expected.Length == 0)
            return;
        RetrievalScores scores = Retrieval.Evaluate(queries, gallery, EmbeddingDistance.SquaredEuclidean, options);
        double Average(int? cutoff, CutoffDenominator denominator, Sorted one) => options.Ties == Ties.Legacy
            ? AveragePrecision.FromRanks(one.Ranks, cutoff, denominator)
            : AveragePrecision.OfGroups(new QueryRanking(one.Groups, []), cutoff, denominator).Expected;
        Assert.Equal((expected.Length, queries.Labels.Count - expected.Length), (scores.Queries, scores.QueriesWithoutRelevant));
        Assert.Equal(expected.Average(one => Average(options.Cutoff, options.Denominator, one)), scores.MeanAveragePrecision, 12);
        Assert.Equal(expected.Average(one => Average(one.Ranks.Length, CutoffDenominator.Possible, one)), scores.MeanAveragePrecisionAtR, 12);
        Assert.Equal(expected.Average(one => TopK.Precision(new QueryRanking(one.Groups, one.Ranks), one.Ranks.Length, options.Ties)), scores.RPrecision, 12);
        foreach (TopKScore at in scores.TopK)
        {
            Assert.Equal(expected.Average(one => TopK.Hit(new QueryRanking(one.Groups, one.Ranks), at.K, options.Ties)), at.Recall, 12);
            Assert.Equal(expected.Average(one => TopK.Precision(new QueryRanking(one.Groups, one.Ranks), at.K, options.Ties)), at.Precision, 12);
        }
    }).QuickCheckThrowOnFailure();

    private sealed record Sorted(int[] Ranks, TieGroup[] Groups);

    private static Sorted Sort(LabelledEmbeddings queries, LabelledEmbeddings gallery, int query, bool excludeSelf)
    {
        (double Distance, bool Relevant)[] order = [.. Enumerable.Range(0, gallery.Labels.Count).Where(i => !excludeSelf || i != query)
            .Select(i => (Slow(queries.Row(query), gallery.Row(i), EmbeddingDistance.SquaredEuclidean), queries.Labels.IsRelevant(query, gallery.Labels, i)))
            .OrderBy(item => item.Item1)];
        return new Sorted(
            [.. Enumerable.Range(1, order.Length).Where(rank => order[rank - 1].Relevant)],
            [.. order.GroupBy(item => item.Distance).Select(tied => new TieGroup(tied.Count(), tied.Count(item => item.Relevant)))]);
    }

    /// <summary>60,000 embeddings have 3,600,000,000 distances. What is kept for a query are the items relevant to it, four here.</summary>
    [Fact]
    public void What_is_kept_grows_with_what_is_relevant_and_not_with_the_gallery()
    {
        long Allocated(int count)
        {
            LabelledEmbeddings set = Set(2, [.. Enumerable.Range(0, 2 * count).Select(i => (float)i)], [.. Enumerable.Range(0, count).Select(i => i % (count / 5))]);
            EmbeddingRanker ranker = new(set, set, EmbeddingDistance.SquaredEuclidean, new RetrievalOptions { ExcludeSelf = true });
            ScoreSum sum = new(new RetrievalOptions(), null);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ranker.Rank(0, 64, sum, default);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocated(500);                                                                   // what a first call makes is not counted
        Assert.InRange(Allocated(40_000), 1, 2 * Allocated(500));
    }

    [Fact]
    public void A_selection_keeps_rows_labels_and_model()
    {
        LabelledEmbeddings set = Set(2, [0, 1, 2, 3, 4, 5], 7, 8, 9) with { Model = "m" };
        foreach (int[] items in new int[][] { [1, 2], [2, 0], [1, 1], [] })
        {
            LabelledEmbeddings some = set.Select(items);
            Assert.Equal(items.SelectMany(item => new float[] { 2 * item, 2 * item + 1 }), some.Values.ToArray());
            Assert.Equal(items.Select(item => item + 7), Enumerable.Range(0, items.Length).Select(i => some.Labels[i]));
            Assert.Equal("m", some.Model);
        }
    }

    [Fact]
    public void Embeddings_of_two_models_are_not_compared()
    {
        LabelledEmbeddings any = Set(1, [1], 1), student = any with { Model = "aaa" }, teacher = any with { Model = "bbb" };
        string message = Assert.Throws<TernException>(() => Retrieval.Evaluate(teacher, student, EmbeddingDistance.Cosine)).Message;
        Assert.Contains("queries come from model bbb and the gallery from model aaa", message);
        Assert.Equal(1, Retrieval.Evaluate(any, student, EmbeddingDistance.Cosine).MeanAveragePrecision);
    }

    private static double Slow(ReadOnlySpan<float> a, ReadOnlySpan<float> b, EmbeddingDistance kind)
    {
        double dot = 0, aa = 0, bb = 0, squares = 0;
        for (int i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
            squares += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        }
        return kind == EmbeddingDistance.Cosine ? -dot / Math.Sqrt(aa * bb) : squares;
    }

    [Fact]
    public void Zero_vectors_and_very_small_ones_do_no_harm()
    {
        LabelledEmbeddings set = Set(2, [0, 0, 1e-40f, 0, 1, 0], 1, 1, 1);
        RetrievalScores scores = Retrieval.Evaluate(set, set, EmbeddingDistance.Cosine);
        Assert.Equal(1, scores.MeanAveragePrecision, 12);
        Assert.Null(scores.Bits);
        Assert.Contains("no Hamming radius", Assert.Throws<TernException>(() => scores.PrecisionWithinRadius(2)).Message);
    }

    [Fact]
    public void Threads_do_not_change_a_digit()
    {
        Random random = new(3);
        LabelledEmbeddings set = Set(
            20, [.. Enumerable.Range(0, 300 * 20).Select(_ => random.NextSingle())], [.. Enumerable.Range(0, 300).Select(i => i % 7)]);
        RetrievalOptions options = new() { ExcludeSelf = true };
        Assert.Equal(
            Retrieval.Evaluate(set, set, EmbeddingDistance.Cosine, options).MeanAveragePrecision,
            Retrieval.Evaluate(set, set, EmbeddingDistance.Cosine, options with { Threads = 4 }).MeanAveragePrecision);
    }

    [Fact]
    public void Broken_embeddings_are_refused()
    {
        Assert.Contains("Embedding 1", Assert.Throws<TernException>(() => Set(2, [1, 2, 3, float.NaN], 1, 2)).Message);
        Assert.Contains("Embedding 0", Assert.Throws<TernException>(() => Set(1, [1e30f], 1)).Message);
        Assert.Throws<TernException>(() => Set(2, [1, 2, 3], 1, 2));
        Assert.Throws<TernException>(() => Retrieval.Evaluate(Set(1, [1], 1), Set(2, [1, 2], 1), EmbeddingDistance.Cosine));
    }
}
