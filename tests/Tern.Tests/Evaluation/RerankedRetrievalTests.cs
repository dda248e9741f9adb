using Tern.Codes;
using Tern.Evaluation;
using Tern.Tests.Codes;

namespace Tern.Tests.Evaluation;

public sealed class RerankedRetrievalTests
{
    private const int Dimensions = 3;

    /// <summary>The first three by code are equally far; their cosines with the query are 0.71, 0 and 0.999, so that items 2, 0, 1 and then 3 come: relevant at ranks 1 and 3.</summary>
    [Fact]
    public void The_first_are_ranked_again_and_the_others_stay_behind_them()
    {
        LabelledCodes query = Coded([0b0000], [1]), gallery = Coded([0b0001, 0b0010, 0b0100, 0b1111], [2, 1, 1, 2]);
        LabelledEmbeddings asked = Embedded([1, 0, 0], [1]), answers = Embedded([1, 1, 0, 0, 1, 0, 2, 0.1f, 0, 1, 0, 0], [2, 1, 1, 2]);
        RetrievalScores scores = Retrieval.EvaluateReranked(query, gallery, asked, answers, depth: 3, new RetrievalOptions { TopK = [1] });
        Assert.Equal((1 + 2.0 / 3) / 2, scores.MeanAveragePrecision, 12);
        Assert.Equal(1, scores.TopK[0].Recall);
        Assert.Equal(["map+rerank3", "map@r+rerank3", "r-precision+rerank3", "recall@1+rerank3", "precision@1+rerank3"], scores.Measurements(new Protocol("made")).Select(row => row.Metric));
        Assert.All(scores.Measurements(new Protocol("made")), row => Assert.Equal(("code", "cosine", "expected"), (row.Ranked, row.Distance, row.Ties)));
    }

    /// <summary>Sorted by distance and position, then the first seven again by cosine, in plain loops.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_order_is_that_of_sorting_twice(bool excludeSelf)
    {
        const int Depth = 7, Count = 60;
        (LabelledCodes codes, LabelledEmbeddings embeddings) = Draw(new Random(5), Count);
        double sum = 0;
        for (int query = 0; query < Count; query++)
        {
            int[] byCode = [.. Enumerable.Range(0, Count).Where(item => !excludeSelf || item != query).OrderBy(item => codes.Codes[query].Distance(codes.Codes[item])).ThenBy(item => item)];
            int[] order = [.. byCode.Take(Depth).OrderByDescending(item => Cosine(embeddings, query, item)), .. byCode.Skip(Depth)];
            int[] ranks = [.. Enumerable.Range(1, order.Length).Where(rank => codes.Labels[order[rank - 1]] == codes.Labels[query])];
            sum += ranks.Select((rank, i) => (i + 1.0) / rank).Average();
        }
        RetrievalScores scores = Retrieval.EvaluateReranked(codes, codes, embeddings, embeddings, Depth, new RetrievalOptions { ExcludeSelf = excludeSelf, Ties = Ties.Legacy });
        Assert.Equal(sum / Count, scores.MeanAveragePrecision, 12);
        Assert.InRange(scores.MeanAveragePrecision, scores.MeanAveragePrecisionOverTies.Worst - 1e-12, scores.MeanAveragePrecisionOverTies.Best + 1e-12);
    }

    [Theory]
    [InlineData(true, Ties.Expected)]
    [InlineData(false, Ties.Expected)]
    [InlineData(true, Ties.Legacy)]
    public void All_of_them_are_ranked_as_by_embedding_alone(bool excludeSelf, Ties ties)
    {
        var random = new Random(2);
        (LabelledCodes codes, LabelledEmbeddings embeddings) = Draw(random, 40);
        var options = new RetrievalOptions { ExcludeSelf = excludeSelf, Ties = ties };
        RetrievalScores all = Retrieval.EvaluateReranked(codes, codes, embeddings, embeddings, depth: 1000, options), alone = Retrieval.Evaluate(embeddings, embeddings, EmbeddingDistance.Cosine, options);
        Assert.Equal(alone.MeanAveragePrecision, all.MeanAveragePrecision, 9);
        Assert.Equal(alone.TopK.Select(at => at.Recall), all.TopK.Select(at => at.Recall));
    }

