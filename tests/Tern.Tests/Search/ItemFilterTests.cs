using FsCheck;
using FsCheck.Fluent;
using Tern.Search;

namespace Tern.Tests.Search;

public class ItemFilterTests
{
    // Rows:                                  0        1      2          3     4
    private static readonly string[] Keys = ["shoe/2", "hat", "shoe/10", "ä", "shoe/1"];
    private static readonly string?[] Labels = ["shoe", "hat", "shoe|red", null, "red"];
    private static readonly double[] Prices = [20, 5, double.NaN, 20, -1];
    private static readonly string?[] Colours = ["red", null, "red", "blue", "green"];

    private static readonly ItemColumns Items = new ItemColumns(5)
        .AddKeys(row => Keys[row]).AddLabels(Labels).AddAttribute("price", Prices).AddAttribute("colour", Colours);

    private static int[] Rows(ItemFilter filter) => [.. Enumerable.Range(0, 5).Where(Items.Matching(filter).Contains)];

    [Fact]
    public void Labels_match_alone_and_among_others()
    {
        Assert.Equal([0, 2], Rows(ItemFilter.Labelled("shoe")));
        Assert.Equal([2, 4], Rows(ItemFilter.Labelled("red", "blue")));
        Assert.Equal([2], Rows(ItemFilter.Labelled("shoe|red")));
        Assert.Empty(Rows(ItemFilter.Labelled("sho")));
        Assert.Empty(Rows(ItemFilter.Labelled()));
    }

    [Fact]
    public void Keys_match_one_by_one_and_by_range()
    {
        Assert.Equal([1, 2], Rows(ItemFilter.WithKeys(["shoe/10", "hat", "nothing"])));
        Assert.Equal([0, 2, 4], Rows(ItemFilter.KeysBetween("shoe/", "shoe0")));     // '0' follows '/'
        Assert.Equal([2, 4], Rows(ItemFilter.KeysBetween("shoe/1", "shoe/2")));
        Assert.Equal([1], Rows(ItemFilter.KeysBetween(null, "shoe/1")));
        Assert.Equal([3], Rows(ItemFilter.KeysBetween("t", null)));
        Assert.Empty(Rows(ItemFilter.KeysBetween("z", "a")));
    }

    [Fact]
    public void Attributes_match_by_value_and_by_range()
    {
        Assert.Equal([0, 2, 4], Rows(ItemFilter.Where("colour", "red", "green", "pink")));
        Assert.Equal([0, 3], Rows(ItemFilter.Between("price", 20, 20)));
        Assert.Equal([0, 1, 3, 4], Rows(ItemFilter.Between("price", null, null))); // no price is no number
        Assert.Equal([1, 4], Rows(ItemFilter.Between("price", null, 5)));
        Assert.Empty(Rows(ItemFilter.Between("price", 21, 19)));
    }

    [Fact]
    public void Filters_join()
    {
        ItemFilter red = ItemFilter.Where("colour", "red"), cheap = ItemFilter.Between("price", null, 10);
        Assert.Equal([0, 1, 2, 4], Rows(red.Or(cheap)));
        Assert.Empty(Rows(red.And(cheap)));
        Assert.Equal([1, 3, 4], Rows(red.Not()));
        Assert.Equal([3], Rows(red.Not().And(cheap.Not())));
        Assert.Equal([0, 2], Rows(red)); // and stays what it was
    }

    [Fact]
    public void What_items_do_not_have_is_refused()
    {
        ItemColumns none = new(3), some = new ItemColumns(1).AddAttribute("size", ["L"]).AddAttribute("price", [3.0]);
        Assert.Contains("no keys", Assert.Throws<TernException>(() => none.Matching(ItemFilter.WithKeys(["a"]))).Message);
        Assert.Contains("no labels", Assert.Throws<TernException>(() => none.Matching(ItemFilter.Labelled("a"))).Message);
        Assert.Contains("no text attribute \"colour\"; they have none", Assert.Throws<TernException>(() => none.Matching(ItemFilter.Where("colour", "red"))).Message);
        Assert.Contains("no number attribute \"size\"; they have price", Assert.Throws<TernException>(() => some.Matching(ItemFilter.Between("size", 1, 2))).Message);
        Assert.Contains("expected a value for each of 3 items; got 1", Assert.Throws<TernException>(() => none.AddLabels(["a"])).Message);
    }

