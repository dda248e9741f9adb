using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tern.Codes;
using Tern.Durability;

namespace Tern.Index;

/// <summary>The marks of removed items whose segments still hold them, TERNDEL2; described byte by byte in <c>docs/formats.md</c>.</summary>
internal static class RemovedFile
{
    private const int HeaderLength = 16;
    private const uint Version = 2;

    private static ReadOnlySpan<byte> Magic => "TERNDEL2"u8;

    /// <summary>Writes the marks of segments durably.</summary>
    public static FileEntry Write(IndexFolder folder, string file, IReadOnlyList<LoadedSegment> segments)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using IWritableFile target = folder.Files.Create(folder.PathOf(file));
        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            target.Append(bytes);
        }

        byte[] header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        Put(header);
        for (int i = 0; i < segments.Count; i++)
            if (segments[i].Removed is { } marks)
            {
                ulong[] words = [(ulong)i, (ulong)RowMarks.WordsFor(marks.Rows), .. marks.ToWords()];
                Put(MemoryMarshal.AsBytes(words.AsSpan()));
            }
        byte[] digest = hash.GetHashAndReset();
        target.Append(digest);
        target.Flush();
        return new FileEntry(file, segments.Sum(segment => (long)segment.RemovedCount), target.Length, Convert.ToHexStringLower(digest));
    }

    /// <summary>Reads the marks back.</summary>
    /// <exception cref="TernException">It is damaged.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static LoadedSegment[] Read(IndexFolder folder, FileEntry entry, IReadOnlyList<LoadedSegment> segments)
    {
        string path = folder.PathOf(entry.File);
        byte[] content = ReadContent(folder, entry);
        LoadedSegment[] marked = [.. segments];
        for (long at = HeaderLength; at < content.Length;)
        {
            ReadOnlySpan<byte> rest = content.AsSpan((int)at);
            long number = rest.Length < 16 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(rest), words = number < 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(rest[8..]);
            if (number < 0 || number >= marked.Length || words != RowMarks.WordsFor(marked[number].Data.Count) || words > (rest.Length - 16) / 8)
                throw DamagedFile.Error(path, "it marks items that are not there");
            ReadOnlySpan<ulong> marks = MemoryMarshal.Cast<byte, ulong>(rest.Slice(16, (int)(8 * words)));
            if (marks.Length > 0 && (marks[^1] & ~BinaryCode.LastWordMask(marked[number].Data.Count)) != 0)
                throw DamagedFile.Error(path, "it marks items that are not there");
            marked[number] = marked[number] with { Removed = RowMarks.FromWords(marks, marked[number].Data.Count) };
            at += 16 + (8 * words);
        }
        return marked.Sum(segment => (long)segment.RemovedCount) == entry.Count
            ? marked
            : throw DamagedFile.Error(path, "it marks another number of items than the manifest says");
    }

    /// <summary>What the file holds before its checksum, once both have been compared.</summary>
    /// <exception cref="TernException">It is damaged.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static byte[] ReadContent(IndexFolder folder, FileEntry entry)
    {
        string path = folder.PathOf(entry.File);
        byte[] content;
        try
        {
            content = folder.Files.Read(path);
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            throw UnreadableFile.Error(path, cause);
        }
        int end = content.Length - SHA256.HashSizeInBytes;
        if (content.Length != entry.Bytes || end < HeaderLength)
            throw DamagedFile.Error(path, $"it has {content.Length} bytes, the manifest says {entry.Bytes}");
        byte[] digest = SHA256.HashData(content.AsSpan(0, end));
        if (!content.AsSpan(end).SequenceEqual(digest))
            throw DamagedFile.Error(path, "its content does not fit its checksum");
        if (Convert.ToHexStringLower(digest) != entry.Sha256)
            throw DamagedFile.Error(path, "it is whole, but not the file the manifest names");
        if (!content.AsSpan().StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(8)) != Version)
            throw DamagedFile.Error(path, "it does not begin as such a file does");
        return content[..end];
    }
}
