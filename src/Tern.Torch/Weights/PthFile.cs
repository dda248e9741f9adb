using System.IO.Compression;

namespace Tern.Torch.Weights;

/// <summary>
/// Reads PyTorch's own weight files (<c>torch.save(module.state_dict())</c>, the zip format of PyTorch 1.6 and later). Nested dictionaries
/// are flattened with dots. No code in the file is ever run: anything but the rebuilding of a tensor is refused by name.
/// </summary>
public static class PthFile
{
    private static readonly Dictionary<string, DType> StorageTypes = new()
    {
        ["torch.FloatStorage"] = DType.Float32, ["torch.DoubleStorage"] = DType.Float64, ["torch.HalfStorage"] = DType.Float16,
        ["torch.BFloat16Storage"] = DType.BFloat16, ["torch.LongStorage"] = DType.Int64, ["torch.IntStorage"] = DType.Int32,
        ["torch.ShortStorage"] = DType.Int16, ["torch.CharStorage"] = DType.SByte, ["torch.ByteStorage"] = DType.Byte, ["torch.BoolStorage"] = DType.Bool,
    };

    private sealed record Storage(DType Type, string Key);

    /// <summary>Every tensor of the file by name. Throws <see cref="WeightFileException"/> on anything else.</summary>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            return Read(zip);
        }
        catch (InvalidDataException error)
        {
            throw new WeightFileException(path, $"is not a complete zip file ({error.Message}); files of PyTorch before 1.6 must be saved again by a newer one");
        }
        catch (Exception error) when (error is FormatException or InvalidCastException or InvalidOperationException or KeyNotFoundException or NullReferenceException or TorchException or EndOfStreamException)
        {
            throw new WeightFileException(path, $"is not a PyTorch file of tensors only ({error.Message}); save model.state_dict(), not the model");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException(path, $"cannot be opened ({error.Message})");
        }
    }

    private static Dictionary<string, Tensor> Read(ZipArchive zip)
    {
        ZipArchiveEntry program = zip.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new FormatException("it has no data.pkl");
        string folder = program.FullName[..^"data.pkl".Length];
        var storages = new Dictionary<string, Tensor>();

        Tensor View(Storage storage, object?[] arguments)
        {
            if (!storages.TryGetValue(storage.Key, out Tensor? all))
                storages[storage.Key] = all = Operator.Get("aten::view.dtype", ReadBytes(Entry(zip, $"{folder}data/{storage.Key}")), storage.Type);
            return Operator.Get("aten::as_strided", all, Numbers(arguments[2]), Numbers(arguments[3]), (long)arguments[1]!);
        }

        object? Call(string name, object?[] arguments) => name switch
        {
            "collections.OrderedDict" => new Dictionary<object, object?>(),
            "torch._utils._rebuild_parameter" => arguments[0],
            "torch._utils._rebuild_tensor_v2" => View((Storage)arguments[0]!, arguments),
            _ => throw new FormatException($"it asks to run {name}"),
        };

        using var scope = new TensorScope();
        var tensors = new Dictionary<string, Tensor>();
        object? root = new Pickle(ReadBytes(program).ToArray<byte>(), Call, id => new Storage(StorageType((PickleGlobal)id[1]!), (string)id[2]!)).Read();
        Flatten("", root, tensors);
        foreach (string name in tensors.Keys) tensors[name] = scope.Keep(tensors[name].Clone());     // a copy each: views of one storage would keep it all
        return tensors;
    }

    private static void Flatten(string name, object? value, Dictionary<string, Tensor> tensors)
    {
        string prefix = name.Length == 0 ? "" : name + ".";
        switch (value)
        {
            case Tensor tensor: tensors[name] = tensor; break;
            case Dictionary<object, object?> dictionary:
                foreach ((object key, object? item) in dictionary) Flatten($"{prefix}{key}", item, tensors);
                break;
            case List<object?> list:
                for (int i = 0; i < list.Count; i++) Flatten($"{prefix}{i}", list[i], tensors);
                break;
        }
    }

    private static DType StorageType(PickleGlobal global) =>
        StorageTypes.TryGetValue(global.Name, out DType type) ? type : throw new FormatException($"it holds a {global.Name}, which is not read");

    private static long[] Numbers(object? tuple) => Array.ConvertAll((object?[])tuple!, number => (long)number!);

    private static ZipArchiveEntry Entry(ZipArchive zip, string name) => zip.GetEntry(name) ?? throw new FormatException($"it lacks {name}");

    private static Tensor ReadBytes(ZipArchiveEntry entry)
    {
        if (entry.Length != entry.CompressedLength) throw new FormatException($"{entry.FullName} is compressed, which PyTorch never does");
        Tensor bytes = Tensor.Empty([entry.Length], DType.Byte);
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes.Span<byte>());
        return bytes;
    }
}
