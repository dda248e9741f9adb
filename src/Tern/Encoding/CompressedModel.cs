using System.Buffers;
using System.IO.Compression;

namespace Tern.Encoding;

/// <summary>
/// A model file under Brotli (RFC 7932), <c>model.onnx.br</c>: the same bytes, so the same identity. Packed weights of two bits each, many of them zero, come
/// near their entropy this way.
/// </summary>
internal static class CompressedModel
{
    /// <summary>What such a file's name ends with.</summary>
    public const string Extension = ".br";

    // The largest window of RFC 7932. The best quality costs seconds a megabyte: large files, whose floats hardly shrink at any quality, get the next.
    private const int Window = 24, BestQuality = 11, LargeQuality = 9, Large = 8 << 20;
    private const int FirstRoom = 1 << 20;

    /// <summary>Whether a file is read as compressed: by its name, for Brotli has no mark of its own.</summary>
    public static bool Is(string path) => path.EndsWith(Extension, StringComparison.Ordinal);

    /// <summary>The bytes compressed. The same bytes on every machine with the same .NET.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> model)
    {
        var room = new byte[BrotliEncoder.GetMaxCompressedLength(model.Length)];
        if (!BrotliEncoder.TryCompress(model, room, out int written, model.Length > Large ? LargeQuality : BestQuality, Window))
            throw new InvalidOperationException($"{model.Length} bytes did not fit {room.Length} compressed");
        return room[..written];
    }

    /// <summary>The bytes of the model; never more than <paramref name="limit"/> of them, whatever the file says.</summary>
    /// <exception cref="TernException">The file is cut short, damaged, followed by something, or expands to more.</exception>
    public static byte[] Decompress(string path, ReadOnlySpan<byte> file, long limit)
    {
        using var decoder = new BrotliDecoder();
        long most = Math.Min(limit, Array.MaxLength);
        var model = new byte[Math.Min(most, FirstRoom)];
        int length = 0;
        while (true)
        {
            OperationStatus status = decoder.Decompress(file, model.AsSpan(length), out int read, out int written);
            file = file[read..];
            length += written;
            if (status == OperationStatus.Done && file.IsEmpty) return model[..length];
            if (status == OperationStatus.DestinationTooSmall && length < most)
                Array.Resize(ref model, (int)Math.Min(most, 2L * model.Length));
            else
                throw new TernException($"{path}: " + status switch
                {
                    OperationStatus.Done => $"{file.Length} bytes follow the compressed model; the file is damaged.",
                    OperationStatus.NeedMoreData => $"the compressed model is cut short after {length} bytes of content; fetch it again.",
                    OperationStatus.DestinationTooSmall => $"it expands to more than the limit of {most} bytes.",
                    _ => "not a Brotli-compressed model, or damaged; fetch it again.",
                });
        }
    }
}
