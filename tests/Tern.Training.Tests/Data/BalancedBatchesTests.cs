using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public class BalancedBatchesTests
{
    private sealed record Case(int[] Sizes, int Classes, int PerClass, ulong Seed);

    /// <summary>1 to 6 classes of 1 to 20 pictures, and any batch that its classes can fill.</summary>
    private static readonly Arbitrary<Case> Cases = Arb.From(
        from sizes in Gen.Choose(1, 20).NonEmptyListOf()
        let some = sizes.Take(6).ToArray()
        from classes in Gen.Choose(1, some.Length)
        from perClass in Gen.Choose(1, 7)
        from seed in Gen.Choose(0, 1 << 20)
        select new Case(some, classes, perClass, (ulong)seed));

    [Fact]
    public void A_batch_has_so_many_pictures_of_so_many_classes() => Check((one, labels, epochs) =>
        Assert.All(epochs.SelectMany(epoch => epoch), batch =>
            Assert.Equal(Enumerable.Repeat(one.PerClass, one.Classes), batch.CountBy(i => labels[i]).Select(entry => entry.Value))));

    /// <summary>Over any stretch from the start, epochs and all: a class has come at most once more than any other.</summary>
    [Fact]
    public void Every_class_comes_equally_often() => Check((one, labels, epochs) =>
    {
        var visits = new int[one.Sizes.Length];
        foreach (int[] batch in epochs.SelectMany(epoch => epoch))
        {
            foreach (int label in batch.Select(i => labels[i]).Distinct()) visits[label]++;
            Assert.InRange(visits.Max() - visits.Min(), 0, 1);
        }
    });

    [Fact]
    public void Every_picture_of_a_class_comes_before_one_comes_again() => Check((one, labels, epochs) =>
    {
        var seen = new int[labels.Count];
        foreach (int[] batch in epochs.SelectMany(epoch => epoch))
        {
            foreach (int i in batch) seen[i]++;
            foreach (IGrouping<int, int> members in labels.Carriers())
                Assert.InRange(members.Max(i => seen[i]) - members.Min(i => seen[i]), 0, 1);
        }
    });

    [Fact]
    public void A_picture_stands_twice_in_a_batch_only_where_its_class_is_too_small() => Check((one, labels, epochs) =>
        Assert.All(epochs.SelectMany(epoch => epoch), batch =>
            Assert.All(batch.CountBy(i => i), entry => Assert.True(entry.Value == 1 || one.Sizes[labels[entry.Key]] < one.PerClass))));

    [Fact]
    public void An_epoch_is_a_function_of_seed_and_number_and_as_long_as_one_of_shuffled_pictures()
    {
        Labels labels = Labels.Single([.. Enumerable.Range(0, 103).Select(i => i % 7)]);
        var batches = new BalancedBatches(4, 3);
        int[] Order(ulong seed, int epoch) => [.. batches.Epoch(labels, 12, seed, epoch).SelectMany(batch => batch)];
        Assert.Equal(Order(1, 5), Order(1, 5));
        Assert.NotEqual(Order(1, 5), Order(1, 6));
        Assert.NotEqual(Order(1, 5), Order(2, 5));
        Assert.Equal(new ShuffledBatches().Epoch(labels, 12, 1, 0).Length, batches.Epoch(labels, 12, 1, 0).Length);
    }

    /// <summary>Ten classes of 5,000 in batches of 10 x 20, as DSH's authors on CIFAR-10: an epoch shows every picture once.</summary>
    [Fact]
    public void An_epoch_of_equal_classes_shows_every_picture_once()
    {
        Labels labels = Labels.Single([.. Enumerable.Range(0, 50_000).Select(i => i % 10)]);
        int[][] epoch = new BalancedBatches(10, 20).Epoch(labels, 200, 1, 3);
        Assert.Equal(250, epoch.Length);
        Assert.Equal(50_000, epoch.SelectMany(batch => batch).Distinct().Count());
        Assert.All(epoch, batch => Assert.All(batch.CountBy(i => labels[i]), entry => Assert.Equal(20, entry.Value)));
    }

    [Fact]
    public void A_picture_with_several_labels_stands_for_each_of_them()
    {
        Labels labels = Labels.Masks([0b001, 0b011, 0b110, 0b100, 0b010, 0b101]);
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for (int epoch = 0; epoch < 20; epoch++)
            foreach (int[] batch in new BalancedBatches(3, 2).Epoch(labels, 6, 1, epoch))
            {
                int[][] pairs = [.. batch.Chunk(2)];                                      // one pair for each label, in some order, of two different carriers
                Assert.Contains(orders, order => order.Index().All(at => pairs[at.Index].All(i => labels.Of(i).Contains(at.Item))));
                Assert.All(pairs, pair => Assert.NotEqual(pair[0], pair[1]));
            }
    }

    [Fact]
    public void A_loader_goes_on_within_an_epoch()
    {
        PixelStore store = MadeData.Store(count: 60, side: 8);
        var loader = new BatchLoader(store, new PixelNormalization([0], [1]), 8, 7, new BalancedBatches(2, 4));
        string[] whole = [.. loader.Train(2, []).Select(batch => string.Join(',', batch.Indices))];
        Assert.Equal(loader.TrainingBatches, whole.Length);
        Assert.Equal(whole[3..], loader.Train(2, [], first: 3).Select(batch => string.Join(',', batch.Indices)));
    }

    private static void Check(Action<Case, Labels, int[][][]> property) => Prop.ForAll(Cases, one =>
    {
        Labels labels = Labels.Single([.. one.Sizes.Index().SelectMany(entry => Enumerable.Repeat(entry.Index, entry.Item))]);
        var batches = new BalancedBatches(one.Classes, one.PerClass);
        property(one, labels, [.. Enumerable.Range(0, 4).Select(epoch => batches.Epoch(labels, one.Classes * one.PerClass, one.Seed, epoch))]);
    }).QuickCheckThrowOnFailure();
}
