using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tern.Durability;

/// <summary>Writes a <see cref="ColumnFile"/> from its first byte to its last.</summary>
internal sealed class ColumnWriter : IDisposable
{
    private readonly IWritableFile file;
    private readonly CancellationToken cancellation;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<byte> directory = [];
    private readonly byte[] buffer = new byte[1 << 16];
    private int filled;
    private long written;

    private ColumnWriter(IWritableFile file, CancellationToken cancellation) => (this.file, this.cancellation) = (file, cancellation);

    /// <summary>Writes a file and flushes it to the disk. When it fails, some of the file may be there.</summary>
    /// <param name="files">Where to.</param>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="count">How many items it holds, for the manifest.</param>
    /// <param name="header">What its kind puts into the header, at most 48 bytes.</param>
    /// <param name="columns">Calls <see cref="Column"/> for one column after the other.</param>
    /// <param name="cancellation">Stops it.</param>
    public static FileEntry Write(
        IFileSystem files, string path, FileKind kind, int count, byte[] header, Action<ColumnWriter> columns, CancellationToken cancellation)
    {
        byte[] first = new byte[ColumnFile.HeaderLength];
        System.Text.Encoding.ASCII.GetBytes(kind.Magic, first);
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(8), kind.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(12), (uint)kind.Columns);
        header.CopyTo(first, ColumnFile.OwnHeader);

        cancellation.ThrowIfCancellationRequested();
        using ColumnWriter writer = new(files.Create(path), cancellation);
        writer.Put(first);
        columns(writer);
        if (writer.directory.Count != kind.Columns * ColumnFile.EntryLength)
            throw new InvalidOperationException($"{writer.directory.Count / ColumnFile.EntryLength} columns written of {kind.Columns}");
        writer.Align();
        byte[] covered = [.. first, .. writer.directory], digest = SHA256.HashData(covered);
        writer.Put([.. writer.directory, .. digest]);
        writer.file.Flush();
        return new FileEntry(Path.GetFileName(path), count, writer.written, Convert.ToHexStringLower(digest));
    }

    /// <summary>The next column: what <paramref name="content"/> adds.</summary>
    public void Column(Action content)
    {
        Align();
        long start = written;
        content();
        Empty();
        byte[] place = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(place, start);
        BinaryPrimitives.WriteInt64LittleEndian(place.AsSpan(8), written - start);
        directory.AddRange(place);
        directory.AddRange(hash.GetHashAndReset());
    }

    /// <summary>Adds values of another column.</summary>
    public void Values<T>(Column<T> values, long start, long count) where T : unmanaged
    {
        const long Step = 1 << 16;
        for (long at = 0; at < count; at += Step)
            Bytes(MemoryMarshal.AsBytes(values.Slice(start + at, (int)Math.Min(Step, count - at))));
    }

    /// <summary>Adds a value.</summary>
    public void Value<T>(T value) where T : unmanaged => Bytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Adds bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > buffer.Length - filled)
            Empty();
        if (bytes.Length >= buffer.Length)
        {
            hash.AppendData(bytes);
            Put(bytes);
            return;
        }
        bytes.CopyTo(buffer.AsSpan(filled));
        filled += bytes.Length;
    }

    public void Dispose()
    {
        hash.Dispose();
        file.Dispose();
    }

    private void Empty()
    {
        hash.AppendData(buffer.AsSpan(0, filled));
        Put(buffer.AsSpan(0, filled));
        filled = 0;
    }

    private void Align() => Put(new byte[ColumnFile.Aligned(written) - written]);

    private void Put(ReadOnlySpan<byte> bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        if (bytes.Length > 0)
            file.Append(bytes);
        written += bytes.Length;
    }
}
