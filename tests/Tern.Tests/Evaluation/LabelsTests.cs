using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class LabelsTests
{
    private static readonly Labels One = Labels.Single([2, 0, 2]), Several = Labels.Masks([0b101, 0, 1UL << 63 | 0b100]);

    [Fact]
    public void An_item_has_its_label_or_all_its_labels()
    {
        Assert.Equal([2, 0, 2], new[] { One[0], One[1], One[2] });
        Assert.Equal([2], One.Of(0));
        Assert.Equal([[0, 2], [], [2, 63]], Enumerable.Range(0, 3).Select(Several.Of));
        Assert.Throws<InvalidOperationException>(() => Several[0]);
    }

    [Fact]
    public void Labels_are_told_by_name()
    {
        Assert.Equal("c", One.Text(0, ["a", "b", "c"]));
        Assert.Equal(["a|c", ""], new[] { Several.Text(0, ["a", "b", "c"]), Several.Text(1, ["a", "b", "c"]) });
    }

    [Fact]
    public void The_items_of_a_label_are_those_that_carry_it()
    {
        Assert.Equal([(0, "1"), (2, "0 2")], Carriers(One));
        Assert.Equal([(0, "0"), (2, "0 2"), (63, "2")], Carriers(Several));
        Assert.Empty(One.Carriers()[1]);
    }

    [Fact]
    public void A_selection_and_a_sequence_keep_the_order_given()
    {
        Assert.Equal([[2, 63], [0, 2], [2, 63]], Of(Several.Select([2, 0, 2])));
        Assert.Equal([[2], [0], [2], [0]], Of(One.Then(One.Select([1]))));
        Assert.Throws<TernException>(() => One.Then(Several));
    }

    [Fact]
    public void Labels_that_are_kept_are_counted_anew()
    {
        Assert.Equal([[1], [0], [1]], Of(One.Renumber([0, 2])));
        Assert.Equal([[0], [1], [0]], Of(One.Renumber([2, 0])));
        Assert.Throws<KeyNotFoundException>(() => One.Renumber([2]));
        Assert.Throws<InvalidOperationException>(() => Several.Renumber([0, 2, 63]));
    }

    private static IEnumerable<int[]> Of(Labels labels) => Enumerable.Range(0, labels.Count).Select(item => labels.Of(item).ToArray());

    private static IEnumerable<(int, string)> Carriers(Labels labels) =>
        labels.Carriers().OrderBy(carriers => carriers.Key).Select(carriers => (carriers.Key, string.Join(' ', carriers)));
}
