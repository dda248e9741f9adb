using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Tern.Durability;

/// <summary>A kind of column file.</summary>
/// <param name="Magic">Its first eight bytes, ASCII.</param>
/// <param name="Version">Its format version.</param>
/// <param name="Columns">How many columns it has.</param>
internal sealed record FileKind(string Magic, uint Version, int Columns);

/// <summary>
/// An immutable file of columns, mapped; <c>docs/formats.md</c> describes it byte by byte. Opening one reads its two ends, however long it is; a column is compared with its
/// checksum when it is asked for.
/// </summary>
internal sealed class ColumnFile
{
    public const int HeaderLength = 64, OwnHeader = 16, EntryLength = 16 + SHA256.HashSizeInBytes;

    private readonly string path;
    private readonly Mapping mapping;
    private readonly byte[] directory;

    private ColumnFile(string path, Mapping mapping, int columns)
    {
        (this.path, this.mapping) = (path, mapping);
        long start = mapping.Length - columns * EntryLength - SHA256.HashSizeInBytes;
        if (start < HeaderLength)
            throw Damaged("it ends too early");
        Header = mapping.Values<byte>(0, HeaderLength).Span.ToArray();
        directory = mapping.Values<byte>(start, columns * EntryLength).Span.ToArray();
    }

    /// <summary>The first <see cref="HeaderLength"/> bytes; those from <see cref="OwnHeader"/> on belong to the kind of file.</summary>
    public byte[] Header { get; }

    /// <summary>Opens a file that the manifest names.</summary>
    /// <exception cref="TernException">It is damaged, or another one.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static ColumnFile Open(IFileSystem files, string path, FileKind kind, FileEntry entry)
    {
        Mapping mapping;
        try
        {
            mapping = files.Map(path);
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            throw UnreadableFile.Error(path, cause);
        }
        try
        {
            ColumnFile file = new(path, mapping, kind.Columns);
            file.RequireSound(kind, entry);
            return file;
        }
        catch
        {
            mapping.Free();
            throw;
        }
    }

    /// <summary>Bytes of a column.</summary>
    public long LengthOf(int column) => BinaryPrimitives.ReadInt64LittleEndian(directory.AsSpan(column * EntryLength + 8));

    /// <summary>A column, once all of it has been compared with its checksum.</summary>
    /// <exception cref="TernException">It does not fit.</exception>
    public Column<T> Read<T>(int column) where T : unmanaged
    {
        const long Step = 1 << 20;
        long start = StartOf(column), length = LengthOf(column);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long at = 0; at < length; at += Step)
            hash.AppendData(mapping.Values<byte>(start + at, Math.Min(Step, length - at)).Span);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(directory.AsSpan(column * EntryLength + 16, SHA256.HashSizeInBytes)))
            throw Damaged($"column {column} does not fit its checksum");
        return length % Unsafe.SizeOf<T>() == 0
            ? mapping.Values<T>(start, length / Unsafe.SizeOf<T>())
            : throw Damaged($"column {column} has an impossible length");
    }

    /// <summary>What is wrong with it, as an error that names it and says what to do.</summary>
    public TernException Damaged(string why, Exception? cause = null) => DamagedFile.Error(path, why, cause);

    /// <summary>Lets the system take back the memory of a column that is not needed now.</summary>
    public void Rest(int column) => mapping.Rest(StartOf(column), LengthOf(column));

    /// <summary>Gives the memory back.</summary>
    public void Free() => mapping.Free();

    /// <summary>Where the next column begins: columns lie at multiples of 64 bytes.</summary>
    public static long Aligned(long offset) => (offset + 63) / 64 * 64;

    private long StartOf(int column) => BinaryPrimitives.ReadInt64LittleEndian(directory.AsSpan(column * EntryLength));

    private void RequireSound(FileKind kind, FileEntry entry)
    {
        if (mapping.Length != entry.Bytes)
            throw Damaged($"it has {mapping.Length} bytes, the manifest says {entry.Bytes}");
        byte[] covered = [.. Header, .. directory], digest = SHA256.HashData(covered);
        if (!mapping.Values<byte>(mapping.Length - digest.Length, digest.Length).Span.SequenceEqual(digest))
            throw Damaged("its first or its last bytes do not fit their checksum");
        if (Convert.ToHexStringLower(digest) != entry.Sha256)
            throw Damaged("it is whole, but not the file the manifest names");
        if (System.Text.Encoding.ASCII.GetString(Header, 0, 8) != kind.Magic || BinaryPrimitives.ReadUInt32LittleEndian(Header.AsSpan(8)) != kind.Version)
            throw Damaged("it does not begin as such a file does");

        long end = HeaderLength;
        for (int column = 0; column < kind.Columns; column++)
        {
            RequirePadding(end, StartOf(column));
            if (LengthOf(column) < 0 || LengthOf(column) > mapping.Length - StartOf(column))
                throw Damaged("its columns have impossible lengths");
            end = StartOf(column) + LengthOf(column);
        }
        RequirePadding(end, mapping.Length - directory.Length - digest.Length);
    }

    private void RequirePadding(long end, long next)
    {
        if (next != Aligned(end) || next > mapping.Length)
            throw Damaged("its columns lie where they cannot");
        if (mapping.Values<byte>(end, next - end).Span.ContainsAnyExcept((byte)0))
            throw Damaged("there is something between its columns");
    }
}

/// <summary>How damage is told.</summary>
internal static class DamagedFile
{
    public static TernException Error(string path, string why, Exception? cause = null) =>
        new($"{path} is damaged: {why}. Restore it from a copy, or rebuild the index.", cause);
}

/// <summary>How it is told that the system does not give a file's content.</summary>
internal static class UnreadableFile
{
    public static TernException Error(string path, Exception cause) =>
        new($"{path} cannot be read: {cause.Message} Check its permissions and the disk, then open the index again.", cause);
}
