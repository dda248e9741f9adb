using FsCheck;
using FsCheck.Fluent;
using Tern.Training.Augmentations;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class BatchLoaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static readonly PixelNormalization Identity = new([0], [1 / 255.0]);      // floats equal to the bytes

    private static readonly Augmentation[] Augmentations = [new Flip(), new PadAndCrop(2), new RandomResizedCrop(), new ColourJitter()];

    [Fact]
    public void An_epoch_shows_every_picture_once_up_to_the_dropped_rest() => Prop.ForAll(
        Gen.Choose(1, 40).ToArbitrary(), Gen.Choose(1, 50).ToArbitrary(), Gen.Choose(0, 5).ToArbitrary(), (count, batchSize, epoch) =>
        {
            var loader = new BatchLoader(MadeData.Store(count: count, side: 8), Identity, batchSize, 1);
            Batch[] batches = [.. loader.Train(epoch, [])];
            Assert.Equal(Math.Max(1, count / batchSize), batches.Length);
            Assert.Equal(loader.TrainingBatches, batches.Length);
            int size = count >= batchSize ? batchSize : Math.Max(1, count / 2 * 2);        // a small set is one even batch
            Assert.All(batches, batch => Assert.Equal(size, batch.Indices.Length));
            int[] seen = [.. batches.SelectMany(batch => batch.Indices)];
            Assert.Equal(seen.Length, seen.Distinct().Count());
            Assert.All(seen, index => Assert.InRange(index, 0, count - 1));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_batch_holds_the_pictures_and_labels_it_says()
    {
        PixelStore store = MadeData.Store(count: 20, side: 8);
        foreach (Batch batch in new BatchLoader(store, Identity, 6, 1).Train(0, []))
            for (int i = 0; i < batch.Indices.Length; i++)
            {
                Assert.Equal(store.Labels[batch.Indices[i]], batch.Labels[i]);
                Assert.Equal(store[batch.Indices[i]].ToArray().Select(value => (float)value), batch.Pixels[(64 * i)..(64 * i + 64)]);
            }
    }

    /// <summary>Consumers of different speed let the workers run in different orders.</summary>
    [Fact]
    public void Batches_do_not_depend_on_the_scheduling_of_threads()
    {
        PixelStore store = MadeData.Store(count: 40);
        string[] Run(int busy)
        {
            Task[] others = [.. Enumerable.Range(0, busy).Select(i => Task.Run(() => Thread.SpinWait(200_000 * (i % 3))))];
            string[] batches = [.. new BatchLoader(store, Identity, 4, 7).Train(3, Augmentations).Select(Text)];
            Task.WaitAll(others);
            return batches;
        }
        string[] quiet = Run(0);
        for (int busy = 1; busy <= 16; busy *= 4) Assert.Equal(quiet, Run(busy));
    }

    [Fact]
    public void Going_on_from_a_batch_gives_the_identical_tail()
    {
        var loader = new BatchLoader(MadeData.Store(count: 40), Identity, 4, 7);
        string[] whole = [.. loader.Train(3, Augmentations).Select(Text)];
        for (int first = 0; first <= whole.Length; first++)
            Assert.Equal(whole[first..], loader.Train(3, Augmentations, first).Select(Text));
    }

    [Fact]
    public void Epochs_and_seeds_differ_in_order_and_in_augmentation()
    {
        PixelStore store = MadeData.Store(count: 30);
        string[] first = Pictures(store, 7, 0), second = Pictures(store, 7, 1), other = Pictures(store, 8, 0);
        Assert.True(first.Zip(second).Count(pair => pair.First == pair.Second) < 5);
        Assert.True(first.Zip(other).Count(pair => pair.First == pair.Second) < 5);
        Assert.NotEqual(Order(store, 7, 0), Order(store, 7, 1));
        Assert.NotEqual(Order(store, 7, 0), Order(store, 8, 0));
    }

    /// <summary>A picture's augmentation must not change with the size of the batch it comes in.</summary>
    [Fact]
    public void A_picture_is_augmented_alike_whatever_the_batch_size()
    {
        PixelStore store = MadeData.Store(count: 30);
        Assert.Equal(Pictures(store, 7, 2, batchSize: 5), Pictures(store, 7, 2, batchSize: 15));
    }

    [Fact]
    public void All_gives_every_picture_in_order_the_last_batch_short()
    {
        PixelStore store = MadeData.Store(count: 11, side: 8);
        Batch[] batches = [.. new BatchLoader(store, Identity, 4, 1).All()];
        Assert.Equal([4, 4, 3], batches.Select(batch => batch.Labels.Length));
        Assert.Equal(Enumerable.Range(0, 11), batches.SelectMany(batch => batch.Indices));
    }

    [Fact]
    public void Of_pictures_with_several_labels_a_batch_holds_a_row_of_classes_each()
    {
        DataSplit split = DataSource.Open(MadeData.NusWide(folder.Path, concepts: 4, count: 60));
        PixelStore store = PixelStore.Load(split.Train, MadeData.Spec(16, 3), 1, CancellationToken.None);
        foreach (Batch batch in new BatchLoader(store, new PixelNormalization([0, 0, 0], [1, 1, 1]), 6, 1).Train(0, []))
        {
            Assert.Empty(batch.Labels);
            for (int i = 0; i < batch.Indices.Length; i++)
            {
                int listed = int.Parse(Path.GetFileNameWithoutExtension(store.Names[batch.Indices[i]]).Split('_')[1]);
                string[] names = [.. MadeData.Carried(listed, 4).Select(concept => $"concept{concept}")];
                Assert.Equal(store.Classes.Select(name => names.Contains(name) ? 1f : 0f), batch.Targets!.AsSpan(4 * i, 4).ToArray());
            }
        }
    }

    [Fact]
    public void A_picture_that_comes_again_in_an_epoch_is_augmented_anew()
    {
        var loader = new BatchLoader(MadeData.Store(count: 3, side: 16), Identity, 12, 1, new BalancedBatches(3, 4));
        Batch batch = loader.Train(0, Augmentations).Single();
        Assert.Equal(12, batch.Indices.Length);
        string[] pictures = [.. batch.Pixels.Chunk(256).Select(picture => string.Join(',', picture))];
        Assert.Equal(12, pictures.Distinct().Count());                                   // of 3 pictures, 4 times each
    }

    [Fact]
    public void Training_leaves_the_stored_pictures_as_they_are()
    {
        PixelStore store = MadeData.Store(count: 20);
        string before = store.Fingerprint();
        foreach (Batch _ in new BatchLoader(store, Identity, 5, 1).Train(0, Augmentations)) { }
        Assert.Equal(before, store.Fingerprint());
    }

    private static string Text(Batch batch) => $"{string.Join(',', batch.Indices)} {string.Join(',', batch.Labels)} {string.Join(',', batch.Pixels)}";

    private static int[] Order(PixelStore store, ulong seed, int epoch) =>
        [.. new BatchLoader(store, Identity, 10, seed).Train(epoch, []).SelectMany(batch => batch.Indices)];

    /// <summary>Each augmented picture by its index.</summary>
    private static string[] Pictures(PixelStore store, ulong seed, int epoch, int batchSize = 10)
    {
        var pictures = new string[store.Count];
        foreach (Batch batch in new BatchLoader(store, Identity, batchSize, seed).Train(epoch, Augmentations))
            for (int i = 0; i < batch.Indices.Length; i++)
                pictures[batch.Indices[i]] = string.Join(',', batch.Pixels.AsSpan(i * store.Shape.Bytes, store.Shape.Bytes).ToArray());
        return pictures;
    }
}
