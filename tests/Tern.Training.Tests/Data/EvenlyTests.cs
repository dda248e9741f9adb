using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class EvenlyTests
{
    /// <summary>Four of ten: places 0, 10/4, 20/4 and 30/4, rounded down.</summary>
    [Fact]
    public void A_few_are_spread_over_all_and_begin_with_the_first() => Assert.Equal([10, 12, 15, 17], Evenly.Choose([.. Enumerable.Range(10, 10)], 4));

    [Fact]
    public void Where_there_are_no_more_all_are_taken()
    {
        Assert.Equal([3, 1, 2], Evenly.Choose([3, 1, 2], 5));
        Assert.Equal([3, 1, 2], Evenly.Choose([3, 1, 2], 3));
        Assert.Empty(Evenly.Choose([], 3));
        Assert.Empty(Evenly.Choose([3], 0));
    }
}
