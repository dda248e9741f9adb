using Tern.Training.Augmentations;

namespace Tern.Training.Data;

/// <summary>A batch ready for the network: normalised floats [N, H, W, C], labels [N], and which pictures they are.</summary>
public sealed record Batch(float[] Pixels, long[] Labels, int[] Indices);

/// <summary>
/// Makes batches ahead of time on worker threads. Each batch is a pure function of (seed, epoch, position), so that threads and resuming change nothing.
/// </summary>
/// <param name="store">The pictures.</param>
/// <param name="normalization">Per-channel scale and shift.</param>
/// <param name="batchSize">Pictures a batch.</param>
/// <param name="seed">Of order and augmentation.</param>
public sealed class BatchLoader(PixelStore store, PixelNormalization normalization, int batchSize, ulong seed)
{
    private const int Ahead = 4;

    /// <summary>Batches an epoch when training: incomplete ones are dropped, unless there would be none.</summary>
    public int TrainingBatches => Math.Max(1, store.Count / batchSize);

    /// <summary>An epoch in random order with augmentation, from batch <paramref name="first"/> on.</summary>
    public IEnumerable<Batch> Train(int epoch, IReadOnlyList<Augmentation> augmentations, int first = 0)
    {
        int[] order = Randomness.Of(seed, 1, (ulong)epoch).Permutation(store.Count);
        int size = store.Count >= batchSize ? batchSize : Math.Max(1, store.Count & ~1);   // even, as recipes demand: docs/decisions/0007
        return Prefetch(first, TrainingBatches, batch => Make(order[(batch * size)..((batch + 1) * size)], (ulong)epoch, augmentations));
    }

    /// <summary>Every picture once in order, as it is.</summary>
    public IEnumerable<Batch> All()
    {
        int[] order = [.. Enumerable.Range(0, store.Count)];
        return Prefetch(0, (store.Count + batchSize - 1) / batchSize, batch => Make(Slice(order, batch), 0, []));
    }

    private int[] Slice(int[] order, int batch) => order[(batch * batchSize)..Math.Min(order.Length, (batch + 1) * batchSize)];

    private Batch Make(int[] indices, ulong epoch, IReadOnlyList<Augmentation> augmentations)
    {
        int size = store.Shape.Bytes;
        var pixels = new float[indices.Length * size];
        var picture = new byte[size];
        for (int i = 0; i < indices.Length; i++)
        {
            store[indices[i]].CopyTo(picture);
            Randomness random = Randomness.Of(seed, 2 + epoch, (ulong)indices[i]);
            foreach (Augmentation augmentation in augmentations) augmentation.Apply(picture, store.Shape, ref random);
            normalization.Apply(picture, pixels.AsSpan(i * size, size));
        }
        return new Batch(pixels, [.. indices.Select(i => (long)store.Labels[i])], indices);
    }

    private static IEnumerable<Batch> Prefetch(int first, int end, Func<int, Batch> make)
    {
        var pending = new Queue<Task<Batch>>();
        for (int next = first; next < end || pending.Count > 0;)
        {
            while (next < end && pending.Count < Ahead)
            {
                int batch = next++;
                pending.Enqueue(Task.Run(() => make(batch)));
            }
            yield return pending.Dequeue().GetAwaiter().GetResult();
        }
    }
}
