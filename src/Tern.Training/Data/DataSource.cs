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

    /// <summary>CUB-200-2011, birds: <see cref="CubReader"/>.</summary>
    Cub200,

    /// <summary>Cars196: <see cref="CarsReader"/>.</summary>
    Cars196,

    /// <summary>Stanford Online Products: <see cref="OnlineProductsReader"/>.</summary>
    OnlineProducts,

    /// <summary>In-shop Clothes Retrieval of DeepFashion: <see cref="InShopReader"/>.</summary>
    InShop,
}

/// <summary>Finds and opens data sets.</summary>
public static class DataSource
{
    /// <summary>Opens the data set at <paramref name="path"/>.</summary>
    /// <param name="path">A folder, or a .csv list.</param>
    /// <param name="format">How it lies on disk.</param>
    /// <param name="classes">Class names for IDX files, which hold none.</param>
    /// <param name="strict">Whether classes that cannot be learned (empty, or some of them in the test part only) are an error; what only counts them says false.</param>
    /// <param name="trainClasses">How many classes of a folder or list are trained on, in the order of their names; the others are for testing.</param>
    /// <param name="boxes">Whether pictures are cut to the boxes that come with them.</param>
    public static DataSplit Open(
        string path, DataFormat format = DataFormat.Auto, IReadOnlyList<string>? classes = null, bool strict = true, int? trainClasses = null, bool boxes = false)
    {
        if (format == DataFormat.Auto) format = Detect(path);
        if (classes is not null && format != DataFormat.Idx)
            throw new TernException($"data.classes names the classes of IDX files, but {path} has names of its own: remove data.classes");
        if (trainClasses is not null && format is not (DataFormat.Folder or DataFormat.Csv))
            throw new TernException($"data.trainClasses divides the classes of a folder or list, but {path} has parts of its own: remove data.trainClasses");
        if (boxes && format is not (DataFormat.Cub200 or DataFormat.Cars196 or DataFormat.InShop))
            throw new TernException($"data.boxes cuts the pictures of cub200, cars196 and inShop to their boxes, but {path} has none: remove data.boxes");
        return format switch
        {
            DataFormat.Idx => IdxReader.Open(path, classes),
            DataFormat.Cifar10 => CifarReader.Open(path),
            DataFormat.Csv => CsvReader.Open(path, strict, trainClasses),
            DataFormat.NusWide => NusWideReader.Open(path),
            DataFormat.Cub200 => CubReader.Open(path, boxes),
            DataFormat.Cars196 => CarsReader.Open(path, boxes),
            DataFormat.OnlineProducts => OnlineProductsReader.Open(path),
            DataFormat.InShop => InShopReader.Open(path, boxes),
            _ => FolderReader.Open(path, strict, trainClasses),
        };
    }

    /// <summary>The format by the names of the files: a .csv file, IDX files, CIFAR batches, the lists of a public data set, or else folders of pictures.</summary>
    public static DataFormat Detect(string path)
    {
        const string expected = "give a folder of pictures, of IDX files, of CIFAR-10 batches or of another public data set, or a .csv list";
        if (!Directory.Exists(path))
        {
            if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) return DataFormat.Csv;
            throw new TernException(File.Exists(path) ? $"{path} is not a data set: {expected}" : $"{path} does not exist: {expected}");
        }
        if (Directory.EnumerateFiles(path, "*-idx?-ubyte*").Any()) return DataFormat.Idx;
        if (Directory.EnumerateFiles(path, "data_batch_*.bin").Any()) return DataFormat.Cifar10;
        if (NusWideReader.Recognizes(path)) return DataFormat.NusWide;
        if (CubReader.Recognizes(path)) return DataFormat.Cub200;
        if (CarsReader.Recognizes(path)) return DataFormat.Cars196;
        if (OnlineProductsReader.Recognizes(path)) return DataFormat.OnlineProducts;
        if (InShopReader.Recognizes(path)) return DataFormat.InShop;
        if (CifarReader.Misplaced(path) is { } amiss) throw new TernException(amiss);
        return DataFormat.Folder;
    }
}
