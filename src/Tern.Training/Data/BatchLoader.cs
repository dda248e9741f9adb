using Tern.Evaluation;
using Tern.Training.Augmentations;

namespace Tern.Training.Data;

/// <summary>A batch ready for the network: normalised floats [N, H, W, C], and which pictures they are.</summary>
/// <param name="Labels">[N], a class each; empty where pictures carry several.</param>
/// <param name="Targets">Where pictures carry several labels, [N, C]: 1 for each class a picture carries, else 0. Otherwise null.</param>
/// <param name="Indices">[N], positions in the store.</param>
public sealed record Batch(float[] Pixels, long[] Labels, float[]? Targets, int[] Indices);

/// <summary>
/// Makes batches ahead of time on worker threads. Each batch is a pure function of (seed, epoch, position), so that threads and resuming change nothing.
/// </summary>
/// <param name="store">The pictures.</param>
/// <param name="normalization">Per-channel scale and shift.</param>
/// <param name="batchSize">Pictures a batch.</param>
/// <param name="seed">Of order and augmentation.</param>
/// <param name="order">Which pictures stand together; shuffled when left out.</param>
public sealed class BatchLoader(PixelStore store, PixelNormalization normalization, int batchSize, ulong seed, BatchOrder? order = null)
{
    private const int Ahead = 4;
    private readonly BatchOrder order = order ?? new ShuffledBatches();

    /// <summary>Batches an epoch when training: incomplete ones are dropped, unless there would be none.</summary>
    public int TrainingBatches => BatchOrder.Count(store.Count, batchSize);

    /// <summary>An epoch in random order with augmentation, from batch <paramref name="first"/> on.</summary>
    public IEnumerable<Batch> Train(int epoch, IReadOnlyList<Augmentation> augmentations, int first = 0)
    {
        int[][] batches = order.Epoch(store.Labels, batchSize, seed, epoch);
        int[][] repeats = Repeats(batches);
        return Prefetch(first, batches.Length, batch => Make(batches[batch], repeats[batch], (ulong)epoch, augmentations));
    }

    /// <summary>Every picture once in order, as it is.</summary>
    public IEnumerable<Batch> All()
    {
        int[][] batches = [.. Enumerable.Range(0, store.Count).Chunk(batchSize)];
        return Prefetch(0, batches.Length, batch => Make(batches[batch], new int[batches[batch].Length], 0, []));
    }

    /// <summary>How often each picture of each batch has come before in the epoch: it looks different each time.</summary>
    private int[][] Repeats(int[][] batches)
    {
        var seen = new int[store.Count];
        return Array.ConvertAll(batches, batch => Array.ConvertAll(batch, index => seen[index]++));
    }

    private Batch Make(int[] indices, int[] repeats, ulong epoch, IReadOnlyList<Augmentation> augmentations)
    {
        int size = store.Shape.Bytes;
        var pixels = new float[indices.Length * size];
        var picture = new byte[size];
        for (int i = 0; i < indices.Length; i++)
        {
            store[indices[i]].CopyTo(picture);
            Randomness random = Randomness.Of(seed, 2 + epoch, (ulong)indices[i] + ((ulong)repeats[i] << 32));
            foreach (Augmentation augmentation in augmentations) augmentation.Apply(picture, store.Shape, new Look(indices[i], (int)epoch + repeats[i]), ref random);
            normalization.Apply(picture, pixels.AsSpan(i * size, size));
        }
        Labels labels = store.Labels.Select(indices);
        return labels.AreMasks
            ? new Batch(pixels, [], MultiHot(labels, store.Classes.Count), indices)
            : new Batch(pixels, [.. Enumerable.Range(0, indices.Length).Select(i => (long)labels[i])], null, indices);
    }

    /// <summary>[N, C]: 1 where a picture carries a class.</summary>
    private static float[] MultiHot(Labels labels, int classes)
    {
        var targets = new float[labels.Count * classes];
        for (int i = 0; i < labels.Count; i++)
            foreach (int label in labels.Of(i)) targets[i * classes + label] = 1;
        return targets;
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
