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

    private sealed record Part(string ImagePath, int[] Sizes, byte[] Pixels, string LabelPath, byte[] Labels)
    {
        public int ClassCount => Labels.Length == 0 ? 0 : Labels.Max() + 1;
    }

    /// <summary>
    /// Reads <c>train-*</c> and <c>t10k-*</c> pairs of a folder. The files hold no class names: those given are used, a folder called
    /// <c>fashion-mnist</c> gets its own, and otherwise classes are named by their number.
    /// </summary>
    public static DataSplit Open(string folder, IReadOnlyList<string>? classes = null)
    {
        if (Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) == "fashion-mnist") classes ??= FashionMnist;
        Part train = Read(folder, "train"), test = Read(folder, "t10k");
        classes ??= [.. Enumerable.Range(0, Math.Max(train.ClassCount, test.ClassCount)).Select(label => $"{label}")];
        return new DataSplit(Set(train, classes), Set(test, classes));
    }

    private static Part Read(string folder, string name)
    {
        string imagePath = Find(folder, $"{name}-images-idx3-ubyte"), labelPath = Find(folder, $"{name}-labels-idx1-ubyte");
        (int[] sizes, byte[] pixels) = ReadFile(imagePath, dimensions: 3);
        (int[] labelSizes, byte[] labels) = ReadFile(labelPath, dimensions: 1);
        if (sizes[0] != labelSizes[0])
            throw new TernException($"{imagePath} holds {sizes[0]} images but {labelPath} {labelSizes[0]} labels:"
                + " the two files do not belong together, download both again");
        return new Part(imagePath, sizes, pixels, labelPath, labels);
    }

    private static MemoryImageSet Set(Part part, IReadOnlyList<string> classes)
    {
        int outside = Array.FindIndex(part.Labels, label => label >= classes.Count);
        if (outside >= 0)
            throw new TernException($"{part.LabelPath} gives picture {outside} the label {part.Labels[outside]}, "
                + $"but only {classes.Count} class names are given: name them all in data.classes");
        return new MemoryImageSet(classes, part.ImagePath, part.Sizes[2], part.Sizes[1], 1, part.Pixels, part.Labels);
    }

    private static string Find(string folder, string name)
    {
        foreach (string path in new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".gz") })
            if (File.Exists(path)) return path;
        throw new TernException($"{folder} has no {name} or {name}.gz: it is not a folder of IDX files (for Fashion-MNIST, install Debian's dataset-fashion-mnist)");
    }

    private static (int[] Sizes, byte[] Bytes) ReadFile(string path, int dimensions)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            int[] sizes = ReadSizes(path, stream, dimensions);
            return (sizes, ReadBytes(path, stream, sizes));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new TernException($"{path} cannot be read: {error.Message} Download it again", error);
        }
    }

    private static int[] ReadSizes(string path, Stream stream, int dimensions)
    {
        var header = new byte[4 + 4 * dimensions];
        int length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (length < header.Length || header[0] != 0 || header[1] != 0 || header[2] != UnsignedBytes || header[3] != dimensions)
            throw new TernException($"{path} is not an IDX file of unsigned bytes in {dimensions} dimension(s): download it again");
        int[] sizes = [.. Enumerable.Range(0, dimensions).Select(i => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 + 4 * i)))];
        if (sizes[0] < 0 || sizes[1..].Any(size => size < 1) || Product(sizes) > Array.MaxLength)
            throw new TernException($"{path} announces {string.Join(" x ", sizes)} bytes, which no data set of this kind has: it is damaged, download it again");
        return sizes;
    }

    /// <summary>Exactly what was announced, and never more than that in memory, whatever is packed into the file.</summary>
    private static byte[] ReadBytes(string path, Stream stream, int[] sizes)
    {
        using var memory = new MemoryStream();                      // grows with what is there, not with what is announced
        var buffer = new byte[1 << 16];
        long expected = (long)Product(sizes);
        for (int read; memory.Length <= expected && (read = stream.Read(buffer)) > 0;) memory.Write(buffer, 0, read);
        string announced = $"{path} announces {string.Join(" x ", sizes)} = {expected} bytes";
        if (memory.Length < expected) throw new TernException($"{announced} but holds {memory.Length}: it is truncated, download it again");
        if (memory.Length > expected) throw new TernException($"{announced} but holds more: it is damaged, download it again");
        return memory.ToArray();
    }

    private static Int128 Product(int[] sizes) => sizes.Aggregate((Int128)1, (product, size) => product * size);
}
