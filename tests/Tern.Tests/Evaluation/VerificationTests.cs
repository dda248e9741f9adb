using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class VerificationTests
{
    private sealed record Case(VerificationPair[] Pairs, double[] Distances)
    {
        public VerificationScores Scores => Verification.Evaluate(Pairs, Distances);
    }

    /// <summary>Same pairs at these distances, then different ones at those, all of one fold.</summary>
    private static Case Of(double[] same, double[] different) => new(
        [.. same.Select(_ => new VerificationPair(0, 1, true)), .. different.Select(_ => new VerificationPair(0, 1, false))], [.. same, .. different]);

    // Same at 1, 2, 2, 5; different at 2, 4, 6, 6, 7.
    // Distance up to which is called the same:   -      1      2      4      5      6      7
    // same called so, of 4:                      0      1      3      3      4      4      4
    // different called so, of 5:                 0      0      1      2      2      4      5
    private static readonly Case Small = Of([1, 2, 2, 5], [2, 4, 6, 6, 7]);

    [Fact]
    public void A_small_curve_by_hand()
    {
        RocCurve roc = Small.Scores.Roc;
        Assert.Equal([new(null, 0, 0), new(1, 0, 0.25), new(2, 0.2, 0.75), new(4, 0.4, 0.75), new(5, 0.4, 1), new(7, 1, 1)], roc.Points);   // 6 lies on the way from 5 to 7
        // From 2 to 4 the rate of false positives goes from .2 to .4 while .25 of the same pairs are missed: equal a quarter of the way.
        Assert.Equal(0.25, roc.EqualErrorRate, 12);
        // Of 20 comparisons of a same pair with a different one 16 are right and two are ties: 1 against 5, 2 against 4 and a tie, twice, 5 against 3.
        Assert.Equal(17.0 / 20, roc.AreaUnderCurve, 12);
        Assert.Equal([0.25, 0.25, 0.75, 0.75, 1, 1], new[] { 0, 0.19, 0.2, 0.39, 0.4, 1 }.Select(roc.TruePositiveRateAt));
    }

    [Fact]
    public void The_threshold_is_halfway_and_the_smallest_of_the_best() =>
        Assert.Equal(3, Verification.Threshold(Small.Pairs, Small.Distances));             // up to 2: 3 + 4 right of 9; up to 5: 4 + 3

    [Fact]
    public void Where_nothing_or_everything_is_best_called_the_same_the_threshold_is_at_the_end()
    {
        Case reversed = Of([5], [1, 2]), near = Of([1, 2, 3, 3], [3]);
        double below = Verification.Threshold(reversed.Pairs, reversed.Distances);
        Assert.True(below < 1 && below > 0.999);
        Assert.Equal(3, Verification.Threshold(near.Pairs, near.Distances));
    }

    [Fact]
    public void A_fold_is_judged_by_the_threshold_of_the_others()
    {
        // Fold 1: same at 1, different at 5, threshold 3. Fold 2: same at 3.5, different at 4, threshold 3.75. At 3 the same pair of fold 2 is missed.
        VerificationPair[] pairs = [new(0, 1, true, 1), new(0, 2, false, 1), new(3, 4, true, 2), new(3, 5, false, 2)];
        VerificationScores scores = Verification.Evaluate(pairs, [1, 5, 3.5, 4]);
        Assert.Equal([new FoldScore(1, 2, 3.75, 1), new FoldScore(2, 2, 3, 0.5)], scores.Folds);
        Assert.Equal(0.75, scores.Accuracy!.Value, 12);
        Assert.Equal(0.25, scores.StandardError!.Value, 12);                               // deviation sqrt(2 x .0625 / 1), over sqrt(2)
    }

    [Fact]
    public void With_one_fold_accuracy_needs_a_threshold_from_elsewhere()
    {
        Assert.Null(Small.Scores.Accuracy);
        Assert.DoesNotContain(Small.Scores.Measurements(new Protocol("p")), row => row.Metric.StartsWith("accuracy", StringComparison.Ordinal));
        VerificationScores scores = Verification.Evaluate(Small.Pairs, Small.Distances, threshold: 5);
        Assert.Equal(7.0 / 9, scores.Accuracy!.Value, 12);
        Assert.Null(scores.StandardError);
    }

    [Fact]
    public void When_all_distances_are_equal_nothing_is_told_apart()
    {
        VerificationPair[] pairs = [.. Enumerable.Range(0, 8).Select(i => new VerificationPair(0, 1, i % 4 != 0, 1 + i / 4))];
        VerificationScores scores = Verification.Evaluate(pairs, new double[8]);
        Assert.Equal(0.5, scores.Roc.EqualErrorRate, 12);
        Assert.Equal(0.5, scores.Roc.AreaUnderCurve, 12);
        Assert.Equal(0, scores.Roc.TruePositiveRateAt(0.5));
        Assert.Equal(0.75, scores.Accuracy!.Value, 12);                                    // three of four are the same
    }

    [Fact]
    public void Perfect_distances_score_one_and_reversed_ones_zero()
    {
        RocCurve perfect = Of([1, 2], [3, 4]).Scores.Roc, reversed = Of([3, 4], [1, 2]).Scores.Roc;
        Assert.Equal((0.0, 1.0, 1.0), (perfect.EqualErrorRate, perfect.AreaUnderCurve, perfect.TruePositiveRateAt(0)));
        Assert.Equal((1.0, 0.0, 0.0), (reversed.EqualErrorRate, reversed.AreaUnderCurve, reversed.TruePositiveRateAt(0.99)));
    }

    /// <summary>Same even in [0, 1], different even in [1/2, 3/2]: at 3/4 a quarter of each is wrong; a different pair is nearer with chance 1/8.</summary>
    [Fact]
    public void Even_distributions_have_the_rates_of_their_overlap()
    {
        const int count = 2000;
        double[] even = [.. Enumerable.Range(0, count).Select(i => (i + 0.5) / count)];
        RocCurve roc = Of(even, [.. even.Select(x => x + 0.5)]).Scores.Roc;
        Assert.Equal(0.25, roc.EqualErrorRate, 2.0 / count);
        Assert.Equal(7.0 / 8, roc.AreaUnderCurve, 2.0 / count);
        Assert.Equal(0.51, roc.TruePositiveRateAt(0.01), 2.0 / count);                     // up to .51
    }

    /// <summary>Logistic distributions d apart, by their quantiles: the rates are equal halfway, at 1 / (1 + e^(d/2)).</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(6)]
    public void Logistic_distributions_have_a_known_equal_error_rate(double apart)
    {
        const int count = 20_000;
        double[] quantiles = [.. Enumerable.Range(0, count).Select(i => (i + 0.5) / count).Select(p => Math.Log(p / (1 - p)))];
        Assert.Equal(1 / (1 + Math.Exp(apart / 2)), Of(quantiles, [.. quantiles.Select(x => x + apart)]).Scores.Roc.EqualErrorRate, 2.0 / count);
    }

    [Fact]
    public void Every_number_equals_counting_in_loops() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Case drawn = Draw(new Random(seed));
        VerificationScores scores = drawn.Scores;
        foreach (FoldScore fold in scores.Folds)
            Assert.Equal(Counted(drawn, fold.Fold), fold);
        (double False, double True)[] path = [(0, 0), .. drawn.Distances.Distinct().Order().Select(limit => (Rate(drawn, false, limit), Rate(drawn, true, limit)))];
        foreach (double rate in new[] { 0, 0.01, 0.25, 0.5, 1 })
            Assert.Equal(path.Where(at => at.False <= rate).Max(at => at.True), scores.Roc.TruePositiveRateAt(rate));
        Assert.Equal(Crossing(path), scores.Roc.EqualErrorRate, 9);
        Assert.Equal(ChanceOfNearer(drawn), scores.Roc.AreaUnderCurve, 12);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_distance_of_a_fold_changes_its_threshold() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Random random = new(seed);
        Case drawn = Draw(random), changed = drawn with { Distances = [.. drawn.Distances] };
        int fold = drawn.Pairs[0].Fold;
        for (int i = 0; i < drawn.Pairs.Length; i++)
            if (drawn.Pairs[i].Fold == fold)
                changed.Distances[i] = random.Next(100);
        double Threshold(Case of) => of.Scores.Folds.Single(score => score.Fold == fold).Threshold;
        Assert.Equal(Threshold(drawn), Threshold(changed));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_of_the_pairs_changes_nothing() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        Random random = new(seed);
        Case drawn = Draw(random);
        int[] order = [.. Enumerable.Range(0, drawn.Pairs.Length)];
        random.Shuffle(order);
        VerificationScores one = drawn.Scores, other = Verification.Evaluate([.. order.Select(i => drawn.Pairs[i])], [.. order.Select(i => drawn.Distances[i])]);
        Assert.Equal(one.Folds, other.Folds);
        Assert.Equal(one.Roc.Points, other.Roc.Points);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_number_carries_its_protocol()
    {
        VerificationPair[] pairs = [.. Enumerable.Range(0, 8).Select(i => new VerificationPair(0, 1, i % 2 == 0, 1 + i / 4))];
        IReadOnlyList<Measurement> rows = Verification.Evaluate(pairs, [1, 3, 1, 3, 1, 3, 2, 2], bits: 12).Measurements(new Protocol("tiny/8 pairs/2 folds", "ab12", 7, "cafe"));
        Assert.Equal(["accuracy", "accuracy.standardError", "eer", "auc", "tpr@fpr1e-2", "tpr@fpr1e-3"], rows.Select(row => row.Metric));
        // Fold 1 is cut at 1.5, fold 2 at 2: a same and a different pair are both at 2, so one of four is wrong.
        Assert.Equal("""{"metric":"accuracy","value":0.875,"protocol":"tiny/8 pairs/2 folds","ties":"together","bits":12,"split":"ab12","seed":7,"model":"cafe"}""", rows[0].ToJson());
        Assert.All(rows, row => Assert.Equal(row, Measurement.FromJson(row.ToJson())));
    }

    [Fact]
    public void What_cannot_be_judged_is_told()
    {
        VerificationPair[] pairs = [new(0, 1, true), new(0, 2, false)];
        string Message(VerificationPair[] given, double[] distances) => Assert.Throws<TernException>(() => Verification.Evaluate(given, distances)).Message;
        Assert.Contains("2 pairs and 1 distances", Message(pairs, [1]));
        Assert.Contains("distance of pair 2 is NaN", Message(pairs, [1, double.NaN]));
        Assert.Contains("1 of 1 pairs are the same", Message([pairs[0]], [1]));
        Assert.Contains("0 of 1 pairs are the same", Message([pairs[1]], [1]));
        Assert.Contains("0 of 0 pairs are the same", Message([], []));
    }

    /// <summary>6 to 60 pairs in 2 to 5 folds; distances are whole numbers with many ties, or not.</summary>
    private static Case Draw(Random random)
    {
        int folds = random.Next(2, 6), count = 3 * folds + random.Next(45);
        bool whole = random.Next(2) == 0;
        VerificationPair[] pairs = [.. Enumerable.Range(0, count).Select(i => new VerificationPair(0, 1, i < 2 ? i == 0 : random.Next(2) == 0, 1 + i % folds))];
        return new Case(pairs, [.. pairs.Select(pair => whole ? random.Next(8) + (pair.Same ? 0 : 3) : random.NextDouble() + (pair.Same ? 0 : 0.3))]);
    }

    /// <summary>Every threshold there is tried in turn on the other folds; the first that is right most often stays.</summary>
    private static FoldScore Counted(Case of, int fold)
    {
        int[] others = [.. Enumerable.Range(0, of.Pairs.Length).Where(i => of.Pairs[i].Fold != fold)], own = [.. Enumerable.Range(0, of.Pairs.Length).Except(others)];
        double[] at = [.. others.Select(i => of.Distances[i]).Distinct().Order()];
        double[] thresholds = [Math.BitDecrement(at[0]), .. at.Zip(at.Skip(1), (low, high) => low + (high - low) / 2), at[^1]];
        int Right(int[] some, double threshold) => some.Count(i => (of.Distances[i] <= threshold) == of.Pairs[i].Same);
        double best = thresholds[0];
        foreach (double threshold in thresholds)
            if (Right(others, threshold) > Right(others, best))
                best = threshold;
        return new FoldScore(fold, own.Length, best, (double)Right(own, best) / own.Length);
    }

    /// <summary>Share of the pairs of a kind that are called the same.</summary>
    private static double Rate(Case of, bool same, double limit)
    {
        int all = 0, near = 0;
        for (int i = 0; i < of.Pairs.Length; i++)
        {
            if (of.Pairs[i].Same != same)
                continue;
            all++;
            if (of.Distances[i] <= limit)
                near++;
        }
        return (double)near / all;
    }

    /// <summary>Where a walk along the path first has as many false positives as misses, by halving.</summary>
    private static double Crossing((double False, double True)[] path)
    {
        (double False, double True) At(double place)
        {
            int from = Math.Min((int)place, path.Length - 2);
            double part = place - from;
            return (path[from].False + part * (path[from + 1].False - path[from].False), path[from].True + part * (path[from + 1].True - path[from].True));
        }
        double low = 0, high = path.Length - 1;
        for (int i = 0; i < 80; i++)
        {
            double middle = (low + high) / 2;
            if (At(middle).False >= 1 - At(middle).True)
                high = middle;
            else
                low = middle;
        }
        return At(high).False;
    }

    private static double ChanceOfNearer(Case of)
    {
        double[] same = [.. of.Distances.Where((_, i) => of.Pairs[i].Same)], different = [.. of.Distances.Where((_, i) => !of.Pairs[i].Same)];
        return same.Average(a => different.Average(b => a < b ? 1.0 : a == b ? 0.5 : 0));
    }
}
