using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Evaluation;
using Tern.Tests.Codes;

namespace Tern.Tests.Evaluation;

public class RetrievalTests
{
    private static LabelledCodes Set(int bits, (ulong Code, int Label)[] items)
    {
        PackedCodes codes = new(bits);
        foreach ((ulong code, int _) in items)
            codes.Add(BinaryCode.FromWords([code], bits));
        return new LabelledCodes(codes, Labels.Single([.. items.Select(item => item.Label)]));
    }

    private static LabelledCodes Random(Random random, int bits, int count, int classes) =>
        new(RandomCodes.Many(random, bits, count), Labels.Single([.. Enumerable.Range(0, count).Select(_ => random.Next(classes))]));

    [Fact]
    public void Perfect_class_codes_score_one()
    {
        LabelledCodes set = Set(8, [.. Enumerable.Range(0, 40).Select(i => (Code: (ulong)(i % 4 * 0x55), Label: i % 4))]);
        RetrievalScores scores = Retrieval.Evaluate(set, set, new RetrievalOptions { ExcludeSelf = true, TopK = [1, 9] });
        Assert.Equal(1, scores.MeanAveragePrecision, 12);
        Assert.Equal(1, scores.MeanAveragePrecisionOverTies.Worst, 12);
        Assert.All(scores.TopK, at => Assert.Equal((1.0, 1.0), (at.Recall, Math.Round(at.Precision, 12))));
        Assert.Equal(1, scores.PrecisionWithinRadius(2), 12);
    }

    [Fact]
    public void Without_exclusion_every_query_finds_itself()
    {
        LabelledCodes set = Random(new Random(1), 64, 200, 20); // random codes: nothing but the query itself is near
        Assert.Equal(1, Retrieval.Evaluate(set, set).TopK[0].Recall);
        Assert.True(Retrieval.Evaluate(set, set, new RetrievalOptions { ExcludeSelf = true }).TopK[0].Recall < 0.3);
    }

    [Fact]
    public void Relevant_at_ranks_1_3_and_6_of_a_ranking_by_distance()
    {
        // Distances 0, 1, ..., 6 from the query 000000, no ties; label 1 at ranks 1, 3 and 6.
        LabelledCodes query = Set(6, [(0, 1)]);
        LabelledCodes gallery = Set(6, [(0, 1), (1, 2), (3, 1), (7, 2), (15, 2), (31, 1), (63, 2)]);
        foreach (Ties ties in Enum.GetValues<Ties>())
            Assert.Equal((1 + 2.0 / 3 + 3.0 / 6) / 3, Retrieval.Evaluate(query, gallery, new RetrievalOptions { Ties = ties }).MeanAveragePrecision, 12);
    }

    [Fact]
    public void A_small_case_by_hand()
    {
        // Query 0000, label 1. Distances: 0001 (1) label 2 -> 1; 0010 (1) label 1 -> 1; 0011 label 1 -> 2; 1111 label 2 -> 4.
        LabelledCodes query = Set(4, [(0, 1)]), gallery = Set(4, [(1, 2), (2, 1), (3, 1), (15, 2)]);
        RetrievalScores scores = Retrieval.Evaluate(query, gallery, new RetrievalOptions { TopK = [1, 2] });
        // Orders of the tie: ranks 1, 3: (1 + 2/3)/2 = 5/6; ranks 2, 3: (1/2 + 2/3)/2 = 7/12; mean 17/24.
        Assert.Equal(17.0 / 24, scores.MeanAveragePrecision, 12);
        Assert.Equal(5.0 / 6, scores.MeanAveragePrecisionOverTies.Best, 12);
        Assert.Equal(7.0 / 12, scores.MeanAveragePrecisionOverTies.Worst, 12);
        Assert.Equal(0.5, scores.TopK[0].Recall, 12);
        Assert.Equal(0.5, scores.TopK[1].Precision, 12);
        Assert.Equal(2.0 / 3, scores.PrecisionWithinRadius(2), 12);
        // R = 2 relevant items, so two ranks count. Orders of the tie: rank 1: 1/2; rank 2: (1/2)/2 = 1/4; mean 3/8. One of the two is relevant either way.
        Assert.Equal(3.0 / 8, scores.MeanAveragePrecisionAtR, 12);
        Assert.Equal((3.0 / 8, 1.0 / 4, 1.0 / 2), (scores.MeanAveragePrecisionAtROverTies.Expected, scores.MeanAveragePrecisionAtROverTies.Worst, scores.MeanAveragePrecisionAtROverTies.Best));
        Assert.Equal(0.5, scores.RPrecision, 12);
        Assert.Equal(new RadiusScore(1, 0.5, 0.5), scores.Curve[1]);
        Assert.Equal(0, scores.Curve[0].Precision); // nothing at distance 0
        RetrievalScores legacy = Retrieval.Evaluate(query, gallery, new RetrievalOptions { TopK = [1, 2], Ties = Ties.Legacy });
        Assert.Equal(7.0 / 12, legacy.MeanAveragePrecision, 12);
        Assert.Equal((0.0, 1.0), (legacy.TopK[0].Recall, legacy.TopK[1].Recall));
        Assert.Equal(1.0 / 4, legacy.MeanAveragePrecisionAtR, 12);
    }

