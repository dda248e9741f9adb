using System.Buffers.Binary;
using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>The segment format, TERNSEG3; described byte by byte in <c>docs/formats.md</c>.</summary>
internal static class SegmentFile
{
    /// <summary>The columns, in the order of the file.</summary>
    internal enum Part
    {
        Codes, Ids, LabelNumbers, LabelOffsets, Labels, KeyOffsets, Keys, KeySlots, AttributeOffsets, Attributes, Descriptors,
    }

    internal static readonly FileKind Kind = new("TERNSEG3", 3, (int)Part.Descriptors + 1);

    private const int HeaderBits = 0, HeaderDescriptor = 4, HeaderCount = 16, HeaderIds = 24;

    /// <summary>What a segment's header says besides.</summary>
    internal static byte[] Header(IndexShape shape, long count, ulong firstId, ulong lastId)
    {
        byte[] header = new byte[40];
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(HeaderBits), shape.Bits);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(HeaderDescriptor), shape.Descriptor?.Length ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(HeaderDescriptor + 4), shape.Descriptor?.Precision switch
        {
            null => 0,
            DescriptorPrecision.Float32 => 1,
            DescriptorPrecision.Float16 => 2,
            _ => 3,
        });
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(HeaderCount), count);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(HeaderIds), firstId);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(HeaderIds + 8), lastId);
        return header;
    }

    /// <summary>Opens a segment that the manifest names, without reading its columns.</summary>
    /// <param name="folder">The index.</param>
    /// <param name="shape">What the items of the index have in common.</param>
    /// <param name="entry">What the manifest says.</param>
    /// <param name="ids">The first id that may be in it, and the first that may not; gets the first that may be in the next segment.</param>
    public static Segment Open(IndexFolder folder, IndexShape shape, FileEntry entry, ref (ulong Next, ulong End) ids)
    {
        ColumnFile file = ColumnFile.Open(folder.Files, folder.PathOf(entry.File), Kind, entry);
        try
        {
            ReadOnlySpan<byte> header = file.Header.AsSpan(ColumnFile.OwnHeader);
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(header[HeaderIds..]), last = BinaryPrimitives.ReadUInt64LittleEndian(header[(HeaderIds + 8)..]);
            if (!header[..40].SequenceEqual(Header(shape, entry.Count, first, last)))
                throw file.Damaged($"its header says other bits, descriptors or counts than the manifest ({shape.Bits} bits, {entry.Count} items)");
            if (entry.Count is < 1 or > Merging.MostItems || first < ids.Next || last < first || last >= ids.End)
                throw file.Damaged("its ids overlap those of another segment");
            ids.Next = last + 1;
            int count = (int)entry.Count;
            RequireLengths(file, shape, count);
            return new Segment(count, shape, new Columns(file, shape, count, first, last));
        }
        catch
        {
            file.Free();
            throw;
        }
    }

    /// <summary>Looks at all of a segment.</summary>
    /// <exception cref="TernException">It is damaged.</exception>
    public static void RequireSound(Segment segment, string path)
    {
        _ = (segment.Codes, segment.Ids, segment.LabelNumbers, segment.Keys, segment.Attributes, segment.DescriptorBytes);
        for (int item = 0; item < segment.Count; item++)
            if (segment.Find(segment.Keys.Utf8Of(item), KeyTable.Hash(segment.Keys.Utf8Of(item)), null) != item)
                throw DamagedFile.Error(path, $"the key of item {item} does not lead to it");
    }

    private static void RequireLengths(ColumnFile file, IndexShape shape, int count)
    {
        void Require(Part part, long length)
        {
            if (file.LengthOf((int)part) != length)
                throw file.Damaged($"column {(int)part} has {file.LengthOf((int)part)} bytes; expected {length}");
        }
        Require(Part.Codes, 8L * shape.Words * count);
        Require(Part.Ids, 8L * count);
        Require(Part.LabelNumbers, 4L * count);
        Require(Part.KeyOffsets, 4L * count + 4);
        Require(Part.KeySlots, 4 * KeyTable.SlotsFor(count));
        Require(Part.Descriptors, (long)shape.DescriptorBytes * count);
        if (file.LengthOf((int)Part.AttributeOffsets) > 0)
            Require(Part.AttributeOffsets, 4L * count + 4);
    }

    private sealed class Columns : ISegmentColumns
    {
        private readonly ColumnFile file;
        private readonly Lazy<PackedCodes> codes;
        private readonly Lazy<Column<ulong>> ids;
        private readonly Lazy<TextColumn> keys, attributes;
        private readonly Lazy<Column<uint>> keySlots;
        private readonly Lazy<(Column<int> Numbers, TextColumn Names)> labels;
        private readonly Lazy<Column<byte>> descriptors;

        public Columns(ColumnFile file, IndexShape shape, int count, ulong first, ulong last)
        {
            this.file = file;
            codes = new(() => Packed(Read<ulong>(Part.Codes), shape.Bits));
            ids = new(() => Resting(Ascending(Read<ulong>(Part.Ids), first, last), Part.Ids));
            keys = new(() => Resting(Texts(Part.KeyOffsets, count), Part.KeyOffsets, Part.Keys));
            keySlots = new(() => Resting(Read<uint>(Part.KeySlots), Part.KeySlots));
            attributes = new(() => file.LengthOf((int)Part.AttributeOffsets) == 0 ? default : Resting(Texts(Part.AttributeOffsets, count), Part.AttributeOffsets, Part.Attributes));
            labels = new(() => Resting(Labels(Read<int>(Part.LabelNumbers), Texts(Part.LabelOffsets, null)), Part.LabelNumbers));
            descriptors = new(() => Resting(Read<byte>(Part.Descriptors), Part.Descriptors));
        }

        public PackedCodes Codes => codes.Value;

        public Column<ulong> Ids => ids.Value;

        public TextColumn Keys => keys.Value;

        public Column<uint> KeySlots => keySlots.Value;

        public Column<int> LabelNumbers => labels.Value.Numbers;

        public TextColumn LabelNames => labels.Value.Names;

        public TextColumn Attributes => attributes.Value;

        public Column<byte> Descriptors => descriptors.Value;

        public long TextBytes => file.LengthOf((int)Part.Keys) + file.LengthOf((int)Part.Labels) + file.LengthOf((int)Part.Attributes);

        public void RestCodes() => file.Rest((int)Part.Codes);

        public void Free() => file.Free();

        public TernException Damaged(string why, Exception cause) => file.Damaged(why, cause);

        // To compare a column with its checksum reads all of it into memory; of all but the codes, a search then needs next to nothing.
        private T Resting<T>(T column, params ReadOnlySpan<Part> parts)
        {
            foreach (Part part in parts)
                file.Rest((int)part);
            return column;
        }

        private Column<T> Read<T>(Part part) where T : unmanaged => file.Read<T>((int)part);

        private PackedCodes Packed(Column<ulong> words, int bits)
        {
            try
            {
                return PackedCodes.FromOwnedWords(words, bits);
            }
            catch (TernException cause)
            {
                throw file.Damaged(cause.Message);
            }
        }

        private Column<ulong> Ascending(Column<ulong> column, ulong first, ulong last)
        {
            ReadOnlySpan<ulong> all = column.Span;
            bool ascends = all[0] == first && all[^1] == last;
            for (int i = 1; i < all.Length; i++)
                ascends &= all[i - 1] < all[i];
            return ascends ? column : throw file.Damaged("its ids do not ascend");
        }

        // The offsets, and the bytes in the column behind them.
        private TextColumn Texts(Part offsets, int? count)
        {
            TextColumn texts = new(Read<uint>(offsets), Read<byte>(offsets + 1));
            return texts.IsSound(count ?? texts.Count) ? texts : throw file.Damaged("its texts are not UTF-8, or not where its offsets say");
        }

        private (Column<int>, TextColumn) Labels(Column<int> numbers, TextColumn names)
        {
            foreach (int number in numbers.Span)
                if (number < -1 || number >= names.Count)
                    throw file.Damaged("an item has a label that is not there");
            return (numbers, names);
        }
    }
}
