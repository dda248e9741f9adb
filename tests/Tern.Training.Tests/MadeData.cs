using System.Buffers.Binary;
using System.IO.Compression;
using Tern.Imaging;
using Tern.Training.Data;

namespace Tern.Training.Tests;

/// <summary>
/// Small data sets in every layout Tern reads. A class is an angle of stripes (and a colour), a picture adds noise and a small shift of its own:
/// a few steps of training tell them apart. Everything is a function of the seed. Labels go round: picture i has label i % classes.
/// </summary>
internal static partial class MadeData
{
    /// <summary>The class names of folders and lists: "class0", "class1", ...</summary>
    public static string[] ClassNames(int classes) => [.. Enumerable.Range(0, classes).Select(label => $"class{label}")];

    /// <summary>A picture of class <paramref name="label"/> of <paramref name="classes"/>; different for each <paramref name="index"/>.</summary>
    public static Picture Picture(int label, int index, int classes = 3, int side = 16, int channels = 1, ulong seed = 1)
    {
        Randomness random = Randomness.Of(seed, (ulong)label, (ulong)index);
        double angle = Math.PI * label / classes, shift = random.NextDouble();
        var pixels = new byte[side * side * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / channels % side, y = i / channels / side;
            double stripe = Math.Cos(4 * Math.PI * (x * Math.Cos(angle) + y * Math.Sin(angle)) / side + shift);
            double colour = channels == 1 || i % channels == label % channels ? 1 : 0.5;
            pixels[i] = (byte)(128 + 90 * stripe * colour + random.NextInt(51) - 25);
        }
        return new Picture(side, side, channels, pixels);
    }

    /// <summary>Pictures in memory, not yet stored: <paramref name="first"/> tells sets apart that must not share pictures.</summary>
    public static MemoryImageSet Set(int classes = 3, int count = 60, int side = 16, int channels = 1, int first = 0, ulong seed = 1) =>
        new(ClassNames(classes), "made", side, side, channels, Pixels(classes, count, side, channels, first, seed), Labels(classes, count));

    /// <summary>The same, ready to train on.</summary>
    public static PixelStore Store(int classes = 3, int count = 60, int side = 16, int channels = 1, int first = 0, ulong seed = 1) =>
        PixelStore.Load(Set(classes, count, side, channels, first, seed), Spec(side, channels), 1, CancellationToken.None);

    /// <summary>A data part of a recipe that takes made pictures as they are.</summary>
    public static DataSpec Spec(int side = 16, int channels = 1, string path = "made", int validation = 6) =>
        new(path, side, side, channels, [.. Enumerable.Repeat(0.5, channels)], [.. Enumerable.Repeat(0.25, channels)], validation);

