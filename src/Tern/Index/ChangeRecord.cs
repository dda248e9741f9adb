using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tern.Codes;

namespace Tern.Index;

/// <summary>One commit as a record of the log; described byte by byte in <c>docs/formats.md</c>.</summary>
internal static class ChangeRecord
{
    private const int ItemHeader = 20; // id, bytes of key, of label and of attributes

    public static ReadOnlySpan<byte> Encode(IReadOnlyCollection<ulong> removed, LoadedSegment added)
    {
        ArrayBufferWriter<byte> record = new();
        Put32(record, removed.Count);
        Put32(record, added.Live);
        foreach (ulong id in removed)
            Put64(record, id);
        foreach (int row in added.LiveItems())
        {
            ItemRow item = added.Data.RowOf(row);
            Put64(record, item.Id);
            Put32(record, item.Key.Length);
            Put32(record, item.Label.Length);
            Put32(record, item.Attributes.Length);
            record.Write(item.Key);
            record.Write(item.Label);
            record.Write(item.Attributes);
            record.Write(MemoryMarshal.AsBytes(item.Code));
            record.Write(item.Descriptor);
        }
        return record.WrittenSpan;
    }

    /// <summary>Adds the items of a record to others, and the ids of what it removes. Returns the first id that a further item may have.</summary>
    /// <exception cref="TernException">It is impossible; nothing can be said of what has been added then.</exception>
    public static ulong Decode(ReadOnlySpan<byte> record, IndexShape shape, ItemBuffer added, ICollection<ulong> removed, ulong nextId)
    {
        int removals = Take32(ref record), additions = Take32(ref record);
        for (int i = 0; i < removals; i++)
            removed.Add(BinaryPrimitives.ReadUInt64LittleEndian(Take(ref record, 8)));
        for (int i = 0; i < additions; i++)
        {
            ReadOnlySpan<byte> header = Take(ref record, ItemHeader);
            int key = BinaryPrimitives.ReadInt32LittleEndian(header[8..]), label = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
            int attributes = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
            ItemRow item = new()
            {
                Id = BinaryPrimitives.ReadUInt64LittleEndian(header),
                Key = Take(ref record, key),
                Label = Take(ref record, label),
                Attributes = Take(ref record, attributes),
                Code = MemoryMarshal.Cast<byte, ulong>(Take(ref record, 8 * shape.Words)),
                Descriptor = Take(ref record, shape.DescriptorBytes),
            };
            if (item.Id < nextId || item.Id == ulong.MaxValue || (item.Code[^1] & ~BinaryCode.LastWordMask(shape.Bits)) != 0)
                throw new TernException("a record has an id out of order, or a code with too many bits");
            PreparedItem.Require(item);
            added.Add(item);
            nextId = item.Id + 1;
        }
        return record.IsEmpty ? nextId : throw new TernException($"a record has {record.Length} bytes too many");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> record, int length)
    {
        if (length < 0 || length > record.Length)
            throw new TernException("a record says of itself what cannot be");
        ReadOnlySpan<byte> taken = record[..length];
        record = record[length..];
        return taken;
    }

    private static int Take32(ref ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref record, 4));

    private static void Put32(ArrayBufferWriter<byte> record, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record.GetSpan(4), value);
        record.Advance(4);
    }

    private static void Put64(ArrayBufferWriter<byte> record, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(record.GetSpan(8), value);
        record.Advance(8);
    }
}