    [Fact]
    public void A_single_one_ranked_again_changes_nothing_but_which_of_the_tied_is_first()
    {
        var random = new Random(3);
        (LabelledCodes codes, LabelledEmbeddings embeddings) = Draw(random, 60);
        var options = new RetrievalOptions { ExcludeSelf = true, Ties = Ties.Legacy };
        RetrievalScores one = Retrieval.EvaluateReranked(codes, codes, embeddings, embeddings, depth: 1, options), none = Retrieval.Evaluate(codes, codes, options);
        Assert.Equal(none.MeanAveragePrecision, one.MeanAveragePrecision, 12);
    }

    /// <summary>A distance and a place for each item, six bytes, for all of the 64 queries that a thread ranks one after the other: nothing for each query and item.</summary>
    [Fact]
    public void What_is_kept_does_not_grow_with_queries_times_gallery()
    {
        static long Allocated(int count)
        {
            var random = new Random(6);
            Labels labels = Labels.Single([.. Enumerable.Range(0, count).Select(i => i % (count / 5))]);
            LabelledCodes codes = new(RandomCodes.Many(random, 64, count), labels);
            LabelledEmbeddings embeddings = new((float[])[.. Enumerable.Range(0, count * Dimensions).Select(_ => (float)random.NextDouble())], Dimensions, labels);
            RerankedRanker ranker = new(codes, codes, embeddings, embeddings, 20, new RetrievalOptions { ExcludeSelf = true });
            ScoreSum sum = new(new RetrievalOptions(), null);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ranker.Rank(0, 64, sum, default);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocated(500);                                                                   // what a first call makes is not counted
        Assert.InRange(Allocated(40_000) - Allocated(500), 1, 12 * 39_500);
    }

    [Fact]
    public void What_does_not_belong_together_is_refused()
    {
        (LabelledCodes codes, LabelledEmbeddings embeddings) = Draw(new Random(4), 10);
        (LabelledCodes others, _) = Draw(new Random(4), 9);
        Assert.Contains("At least 1", Assert.Throws<TernException>(() => Retrieval.EvaluateReranked(codes, codes, embeddings, embeddings, 0)).Message);
        Assert.Contains("every item needs both", Assert.Throws<TernException>(() => Retrieval.EvaluateReranked(codes, others, embeddings, embeddings, 5)).Message);
        LabelledCodes ours = codes with { Model = "aaa" };
        LabelledEmbeddings theirs = embeddings with { Model = "bbb" };
        Assert.Contains("codes come from model aaa and the embeddings from model bbb", Assert.Throws<TernException>(() => Retrieval.EvaluateReranked(ours, ours, theirs, theirs, 5)).Message);
    }

    private static (LabelledCodes Codes, LabelledEmbeddings Embeddings) Draw(Random random, int count)
    {
        Labels labels = Labels.Single([.. Enumerable.Range(0, count).Select(_ => random.Next(3))]);
        float[] values = [.. Enumerable.Range(0, count * Dimensions).Select(_ => (float)random.NextDouble() - 0.5f)];
        return (new LabelledCodes(RandomCodes.Many(random, 10, count), labels), new LabelledEmbeddings(values, Dimensions, labels));
    }

    private static double Cosine(LabelledEmbeddings embeddings, int a, int b)
    {
        double product = 0, lengthOfA = 0, lengthOfB = 0;
        for (int d = 0; d < Dimensions; d++)
        {
            (double x, double y) = (embeddings.Values.Span[a * Dimensions + d], embeddings.Values.Span[b * Dimensions + d]);
            (product, lengthOfA, lengthOfB) = (product + x * y, lengthOfA + x * x, lengthOfB + y * y);
        }
        return product / Math.Sqrt(lengthOfA * lengthOfB);
    }

    private static LabelledCodes Coded(ulong[] codes, int[] labels)
    {
        PackedCodes packed = new(4);
        foreach (ulong code in codes) packed.Add(BinaryCode.FromWords([code], 4));
        return new LabelledCodes(packed, Labels.Single(labels));
    }

    private static LabelledEmbeddings Embedded(float[] values, int[] labels) => new(values, Dimensions, Labels.Single(labels));
}