    /// <summary>MNIST's four files, plain or gzipped. Returns <paramref name="folder"/>.</summary>
    public static string Idx(string folder, int classes = 3, int train = 60, int test = 30, int side = 16, bool gzip = false, ulong seed = 1)
    {
        foreach ((string part, int count, int first) in new[] { ("train", train, 0), ("t10k", test, train) })
        {
            IdxFile(Path.Combine(folder, $"{part}-images-idx3-ubyte"), [count, side, side], Pixels(classes, count, side, 1, first, seed), gzip);
            IdxFile(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), [count], Labels(classes, count), gzip);
        }
        return folder;
    }

    /// <summary>One IDX file of unsigned bytes: 0, 0, 8, number of sizes, each size big-endian, the bytes.</summary>
    public static void IdxFile(string path, int[] sizes, byte[] bytes, bool gzip = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var content = new byte[4 + 4 * sizes.Length + bytes.Length];
        (content[2], content[3]) = (8, (byte)sizes.Length);
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4 + 4 * i), sizes[i]);
        bytes.CopyTo(content, 4 + 4 * sizes.Length);
        if (!gzip)
        {
            File.WriteAllBytes(path, content);
            return;
        }
        using var stream = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Fastest);
        stream.Write(content);
    }

    /// <summary>CIFAR-10's binary files, two for training and one for testing, all ten classes. Returns <paramref name="folder"/>.</summary>
    public static string Cifar(string folder, int train = 40, int test = 20, ulong seed = 1)
    {
        Directory.CreateDirectory(folder);
        CifarFile(Path.Combine(folder, "data_batch_1.bin"), train / 2, 0, seed);
        CifarFile(Path.Combine(folder, "data_batch_2.bin"), train - train / 2, train / 2, seed);
        CifarFile(Path.Combine(folder, "test_batch.bin"), test, train, seed);
        return folder;
    }

    /// <summary>PNGs in <c>train/class0/...</c> and <c>test/class0/...</c>; without test pictures in <c>class0/...</c>. Returns <paramref name="folder"/>.</summary>
    public static string Folder(string folder, int classes = 3, int train = 60, int test = 30, int side = 16, int channels = 3, ulong seed = 1)
    {
        Tree(test == 0 ? folder : Path.Combine(folder, "train"), classes, train, side, channels, 0, seed);
        if (test > 0) Tree(Path.Combine(folder, "test"), classes, test, side, channels, train, seed);
        return folder;
    }

    /// <summary>PNGs in <c>pictures/</c> beside a list <c>list.csv</c> with a split column. Returns the list's path.</summary>
    public static string Csv(string folder, int classes = 3, int train = 60, int test = 30, int side = 16, int channels = 3, ulong seed = 1)
    {
        var lines = new List<string> { "path,label,split" };
        for (int i = 0; i < train + test; i++)
        {
            string path = $"pictures/{i:D4}.png";
            Png(Path.Combine(folder, path), Picture(i % classes, i, classes, side, channels, seed));
            lines.Add($"{path},class{i % classes},{(i < train ? "train" : "test")}");
        }
        string list = Path.Combine(folder, "list.csv");
        File.WriteAllLines(list, lines);
        return list;
    }

    /// <summary>
    /// NUS-WIDE's lists and pictures: Windows paths in <c>ImageList</c>, 0 and 1 in <c>Groundtruth</c>, names in <c>ConceptsList</c>, pictures in <c>Flickr</c>.
    /// Picture i carries what <see cref="Carried"/> says. Returns <paramref name="folder"/>.
    /// </summary>
    public static string NusWide(string folder, int concepts = 5, int count = 105, int side = 16, ulong seed = 1)
    {
        foreach (string part in new[] { "ImageList", "Groundtruth/AllLabels", "ConceptsList" }) Directory.CreateDirectory(Path.Combine(folder, part));
        for (int i = 0; i < count; i++) Png(Path.Combine(folder, "Flickr", "topic", $"{i:D4}_{i}.jpg"), Picture(i % concepts, i, concepts, side, 3, seed));   // content decides, not the name
        File.WriteAllText(Path.Combine(folder, "ImageList", "Imagelist.txt"), string.Concat(Enumerable.Range(0, count).Select(i => $"topic\\{i:D4}_{i}.jpg\r\n")));
        File.WriteAllText(Path.Combine(folder, "ConceptsList", "Concepts81.txt"), string.Concat(Enumerable.Range(0, concepts).Select(concept => $"concept{concept}\n")));
        for (int concept = 0; concept < concepts; concept++)
            File.WriteAllText(Path.Combine(folder, "Groundtruth", "AllLabels", $"Labels_concept{concept}.txt"),
                string.Concat(Enumerable.Range(0, count).Select(i => Carried(i, concepts).Contains(concept) ? "1\n" : "0\n")));
        return folder;
    }

    /// <summary>What picture i of <see cref="NusWide"/> carries: every seventh nothing, the others the concept it looks like, every third also the next.</summary>
    public static int[] Carried(int i, int concepts) => i % 7 == 6 ? [] : i % 3 == 0 ? [i % concepts, (i + 1) % concepts] : [i % concepts];

    /// <summary>A picture as a file; folders are made as needed.</summary>
    public static void Png(string path, Picture picture)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, PngWriter.Encode(picture));
    }

    private static void Tree(string folder, int classes, int count, int side, int channels, int first, ulong seed)
    {
        for (int i = 0; i < count; i++)
            Png(Path.Combine(folder, $"class{i % classes}", $"{first + i:D4}.png"), Picture(i % classes, first + i, classes, side, channels, seed));
    }

    private static void CifarFile(string path, int count, int first, ulong seed)
    {
        const int side = 32, plane = side * side;
        var bytes = new byte[count * (1 + 3 * plane)];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> pixels = Picture(i % 10, first + i, 10, side, 3, seed).Pixels;
            Span<byte> record = bytes.AsSpan(i * (1 + 3 * plane), 1 + 3 * plane);
            record[0] = (byte)(i % 10);
            for (int j = 0; j < pixels.Length; j++) record[1 + j % 3 * plane + j / 3] = pixels[j];
        }
        File.WriteAllBytes(path, bytes);
    }

    private static byte[] Pixels(int classes, int count, int side, int channels, int first, ulong seed) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Picture(i % classes, first + i, classes, side, channels, seed).Pixels.ToArray())];

    private static byte[] Labels(int classes, int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i % classes))];
}
