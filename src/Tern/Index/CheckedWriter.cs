using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tern.Index;

/// <summary>Writes a little-endian file that ends in the SHA-256 of everything before it.</summary>
internal sealed class CheckedWriter : IDisposable
{
    private readonly FileStream stream;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private CheckedWriter(string path) => stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);

    /// <summary>Writes and flushes to the disk a file whose content <paramref name="body"/> gives; returns its SHA-256.</summary>
    public static string Write(string path, Action<CheckedWriter> body)
    {
        using CheckedWriter writer = new(path);
        body(writer);
        byte[] digest = writer.hash.GetHashAndReset();
        writer.stream.Write(digest);
        writer.stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(digest);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }

    public void UInt32(uint value) => Values([value]);

    public void UInt64(ulong value) => Values([value]);

    public void Values(ReadOnlySpan<uint> values) => Bytes(MemoryMarshal.AsBytes(BitConverter.IsLittleEndian ? values : Reversed(values)));

    public void Values(ReadOnlySpan<ulong> values) => Bytes(MemoryMarshal.AsBytes(BitConverter.IsLittleEndian ? values : Reversed(values)));

    public void Values(ReadOnlySpan<int> values) => Values(MemoryMarshal.Cast<int, uint>(values));

    public void Dispose()
    {
        hash.Dispose();
        stream.Dispose();
    }

    private static uint[] Reversed(ReadOnlySpan<uint> values)
    {
        uint[] reversed = new uint[values.Length];
        BinaryPrimitives.ReverseEndianness(values, reversed);
        return reversed;
    }

    private static ulong[] Reversed(ReadOnlySpan<ulong> values)
    {
        ulong[] reversed = new ulong[values.Length];
        BinaryPrimitives.ReverseEndianness(values, reversed);
        return reversed;
    }
}
