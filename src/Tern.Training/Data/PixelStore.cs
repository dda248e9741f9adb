using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tern.Evaluation;
using Tern.Imaging;
using Tern.Training.Models;

namespace Tern.Training.Data;

/// <summary>A picture that was left out, and why.</summary>
public sealed record BadImage(string Name, string Problem);

/// <summary>Decoded pictures of one shape in memory, interleaved bytes each: read once, used by every stage and epoch.</summary>
public sealed class PixelStore
{
    private readonly byte[][] pixels;

    private PixelStore(
        ImageShape shape, IReadOnlyList<string> classes, byte[][] pixels, Labels labels, string[] names, IReadOnlyList<int> positions, IReadOnlyList<BadImage> bad)
    {
        (Shape, Classes, this.pixels, Labels, Names, Positions, Bad) = (shape, classes, pixels, labels, names, positions, bad);
    }

    /// <summary>Of every picture.</summary>
    public ImageShape Shape { get; }

    /// <summary>Class names.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What each picture is labelled with: one class, or several.</summary>
    public Labels Labels { get; }

    /// <summary>Where each picture comes from.</summary>
    public string[] Names { get; }

    /// <summary>Where each picture stood in the set it was read from: further on than here behind one that could not be read.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>Pictures that could not be read.</summary>
    public IReadOnlyList<BadImage> Bad { get; }

    /// <summary>Number of pictures.</summary>
    public int Count => pixels.Length;

    /// <summary>A picture's bytes, [H, W, C].</summary>
    public ReadOnlySpan<byte> this[int index] => pixels[index];

    /// <summary>Decodes and resizes a whole set on all threads. Refuses, with an estimate, what would not fit in memory.</summary>
    public static PixelStore Load(ImageSet set, DataSpec spec, int threads, CancellationToken cancellation, IProgress<int>? progress = null)
    {
        RequireMemory(set, spec.Shape);
        var pixels = new byte[]?[set.Count];
        var bad = new ConcurrentDictionary<int, string>();
        int done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        try
        {
            Parallel.For(0, set.Count, options, i =>
            {
                try
                {
                    pixels[i] = Resizer.Fit(set.Read(i, spec.Channels), spec.Width, spec.Height, spec.Resize).Pixels.ToArray();
                }
                catch (TernException error) when (spec.OnBadImage == BadImagePolicy.Skip)
                {
                    bad[i] = error.Message;
                }
                progress?.Report(Interlocked.Increment(ref done));
            });
        }
        catch (AggregateException error) when (error.InnerExceptions.OfType<TernException>().FirstOrDefault() is { } first)
        {
            throw new TernException($"{first.Message} (\"onBadImage\": \"skip\" leaves such pictures out)", first);
        }
        return Collect(set, spec.Shape, pixels, bad);
    }

    /// <summary>Where the pictures are that stood at these positions in the set they were read from; those that could not be read are left out.</summary>
    public int[] PlacesOf(IEnumerable<int> positions)
    {
        HashSet<int> wanted = [.. positions];
        return [.. Enumerable.Range(0, Count).Where(i => wanted.Contains(Positions[i]))];
    }

    /// <summary>Some of the pictures, sharing their bytes.</summary>
    public PixelStore Select(IReadOnlyList<int> indices) => Select(indices, Classes, Labels.Select(indices));

    /// <summary>Some of the pictures, which are of these classes alone: their labels become positions among them.</summary>
    public PixelStore Select(IReadOnlyList<int> indices, IReadOnlyList<int> classes) =>
        Select(indices, [.. classes.Select(label => Classes[label])], Labels.Select(indices).Renumber(classes));

    private PixelStore Select(IReadOnlyList<int> indices, IReadOnlyList<string> classes, Labels labels) => new(
        Shape, classes, [.. indices.Select(i => pixels[i])], labels, [.. indices.Select(i => Names[i])], [.. indices.Select(i => Positions[i])], []);

    /// <summary>SHA-256 over shape, labels and bytes: what a model's lineage says of its data.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{Shape} {string.Join('\n', Classes)}"));
        for (int i = 0; i < Count; i++)
        {
            hash.AppendData(Labels.AreMasks ? BitConverter.GetBytes(Labels.Values[i]) : BitConverter.GetBytes(Labels[i]));
            hash.AppendData(pixels[i]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void RequireMemory(ImageSet set, ImageShape shape)
    {
        long needed = (long)set.Count * shape.Bytes, available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available / 2)
            throw new TernException($"{set.Count} pictures of {shape} take {needed >> 20} MiB in memory, more than half of the {available >> 20} MiB there are: choose a smaller size or fewer pictures, or, of a study, fewer --jobs, which share it");
    }

    private static PixelStore Collect(ImageSet set, ImageShape shape, byte[]?[] pixels, ConcurrentDictionary<int, string> bad)
    {
        int[] good = [.. Enumerable.Range(0, set.Count).Where(i => pixels[i] is not null)];
        if (good.Length == 0)
            throw new TernException(set.Count == 0 ? "the data set is empty" : $"none of the {set.Count} pictures can be read; the first: {bad[0]}");
        return new PixelStore(
            shape, set.Classes, [.. good.Select(i => pixels[i]!)], set.Labels.Select(good), [.. good.Select(set.Name)], good,
            [.. bad.OrderBy(entry => entry.Key).Select(entry => new BadImage(set.Name(entry.Key), entry.Value))]);
    }
}