    [Fact]
    public void Masks_are_relevant_when_they_share_a_bit()
    {
        PackedCodes codes = PackedCodes.FromBytes([0, 1, 3], 2);
        Labels query = Labels.Masks([0b011]), gallery = Labels.Masks([0b100, 0b010, 0b101]);
        RetrievalScores scores = Retrieval.Evaluate(
            new LabelledCodes(PackedCodes.FromBytes([0], 2), query), new LabelledCodes(codes, gallery));
        Assert.Equal((1.0 / 2 + 2.0 / 3) / 2, scores.MeanAveragePrecision, 12); // relevant at ranks 2 and 3
    }

    [Fact]
    public void Queries_without_anything_relevant_are_left_out_and_counted()
    {
        LabelledCodes queries = Set(4, [(0, 1), (0, 9)]), gallery = Set(4, [(0, 1), (1, 1)]);
        RetrievalScores scores = Retrieval.Evaluate(queries, gallery);
        Assert.Equal((1, 1, 1.0), (scores.Queries, scores.QueriesWithoutRelevant, Math.Round(scores.MeanAveragePrecision, 12)));
        Assert.Contains("check the labels", Assert.Throws<TernException>(() => Retrieval.Evaluate(Set(4, [(0, 9)]), gallery)).Message);
    }

