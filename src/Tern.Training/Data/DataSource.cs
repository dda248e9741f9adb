namespace Tern.Training.Data;

/// <summary>How a data set lies on disk.</summary>
public enum DataFormat
{
    /// <summary>Decide by looking: see <see cref="DataSource.Detect"/>.</summary>
    Auto,

    /// <summary>MNIST and Fashion-MNIST: <see cref="IdxReader"/>.</summary>
    Idx,

    /// <summary>CIFAR-10 binary: <see cref="CifarReader"/>.</summary>
    Cifar10,

    /// <summary>A folder per class: <see cref="FolderReader"/>.</summary>
    Folder,

    /// <summary>A list of files: <see cref="CsvReader"/>.</summary>
    Csv,

    /// <summary>NUS-WIDE's official lists and pictures, the 21 most frequent concepts: <see cref="NusWideReader"/>.</summary>
    NusWide,
}

/// <summary>Finds and opens data sets.</summary>
public static class DataSource
{
    /// <summary>Opens the data set at <paramref name="path"/>.</summary>
    /// <param name="path">A folder, or a .csv list.</param>
    /// <param name="format">How it lies on disk.</param>
    /// <param name="classes">Class names for IDX files, which hold none.</param>
    /// <param name="strict">Whether classes that cannot be learned (empty, or in the test part only) are an error; what only counts them says false.</param>
    public static DataSplit Open(string path, DataFormat format = DataFormat.Auto, IReadOnlyList<string>? classes = null, bool strict = true)
    {
        if (format == DataFormat.Auto) format = Detect(path);
        if (classes is not null && format != DataFormat.Idx)
            throw new TernException($"data.classes names the classes of IDX files, but {path} has names of its own: remove data.classes");
        return format switch
        {
            DataFormat.Idx => IdxReader.Open(path, classes),
            DataFormat.Cifar10 => CifarReader.Open(path),
            DataFormat.Csv => CsvReader.Open(path, strict),
            DataFormat.NusWide => NusWideReader.Open(path),
            _ => FolderReader.Open(path, strict),
        };
    }

    /// <summary>The format by the names of the files: a .csv file, IDX files, CIFAR batches, NUS-WIDE's lists, or else folders of pictures.</summary>
    public static DataFormat Detect(string path)
    {
        const string expected = "give a folder of pictures, of IDX files, of CIFAR-10 batches or of NUS-WIDE, or a .csv list";
        if (!Directory.Exists(path))
        {
            if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) return DataFormat.Csv;
            throw new TernException(File.Exists(path) ? $"{path} is not a data set: {expected}" : $"{path} does not exist: {expected}");
        }
        if (Directory.EnumerateFiles(path, "*-idx?-ubyte*").Any()) return DataFormat.Idx;
        if (Directory.EnumerateFiles(path, "data_batch_*.bin").Any()) return DataFormat.Cifar10;
        if (NusWideReader.Recognizes(path)) return DataFormat.NusWide;
        return DataFormat.Folder;
    }
}
