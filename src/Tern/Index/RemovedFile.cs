using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
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
        byte[] header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        List<byte> content = [.. header];
        for (int i = 0; i < segments.Count; i++)
            if (segments[i].Removed is { } marks)
            {
                content.AddRange(BitConverter.GetBytes((long)i));
                content.AddRange(BitConverter.GetBytes((long)marks.Length));
                content.AddRange(MemoryMarshal.AsBytes(marks.AsSpan()).ToArray());
            }
        byte[] covered = [.. content], digest = SHA256.HashData(covered);
        using IWritableFile target = folder.Files.Create(folder.PathOf(file));
        target.Append(covered);
        target.Append(digest);
        target.Flush();
        return new FileEntry(file, segments.Sum(segment => segment.RemovedCount), covered.Length + digest.Length, Convert.ToHexStringLower(digest));
    }

    /// <summary>Reads the marks back.</summary>
    /// <exception cref="TernException">It is damaged.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static LoadedSegment[] Read(IndexFolder folder, FileEntry entry, IReadOnlyList<LoadedSegment> segments)
    {
        string path = folder.PathOf(entry.File);
        byte[] content = ReadContent(folder, entry);
        LoadedSegment[] marked = [.. segments];
        for (int at = HeaderLength; at < content.Length;)
        {
            long number = content.Length - at < 16 ? -1 : BitConverter.ToInt64(content, at), words = number < 0 ? 0 : BitConverter.ToInt64(content, at + 8);
            if (number < 0 || number >= marked.Length || words != Marks.WordsFor(marked[number].Data.Count) || 8 * words > content.Length - at - 16)
                throw DamagedFile.Error(path, "it marks items that are not there");
            ulong[] marks = MemoryMarshal.Cast<byte, ulong>(content.AsSpan(at + 16, (int)(8 * words))).ToArray();
            marked[number] = marked[number] with { Removed = marks, RemovedCount = marks.Sum(word => BitOperations.PopCount(word)) };
            at += 16 + (int)(8 * words);
        }
        return marked.Sum(segment => segment.RemovedCount) == entry.Count
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
            throw new TernException($"{path} cannot be read: {cause.Message}", cause);
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
