using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tern.Index;

/// <summary>Reads what <see cref="CheckedWriter"/> wrote. Nothing is allocated that the file is not long enough to fill.</summary>
internal sealed class CheckedReader : IDisposable
{
    private readonly FileStream stream;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long left; // bytes before the checksum

    private CheckedReader(string path)
    {
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        left = stream.Length - SHA256.HashSizeInBytes;
    }

    /// <summary>Reads a file with <paramref name="body"/>, then requires that nothing is left over and that the checksum fits.</summary>
    /// <exception cref="TernException">The file is truncated, damaged or another one; the message names it.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static T Read<T>(string path, string sha256, Func<CheckedReader, T> body)
    {
        try
        {
            using CheckedReader reader = new(path);
            T content = body(reader);
            reader.RequireEnd(sha256);
            return content;
        }
        catch (TernException cause)
        {
            throw new TernException($"{path} is damaged: {cause.Message}. Restore it from a copy, or rebuild the index.", cause);
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            throw new TernException($"{path} cannot be read: {cause.Message}", cause);
        }
    }

    public void RequireMagic(ReadOnlySpan<byte> magic, uint newestVersion)
    {
        if (!Values<byte>(magic.Length).AsSpan().SequenceEqual(magic))
            throw new TernException("it does not begin as such a file does");
        uint version = UInt32();
        if (version == 0 || version > newestVersion)
            throw new TernException($"it has format version {version}, and this program knows up to {newestVersion}; update Tern");
    }

    public uint UInt32() => LittleEndian(Values<uint>(1))[0];

    public ulong UInt64() => LittleEndian(Values<ulong>(1))[0];

    public uint[] UInt32s(long count) => LittleEndian(Values<uint>(count));

    public ulong[] UInt64s(long count) => LittleEndian(Values<ulong>(count));

    public byte[] Bytes(long count) => Values<byte>(count);

    private T[] Values<T>(long count) where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        if (count < 0 || count > left / size || count > Array.MaxLength)
            throw new TernException($"it ends too early ({stream.Length} bytes)");
        T[] values = new T[count];
        const int Step = 1 << 20; // spans count in int, and hashing soon after reading finds the bytes in the cache
        for (int at = 0; at < values.Length; at += Step)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(Step, values.Length - at)));
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
        }
        left -= count * size;
        return values;
    }

    private void RequireEnd(string sha256)
    {
        if (left != 0)
            throw new TernException($"it has {left} bytes too many");
        byte[] stored = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(stored);
        byte[] computed = hash.GetHashAndReset();
        if (!computed.AsSpan().SequenceEqual(stored))
            throw new TernException("its content does not fit its checksum");
        if (Convert.ToHexStringLower(computed) != sha256)
            throw new TernException("it is whole, but not the file the manifest names");
    }

    private static uint[] LittleEndian(uint[] values)
    {
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(values, values);
        return values;
    }

    private static ulong[] LittleEndian(ulong[] values)
    {
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(values, values);
        return values;
    }

    public void Dispose()
    {
        hash.Dispose();
        stream.Dispose();
    }
}
