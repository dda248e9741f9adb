namespace Tern.Training.Data;

/// <summary>
/// The binary version of CIFAR-10: files of 10,000 records, each a label byte and 3,072 bytes of a 32x32 picture, red plane first.
/// <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c> train, <c>test_batch.bin</c> tests.
/// </summary>
public static class CifarReader
{
    private const int Side = 32, Plane = Side * Side, Record = 1 + 3 * Plane;
    private const string TrainingFiles = "data_batch_*.bin", TestFile = "test_batch.bin";

    private static readonly string[] ClassNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Reads the folder that holds the batches.</summary>
    public static DataSplit Open(string folder)
    {
        string[] training = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, TrainingFiles).Order(StringComparer.Ordinal)] : [];
        if (training.Length == 0) throw new TernException($"{folder} has no {TrainingFiles}: give the folder of the binary version of CIFAR-10");
        return new DataSplit(Read(Path.Combine(folder, TrainingFiles), training), Read(Path.Combine(folder, TestFile), [Path.Combine(folder, TestFile)]));
    }

    /// <summary>What is amiss where somebody has unpacked CIFAR-10 so that no batches lie in a folder; null where this is not the matter.</summary>
    internal static string? Misplaced(string folder)
    {
        string[] places = [folder, .. Directory.GetDirectories(folder)];
        if (places.Skip(1).FirstOrDefault(place => Directory.EnumerateFiles(place, TrainingFiles).Any()) is { } inner)
            return $"{folder} has the batches of CIFAR-10 one folder further down: give {inner}";
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, "data_batch_1"))) is { } pickled
            ? $"{pickled} has CIFAR-10 as Python pickles: give the folder of the binary version, cifar-10-binary.tar.gz" : null;
    }

    private static MemoryImageSet Read(string source, string[] paths)
    {
        byte[][] files = Array.ConvertAll(paths, ReadFile);
        long count = files.Sum(file => (long)file.Length / Record);
        if (count * 3 * Plane > Array.MaxLength) throw new TernException($"{source} holds {count} pictures; CIFAR-10 has 50,000: it is something else");
        byte[] labels = new byte[count], pixels = new byte[count * 3 * Plane];
        int index = 0;
        foreach (byte[] file in files)
            for (int offset = 0; offset < file.Length; offset += Record, index++)
            {
                labels[index] = file[offset];
                Interleave(file.AsSpan(offset + 1, 3 * Plane), pixels.AsSpan(index * 3 * Plane, 3 * Plane));
            }
        return new MemoryImageSet(ClassNames, source, Side, Side, 3, pixels, labels);
    }

    private static byte[] ReadFile(string path)
    {
        byte[] bytes;
        try { bytes = File.ReadAllBytes(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be read: {error.Message} Download CIFAR-10's binary version again", error);
        }
        if (bytes.Length == 0 || bytes.Length % Record != 0)
            throw new TernException($"{path} has {bytes.Length} bytes, which is not a number of {Record}-byte records: it is truncated, download it again");
        for (int offset = 0; offset < bytes.Length; offset += Record)
            if (bytes[offset] >= ClassNames.Length)
                throw new TernException($"{path} has label {bytes[offset]} at byte {offset}; CIFAR-10 has 0 to 9: it is damaged or another data set (CIFAR-100?)");
        return bytes;
    }

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        for (int i = 0; i < Plane; i++)
            for (int channel = 0; channel < 3; channel++)
                pixels[3 * i + channel] = planes[channel * Plane + i];
    }
}