    [Fact]
    public void Every_mode_equals_the_definition_by_sorting() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Random random = new(seed);
        bool self = random.Next(2) == 0;
        LabelledCodes gallery = Random(random, random.Next(2, 9), random.Next(2, 60), 3);
        LabelledCodes queries = self ? gallery : Random(random, gallery.Codes.Bits, 20, 3);
        RetrievalOptions options = new()
        {
            ExcludeSelf = self, Ties = Ties.Legacy, Cutoff = random.Next(2) == 0 ? null : random.Next(1, 30),
            Denominator = (CutoffDenominator)random.Next(2), TopK = [1, 5],
        };
        List<int[]> ranks = [.. Enumerable.Range(0, queries.Codes.Count)
            .Select(q => RanksBySorting(queries, gallery, q, self))
            .Where(r => r.Length > 0)];
        if (ranks.Count == 0)
            return;
        RetrievalScores scores = Retrieval.Evaluate(queries, gallery, options);
        double map = ranks.Average(r => AveragePrecision.FromRanks(r, options.Cutoff, options.Denominator));
        Assert.Equal(map, scores.MeanAveragePrecision, 12);
        Assert.Equal(ranks.Average(r => r[0] <= 5 ? 1.0 : 0), scores.TopK[1].Recall, 12);
        Assert.Equal(ranks.Average(r => r.Count(rank => rank <= 5) / 5.0), scores.TopK[1].Precision, 12);
        Assert.Equal(ranks.Average(r => AveragePrecision.FromRanks(r, r.Length)), scores.MeanAveragePrecisionAtR, 12);
        Assert.Equal(ranks.Average(r => r.Count(rank => rank <= r.Length) / (double)r.Length), scores.RPrecision, 12);
        TiedValue ties = scores.MeanAveragePrecisionOverTies;
        Assert.InRange(scores.MeanAveragePrecision, ties.Worst - 1e-12, ties.Best + 1e-12);
        Assert.InRange(ties.Expected, ties.Worst - 1e-12, ties.Best + 1e-12);
    }).QuickCheckThrowOnFailure();

    private static int[] RanksBySorting(LabelledCodes queries, LabelledCodes gallery, int query, bool excludeSelf)
    {
        int[] order = [.. Enumerable.Range(0, gallery.Codes.Count).Where(i => !excludeSelf || i != query)
            .OrderBy(i => gallery.Codes[i].Distance(queries.Codes[query]))];
        return [.. Enumerable.Range(1, order.Length).Where(rank => queries.Labels.IsRelevant(query, gallery.Labels, order[rank - 1]))];
    }

    [Fact]
    public void Gallery_order_and_a_constant_xor_change_nothing() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Random random = new(seed);
        (ulong Code, int Label)[] gallery = [.. Enumerable.Range(0, 80).Select(_ => ((ulong)random.Next(64), random.Next(4)))];
        (ulong Code, int Label)[] queries = [.. Enumerable.Range(0, 10).Select(_ => ((ulong)random.Next(64), random.Next(4)))];
        double Map((ulong, int)[] q, (ulong, int)[] g) => Retrieval.Evaluate(Set(6, q), Set(6, g)).MeanAveragePrecision;
        (ulong, int)[] Turn((ulong Code, int Label)[] set) => [.. set.Select(item => (item.Code ^ 0b101101, item.Label))];
        (ulong, int)[] shuffled = [.. gallery];
        random.Shuffle(shuffled);
        double map = Map(queries, gallery);
        Assert.Equal(map, Map(queries, shuffled), 12);
        Assert.Equal(map, Map(Turn(queries), Turn(gallery)), 12);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(Ties.Expected)]
    [InlineData(Ties.Legacy)]
    public void Threads_do_not_change_a_digit(Ties ties)
    {
        Random random = new(8);
        LabelledCodes queries = Random(random, 24, 500, 10), gallery = Random(random, 24, 5000, 10); // more than one block of each
        RetrievalScores one = Retrieval.Evaluate(queries, gallery, new RetrievalOptions { Ties = ties });
        foreach (int threads in new[] { 2, 5 })
        {
            RetrievalScores many = Retrieval.Evaluate(queries, gallery, new RetrievalOptions { Ties = ties, Threads = threads });
            Assert.Equal(one.MeanAveragePrecision, many.MeanAveragePrecision);
            Assert.Equal(one.MeanAveragePrecisionOverTies, many.MeanAveragePrecisionOverTies);
            Assert.Equal(one.TopK, many.TopK);
            Assert.Equal(one.Curve, many.Curve);
        }
    }

    [Fact]
    public void Sets_that_do_not_fit_are_refused()
    {
        LabelledCodes four = Set(4, [(0, 1)]), five = Set(5, [(0, 1)]), two = Set(4, [(0, 1), (1, 1)]);
        LabelledCodes masks = new(PackedCodes.FromBytes([0], 4), Labels.Masks([1]));
        Assert.Contains("4 bits", Assert.Throws<TernException>(() => Retrieval.Evaluate(four, five)).Message);
        Assert.Throws<TernException>(() => Retrieval.Evaluate(four, masks));
        Assert.Throws<TernException>(() => Retrieval.Evaluate(four, two, new RetrievalOptions { ExcludeSelf = true }));
        Assert.Throws<TernException>(() => Retrieval.Evaluate(four, two, new RetrievalOptions { Cutoff = 0 }));
        Assert.Throws<TernException>(() => Retrieval.Evaluate(four, two, new RetrievalOptions { TopK = [0] }));
        Assert.Throws<TernException>(() => new LabelledCodes(new PackedCodes(4), Labels.Single([1])));
        Assert.Throws<TernException>(() => Retrieval.Evaluate(four, two).PrecisionWithinRadius(5));
    }

    [Fact]
    public void Codes_of_two_models_are_not_compared()
    {
        LabelledCodes any = Set(4, [(0, 1)]), student = any with { Model = "aaa" }, ternary = any with { Model = "bbb" };
        string message = Assert.Throws<TernException>(() => Retrieval.Evaluate(ternary, student)).Message;
        Assert.Contains("queries come from model bbb and the gallery from model aaa", message);
        Assert.Equal(1, Retrieval.Evaluate(ternary, ternary with { }).MeanAveragePrecision);
        Assert.Equal(1, Retrieval.Evaluate(any, student).MeanAveragePrecision);                      // nobody knows where these are from
    }
}
