using System.Buffers.Binary;
using System.IO.Compression;

namespace Tern.Training.Data;

/// <summary>
/// The IDX files of MNIST and Fashion-MNIST, plain or gzipped: two zero bytes, type 8 (unsigned bytes), the number of dimensions, each size
/// as a big-endian 32-bit number, then the bytes.
/// </summary>
public static class IdxReader
{
    private const byte UnsignedBytes = 8;

    private static readonly string[] FashionMnist = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>
    /// Reads <c>train-*</c> and <c>t10k-*</c> pairs of a folder. The files hold no class names: those given are used, a folder called
    /// <c>fashion-mnist</c> gets its own, and otherwise classes are named by their number.
    /// </summary>
    public static DataSplit Open(string folder, IReadOnlyList<string>? classes = null)
    {
        if (Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) == "fashion-mnist") classes ??= FashionMnist;
        return new DataSplit(Read(folder, "train", classes), Read(folder, "t10k", classes));
    }

    private static MemoryImageSet Read(string folder, string part, IReadOnlyList<string>? classes)
    {
        string imagePath = Find(folder, $"{part}-images-idx3-ubyte"), labelPath = Find(folder, $"{part}-labels-idx1-ubyte");
        (int[] imageSizes, byte[] pixels) = ReadFile(imagePath, dimensions: 3);
        (int[] labelSizes, byte[] labels) = ReadFile(labelPath, dimensions: 1);
        if (imageSizes[0] != labelSizes[0])
            throw new TernException($"{imagePath} holds {imageSizes[0]} images but {labelPath} {labelSizes[0]} labels: the two files do not belong together");
        int highest = labels.Length == 0 ? -1 : labels.Max();
        classes ??= [.. Enumerable.Range(0, highest + 1).Select(label => $"{label}")];
        if (highest >= classes.Count) throw new TernException($"{labelPath} has label {highest}, but only {classes.Count} class names are given");
        return new MemoryImageSet(classes, imagePath, imageSizes[2], imageSizes[1], 1, pixels, labels);
    }

    private static string Find(string folder, string name)
    {
        foreach (string path in new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".gz") })
            if (File.Exists(path)) return path;
        throw new TernException($"{folder} has no {name} or {name}.gz: it is not a folder of IDX files (for Fashion-MNIST, install Debian's dataset-fashion-mnist)");
    }

    private static (int[] Sizes, byte[] Bytes) ReadFile(string path, int dimensions)
    {
        byte[] content = ReadAll(path);
        int header = 4 + 4 * dimensions;
        if (content.Length < header || content[0] != 0 || content[1] != 0 || content[2] != UnsignedBytes || content[3] != dimensions)
            throw new TernException($"{path} is not an IDX file of unsigned bytes in {dimensions} dimension(s): download it again");
        int[] sizes = [.. Enumerable.Range(0, dimensions).Select(i => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4 + 4 * i)))];
        Int128 expected = sizes.Aggregate((Int128)1, (product, size) => product * size);
        if (expected != content.Length - header)
            throw new TernException($"{path} announces {string.Join(" x ", sizes)} bytes but holds {content.Length - header}: it is truncated, download it again");
        return (sizes, content[header..]);
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            return memory.ToArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new TernException($"{path} cannot be read: {error.Message}", error);
        }
    }
}
