using Google.Protobuf;
using Tern.Encoding.Onnx;

namespace Tern.Encoding;

/// <summary>An ONNX file read whole, its checksum verified where it carries one.</summary>
/// <param name="Path">Where it was read; every message about the model begins with it.</param>
/// <param name="Proto">The parsed model.</param>
/// <param name="Metadata">The model's metadata_props.</param>
/// <param name="Identity">64 hexadecimal digits: <c>tern.sha256</c> where present, the SHA-256 of the file elsewhere.</param>
internal sealed record ModelFile(string Path, ModelProto Proto, IReadOnlyDictionary<string, string> Metadata, string Identity)
{
    /// <summary>Reads a file, plain or compressed; a compressed one may expand to <paramref name="limit"/> bytes.</summary>
    public static ModelFile Read(string path, long limit)
    {
        byte[] file = ReadBytes(path, limit);
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw new TernException($"{path}: not an ONNX model, or damaged: {fault.Message}", fault);
        }
        if (proto.Graph is null || proto.OpsetImport.Count == 0)
            throw new TernException($"{path}: not an ONNX model: it has no {(proto.Graph is null ? "graph" : "operator set")}.");
        var metadata = new Dictionary<string, string>();
        foreach (StringStringEntryProto entry in proto.MetadataProps)
        {
            if (!metadata.TryAdd(entry.Key, entry.Value))
                throw new TernException($"{path}: the metadata entry '{entry.Key}' is given twice.");
        }
        return new ModelFile(path, proto, metadata, Identify(path, file, metadata));
    }

    /// <summary>The ONNX file's bytes, expanded where the file at <paramref name="path"/> is compressed.</summary>
    public static byte[] ReadBytes(string path, long limit)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length == 0)
                throw new TernException($"{path}: the file is empty; an ONNX model was expected.");
            if (length > Array.MaxLength)
                throw new TernException($"{path}: {length} bytes; an ONNX file of one piece is at most {Array.MaxLength}.");
            byte[] file = File.ReadAllBytes(path);
            return CompressedModel.Is(path) ? CompressedModel.Decompress(path, file, limit) : file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string what = Directory.Exists(path) ? "it is a folder; name the model file inside it" : fault.Message;
            throw new TernException($"{path}: the model cannot be read: {what}", fault);
        }
    }

    private static string Identify(string path, byte[] file, Dictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(ModelChecksum.Key, out string? stated))
            return ModelChecksum.Plain(file);
        string actual = ModelChecksum.Compute(file, stated) ?? throw new TernException(
            $"{path}: its {ModelChecksum.Key} should be 64 hexadecimal digits; got '{stated}'.");
        return actual == stated ? actual : throw new TernException(
            $"{path}: the checksum does not match: the file says {stated}, its content gives {actual}. "
            + "It was damaged or edited; fetch it again.");
    }
}
