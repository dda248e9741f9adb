using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class AveragePrecisionTests
{
    [Fact]
    public void Relevant_at_ranks_1_3_and_6() =>
        Assert.Equal(0.722222, AveragePrecision.FromRanks([1, 3, 6]), 6); // (1/1 + 2/3 + 3/6) / 3

    [Fact]
    public void A_cut_off_is_divided_by_what_was_possible_or_by_what_was_found()
    {
        // The first four of the ranking hold ranks 1 and 3: 1 + 2/3 = 5/3; possible are min(4, 3) = 3, found are 2.
        Assert.Equal(5.0 / 9, AveragePrecision.FromRanks([1, 3, 6], 4, CutoffDenominator.Possible), 12);
        Assert.Equal(5.0 / 6, AveragePrecision.FromRanks([1, 3, 6], 4, CutoffDenominator.Found), 12);
        Assert.Equal(0, AveragePrecision.FromRanks([6], 4, CutoffDenominator.Found));
    }

    [Fact]
    public void Two_tied_items_one_relevant_are_worth_three_quarters()
    {
        TiedValue value = AveragePrecision.OfGroups(new QueryRanking([new TieGroup(2, 1)], []));
        Assert.Equal(new TiedValue(0.75, 0.5, 1), value); // first: 1, second: 1/2
    }

    [Fact]
    public void Closed_forms_equal_the_mean_over_all_orders() => Prop.ForAll(Rankings().ToArbitrary(), drawn =>
    {
        (TieGroup[] groups, int cutoff, CutoffDenominator denominator) = drawn;
        int? depth = cutoff == 0 ? null : cutoff;
        QueryRanking ranking = new(groups, []);
        int[][] orders = [.. Orders(groups)];
        double[] values = [.. orders.Select(ranks => AveragePrecision.FromRanks(ranks, depth, denominator))];
        TiedValue closed = AveragePrecision.OfGroups(ranking, depth, denominator);
        Assert.Equal(values.Average(), closed.Expected, 12);
        Assert.Equal(values.Min(), closed.Worst, 12);
        Assert.Equal(values.Max(), closed.Best, 12);
        for (int k = 1; k <= 9; k++)
        {
            Assert.Equal(orders.Average(ranks => ranks.Any(r => r <= k) ? 1.0 : 0), TopK.Hit(ranking, k, Ties.Expected), 12);
            Assert.Equal(orders.Average(ranks => ranks.Count(r => r <= k) / (double)k), TopK.Precision(ranking, k, Ties.Expected), 12);
        }
    }).QuickCheckThrowOnFailure();

    // Up to three groups of up to six items.
    private static Gen<(TieGroup[], int, CutoffDenominator)> Rankings() =>
        from count in Gen.Choose(1, 3)
        from groups in Group().ArrayOf(count)
        where groups.Sum(g => g.Relevant) > 0
        from cutoff in Gen.Choose(0, 12)
        from denominator in Gen.Elements(CutoffDenominator.Possible, CutoffDenominator.Found)
        select (groups, cutoff, denominator);

    private static Gen<TieGroup> Group() =>
        from total in Gen.Choose(0, 6)
        from relevant in Gen.Choose(0, total)
        select new TieGroup(total, relevant);

    // Ranks of the relevant items under every order of the tied ones. Orders that differ only among equals come equally often, so each
    // choice of places for the relevant ones is listed once.
    private static IEnumerable<int[]> Orders(TieGroup[] groups)
    {
        IEnumerable<int[]> all = [[]];
        int before = 0;
        foreach (TieGroup group in groups)
        {
            int start = before;
            int[][] places = [.. Enumerable.Range(0, 1 << group.Total)
                .Where(set => System.Numerics.BitOperations.PopCount((uint)set) == group.Relevant)
                .Select(set => Enumerable.Range(0, group.Total).Where(i => (set >> i & 1) != 0).Select(i => start + i + 1).ToArray())];
            all = [.. all.SelectMany(ranks => places.Select(more => ranks.Concat(more).ToArray()))];
            before += group.Total;
        }
        return all;
    }

    [Fact]
    public void Large_groups_keep_their_digits()
    {
        // Everything tied, everything relevant: 1, whatever the order.
        TiedValue value = AveragePrecision.OfGroups(new QueryRanking([new TieGroup(1_000_000, 1_000_000)], []));
        Assert.Equal(1, value.Expected, 12);
        Assert.Equal(1, value.Worst, 12);
        // A cut-off through a large group: the hypergeometric weights must neither overflow nor vanish.
        TiedValue cut = AveragePrecision.OfGroups(new QueryRanking([new TieGroup(500_000, 50_000)], []), 5000, CutoffDenominator.Found);
        Assert.InRange(cut.Expected, 0.1, 0.11); // precision is 0.1 throughout, a little more near the top
        Assert.Equal(1, cut.Best, 12);
    }
}
