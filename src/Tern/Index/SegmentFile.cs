using System.Runtime.InteropServices;
using Tern.Codes;

namespace Tern.Index;

/// <summary>The segment format, TERNSEG1; described byte by byte in <c>docs/formats.md</c>.</summary>
internal static class SegmentFile
{
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "TERNSEG1"u8;

    /// <summary>Writes a segment durably; returns its SHA-256.</summary>
    public static string Write(string path, Segment segment) => CheckedWriter.Write(path, file =>
    {
        file.Bytes(Magic);
        file.UInt32(Version);
        file.UInt32((uint)segment.Codes.Bits);
        file.UInt64((ulong)segment.Count);
        file.UInt64((ulong)segment.Keys.Bytes.Length);
        file.UInt64((ulong)segment.LabelNames.Bytes.Length);
        file.UInt64((ulong)segment.LabelNames.Count);
        file.Values(segment.Codes.Words);
        file.Values(segment.Ids);
        file.Values(segment.LabelNumbers);
        file.Values(segment.Keys.Offsets);
        file.Values(segment.LabelNames.Offsets);
        file.Bytes(segment.Keys.Bytes);
        file.Bytes(segment.LabelNames.Bytes);
    });

    /// <summary>Reads a segment back and checks it.</summary>
    public static Segment Read(string path, int bits, FileEntry entry) => CheckedReader.Read(path, entry.Sha256, file =>
    {
        file.RequireMagic(Magic, Version);
        uint fileBits = file.UInt32();
        if (fileBits != bits)
            throw new TernException($"it holds {fileBits}-bit codes, the index {bits}-bit ones");
        long count = Size(file), keyBytes = Size(file), labelBytes = Size(file), labelCount = Size(file);
        if (count != entry.Count)
            throw new TernException($"it holds {count} items, the manifest says {entry.Count}");
        PackedCodes codes = PackedCodes.FromOwnedWords(file.UInt64s(count * BinaryCode.WordCount(bits)), bits);
        ulong[] ids = file.UInt64s(count);
        int[] labelNumbers = MemoryMarshal.Cast<uint, int>(file.UInt32s(count)).ToArray();
        uint[] keyOffsets = file.UInt32s(count + 1), labelOffsets = file.UInt32s(labelCount + 1);
        Segment segment = new(
            codes, ids, labelNumbers,
            new TextColumn(keyOffsets, file.Bytes(keyBytes)),
            new TextColumn(labelOffsets, file.Bytes(labelBytes)));
        RequireSound(segment);
        return segment;
    });

    private static long Size(CheckedReader file) =>
        file.UInt64() is ulong size and <= int.MaxValue ? (long)size : throw new TernException("a size in its header is impossible");

    private static void RequireSound(Segment segment)
    {
        for (int i = 1; i < segment.Count; i++)
            if (segment.Ids[i - 1] >= segment.Ids[i])
                throw new TernException("its ids do not ascend");
        foreach (int number in segment.LabelNumbers)
            if (number < -1 || number >= segment.LabelNames.Count)
                throw new TernException("an item has a label that is not there");
    }
}
