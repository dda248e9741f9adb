using Tern.Training.Studies;

namespace Tern.Training.Tests.Studies;

/// <summary>How the runs of a row were judged, in one text.</summary>
public class ProtocolTextTests
{
    [Theory]
    [InlineData(1, "lfw/view1/1000 pairs/cosine", "lfw/view1/1000 pairs/cosine", "lfw/view1/1000 pairs/cosine")]
    [InlineData(1, "lfw/v/query600-db600/full", "lfw/v/query599..612-db599..612/full", "lfw/v/query612-db612/full", "lfw/v/query599-db599/full")]
    [InlineData(1, "lfw/v/query9-db100/full", "lfw/v/query9..10-db100/full", "lfw/v/query10-db100/full")]
    [InlineData(2, "lfw/view2-fold1/600 pairs", "lfw/view2-2 folds/599..600 pairs", "lfw/view2-fold2/599 pairs")]
    [InlineData(1, "lfw/view1/1000 pairs", "lfw/view1/1000 pairs|lfw/view2/1000 pairs", "lfw/view2/1000 pairs")]
    public void Counts_that_differ_are_a_range(int folds, string first, string expected, params string[] others) => Assert.Equal(expected, ProtocolText.OfAll([first, .. others], folds));
}
