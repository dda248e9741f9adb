using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Search;

namespace Tern.Tests.Search;

public class SelectionTests
{
    [Fact]
    public void A_selection_in_any_order_equals_sorting_everything() => Prop.ForAll(Offers().ToArbitrary(), drawn =>
    {
        (int count, int top, int within, int groups, int seed) = drawn;
        Random random = new(seed);
        Neighbor[] items = [.. Enumerable.Range(0, count).Select(position => new Neighbor(position, random.Next(17)))];
        Neighbor[] shuffled = [.. items];
        random.Shuffle(shuffled);
        long GroupOf(long position) => groups == 0 ? position : position * 31 % groups;
        Selection New(bool ascending) => groups == 0
            ? new NearestSelection(16, top, within, ascending) : new DiverseSelection(16, top, within, ascending, GroupOf);
        Neighbor[] expected = [.. items.Where(item => item.Distance <= within).OrderBy(item => item.Distance).ThenBy(item => item.Position)
            .DistinctBy(item => GroupOf(item.Position)).Take(top)];

        Selection joined = New(ascending: false), half = joined.Fresh(ascending: true);
        Offer(joined, shuffled[..(count / 2)]);
        Offer(half, [.. shuffled[(count / 2)..].OrderBy(item => item.Position)]);
        joined.Take(half);
        return Offer(New(ascending: true), items).SequenceEqual(expected) && Offer(New(ascending: false), shuffled).SequenceEqual(expected)
            && joined.ToSorted().SequenceEqual(expected);
    }).QuickCheckThrowOnFailure();

    private static Gen<(int, int, int, int, int)> Offers() =>
        from count in Gen.Choose(0, 3000)
        from top in Gen.Elements(0, 1, 10, 200, 5000)
        from within in Gen.Choose(0, 16)
        from groups in Gen.Elements(0, 1, 7, 500)
        from seed in Gen.Choose(0, int.MaxValue)
        select (count, top, within, groups, seed);

    private static Neighbor[] Offer(Selection selection, Neighbor[] items)
    {
        foreach (Neighbor item in items)
            if (item.Distance < selection.Limit)
                selection.Offer(item.Distance, item.Position);
        return selection.ToSorted();
    }
}
