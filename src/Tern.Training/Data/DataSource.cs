using System.Text.Json.Serialization;

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
}

/// <summary>Finds and opens data sets.</summary>
public static class DataSource
{
    /// <summary>Opens the data set at <paramref name="path"/>.</summary>
    public static DataSplit Open(string path, DataFormat format = DataFormat.Auto, IReadOnlyList<string>? classes = null) =>
        (format == DataFormat.Auto ? Detect(path) : format) switch
        {
            DataFormat.Idx => IdxReader.Open(path, classes),
            DataFormat.Cifar10 => CifarReader.Open(path),
            DataFormat.Csv => CsvReader.Open(path),
            _ => FolderReader.Open(path),
        };

    /// <summary>The format by the names of the files: a .csv file, IDX files, CIFAR batches, or else folders of pictures.</summary>
    public static DataFormat Detect(string path)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) return DataFormat.Csv;
        if (!Directory.Exists(path)) throw new TernException($"{path} does not exist: give a folder of pictures, of IDX files or of CIFAR-10 batches, or a .csv list");
        if (Directory.EnumerateFiles(path, "*-idx3-ubyte*").Any()) return DataFormat.Idx;
        if (Directory.EnumerateFiles(path, "data_batch_*.bin").Any()) return DataFormat.Cifar10;
        return DataFormat.Folder;
    }
}