    [Fact]
    public void A_filter_is_worked_out_once()
    {
        int asked = 0;
        ItemColumns items = new ItemColumns(100).AddKeys(row =>
        {
            asked++;
            return $"{row}";
        });
        ItemFilter filter = ItemFilter.KeysBetween("2", "3");
        RowSet found = items.Matching(filter);
        Assert.Equal(11, found.Count); // 2, 20..29
        int before = asked;
        Assert.Same(found, items.Matching(filter));
        Assert.Equal(before, asked);
    }

    [Fact]
    public void Keys_that_can_be_looked_up_are_not_sorted_for_single_ones()
    {
        int asked = 0;
        ItemColumns items = new ItemColumns(100).AddKeys(row =>
        {
            asked++;
            return $"{row}";
        }, key => int.TryParse(key, out int row) && row < 100 ? [row] : []);
        RowSet found = items.Matching(ItemFilter.WithKeys(["7", "70", "700", "x"]));
        Assert.Equal((0, 2, true, true), (asked, found.Count, found.Contains(7), found.Contains(70)));
        Assert.Equal(11, items.Matching(ItemFilter.KeysBetween("2", "3")).Count);
        Assert.True(asked >= 100);
    }

    [Fact]
    public void Sets_of_rows_are_sets() => Prop.ForAll(
        (from rows in Gen.Choose(0, 300) from seed in Gen.Choose(0, int.MaxValue) select (rows, seed)).ToArbitrary(), drawn =>
        {
            Random random = new(drawn.seed);
            bool[] a = new bool[drawn.rows], b = new bool[drawn.rows];
            RowSet one = new(drawn.rows), other = new(drawn.rows);
            for (int row = 0; row < drawn.rows; row++)
            {
                if (a[row] = random.Next(2) == 0)
                    one.Add(row);
                if (b[row] = random.Next(2) == 0)
                    other.Add([row]);
            }
            RowSet both = one.Copy(), either = one.Copy();
            both.IntersectWith(other);
            either.UnionWith(other);
            RowSet rest = one.Complement();
            bool same = Enumerable.Range(0, drawn.rows).All(row => one.Contains(row) == a[row] && both.Contains(row) == (a[row] && b[row])
                && either.Contains(row) == (a[row] || b[row]) && rest.Contains(row) == !a[row]);
            return same && one.Count == a.Count(x => x) && one.Count + rest.Count == drawn.rows && both.Count + either.Count == one.Count + other.Count;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Rows_that_are_not_there_and_sets_of_other_collections_are_refused()
    {
        RowSet set = new(64);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(64));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Contains(-1));
        Assert.Contains("65 rows cannot be joined with one of 64", Assert.Throws<TernException>(() => set.UnionWith(new RowSet(65))).Message);
    }

    [Fact]
    public void A_scan_for_few_rows_costs_what_fetching_them_costs()
    {
        RowSet few = new(4096);
        Assert.Equal(0, few.ShareOfScan(wordsPerCode: 1));
        few.Add(7);
        Assert.Equal(80.0 / 4096, few.ShareOfScan(wordsPerCode: 1));                      // a fetch takes as long as reading 80 words
        few.Add(Enumerable.Range(2048, 2048).ToArray());
        Assert.Equal((80.0 / 2048 + 1) / 2, few.ShareOfScan(wordsPerCode: 1));            // never more than to read all
        Assert.Equal((20.0 / 2048 + 1) / 2, few.ShareOfScan(wordsPerCode: 4));
        Assert.Equal(2049, few.Count);
        Assert.Equal((80.0 / 2048 + 1) / 2, few.ShareOfScan(wordsPerCode: 1));
    }
}
