using System.Buffers.Binary;
using System.Text.Json;

namespace Tern.Torch.Weights;

/// <summary>What a safetensors file holds: tensors and text, by name. The caller disposes the tensors, or a scope does.</summary>
public sealed record SafetensorsContent(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// Reads and writes the safetensors format: an 8-byte little-endian length, a JSON header of that length
/// (name to dtype, shape and [begin, end) of its bytes), then the bytes. Runs no code and checks every number before it uses it.
/// </summary>
public static class SafetensorsFile
{
    private const int LongestHeader = 100_000_000;

    private static readonly (string Name, DType Type)[] Types =
    [
        ("F32", DType.Float32), ("F64", DType.Float64), ("F16", DType.Float16), ("BF16", DType.BFloat16), ("I64", DType.Int64),
        ("I32", DType.Int32), ("I16", DType.Int16), ("I8", DType.SByte), ("U8", DType.Byte), ("BOOL", DType.Bool),
    ];

    /// <summary>Writes tensors (any device and layout; stored contiguous) in name order. The same content gives the same bytes.</summary>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        (string Name, Tensor Tensor)[] sorted = [.. tensors.OrderBy(named => named.Key, StringComparer.Ordinal).Select(named => (named.Key, named.Value))];
        byte[] header = Header(sorted, metadata ?? new Dictionary<string, string>());
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, Tensor tensor) in sorted)
        {
            using var scope = new TensorScope();
            stream.Write(tensor.Detach().To(Device.Cpu).Contiguous().Span<byte>());
        }
    }

    /// <summary>Reads a whole file. Throws <see cref="WeightFileException"/> on anything that is not a complete safetensors file.</summary>
    public static SafetensorsContent Read(string path)
    {
        using FileStream stream = Open(path);
        byte[] header = ReadHeader(stream, path);
        long dataStart = sizeof(long) + header.Length;
        var tensors = new Dictionary<string, Tensor>();
        var metadata = new Dictionary<string, string>();
        try
        {
            using JsonDocument json = JsonDocument.Parse(header);
            foreach (JsonProperty entry in json.RootElement.EnumerateObject())
            {
                if (entry.NameEquals("__metadata__"))
                    foreach (JsonProperty text in entry.Value.EnumerateObject()) metadata[text.Name] = text.Value.GetString() ?? "";
                else
                    tensors[entry.Name] = ReadTensor(stream, path, dataStart, entry);
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new WeightFileException(path, $"its safetensors header is damaged ({error.Message}): make the file again");
        }
        return new SafetensorsContent(tensors, metadata);
    }

    private static byte[] Header((string Name, Tensor Tensor)[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long begin = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                long end = begin + tensor.Elements * DTypes.Size(tensor.DType);
                json.WriteStartObject(name);
                json.WriteString("dtype", Types.First(known => known.Type == tensor.DType).Name);
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static FileStream Open(string path)
    {
        try { return File.OpenRead(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException(path, $"cannot be opened ({error.Message})");
        }
    }

    private static byte[] ReadHeader(FileStream stream, string path)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw new WeightFileException(path, $"is {stream.Length} bytes long, too short for a safetensors file: make it again");
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > LongestHeader || sizeof(long) + length > stream.Length)
            throw new WeightFileException(path, $"claims a header of {length} bytes in a file of {stream.Length}: it is truncated or not a safetensors file");
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        return header;
    }

    private static Tensor ReadTensor(FileStream stream, string path, long dataStart, JsonProperty entry)
    {
        string typeName = entry.Value.GetProperty("dtype").GetString() ?? "";
        long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        int known = Array.FindIndex(Types, type => type.Name == typeName);
        if (known < 0) throw new WeightFileException(path, $"tensor '{entry.Name}' has type '{typeName}', which is not read; known are {string.Join(", ", Types.Select(type => type.Name))}");

        long available = stream.Length - dataStart;
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > available)
            throw new WeightFileException(path, $"tensor '{entry.Name}' lies at bytes {string.Join("..", offsets)} of {available}: the file is truncated, make it again");
        Int128 bytes = DTypes.Size(Types[known].Type);
        foreach (long size in shape) bytes = size < 0 || bytes > available ? -1 : bytes * size;
        if (bytes != offsets[1] - offsets[0])
            throw new WeightFileException(path, $"tensor '{entry.Name}' of shape [{string.Join(", ", shape)}] {typeName} does not fill its {offsets[1] - offsets[0]} bytes: the file is damaged, make it again");

        Tensor tensor = Tensor.Empty(shape, Types[known].Type);
        stream.Position = dataStart + offsets[0];
        stream.ReadExactly(tensor.Span<byte>());
        return tensor;
    }
}
