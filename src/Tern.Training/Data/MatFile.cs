using System.Buffers.Binary;
using System.IO.Compression;

namespace Tern.Training.Data;

/// <summary>An array of a MATLAB file, as far as annotations need it.</summary>
internal abstract record MatArray;

/// <summary>Real numbers, column by column.</summary>
internal sealed record MatNumbers(double[] Values) : MatArray;

/// <summary>Characters.</summary>
internal sealed record MatText(string Text) : MatArray;

/// <summary>A cell array.</summary>
internal sealed record MatCells(MatArray[] Items) : MatArray;

/// <summary>A structure array: the values of each field, one an item.</summary>
internal sealed record MatStructs(IReadOnlyDictionary<string, MatArray[]> Fields) : MatArray;

/// <summary>Something else, which is passed over.</summary>
internal sealed record MatOther : MatArray;

/// <summary>Reads MATLAB's level 5 files ("MAT-File Format", MathWorks): little-endian, plain or compressed variables.</summary>
internal static class MatFile
{
    private const int Header = 128, MostBytes = 1 << 28, MostDepth = 32;
    private const int Matrix = 14, Compressed = 15;                                      // types of elements; those of numbers and text below
    private const int Cell = 1, Structure = 2, Text = 4, Double = 6, UInt64 = 15;        // classes of arrays; Double to UInt64 are numbers

    /// <summary>A tagged piece of the file.</summary>
    private readonly ref struct Element(int type, ReadOnlySpan<byte> data)
    {
        public int Type { get; } = type;

        public ReadOnlySpan<byte> Data { get; } = data;
    }

    /// <summary>Every variable by name. Throws <see cref="InvalidDataException"/> where the bytes are no such file, or a damaged one.</summary>
    public static Dictionary<string, MatArray> Read(byte[] file)
    {
        if (file.Length < Header || file[125] != 1 || file[126] != 'I' || file[127] != 'M') throw new InvalidDataException("not a little-endian MATLAB file of level 5");
        var variables = new Dictionary<string, MatArray>();
        for (ReadOnlySpan<byte> rest = file.AsSpan(Header); rest.Length > 0;)
        {
            Element element = Take(ref rest);
            if (element.Type == Compressed)
            {
                ReadOnlySpan<byte> inside = Inflate(element.Data);
                element = Take(ref inside);
            }
            if (element.Type != Matrix) continue;
            (string name, MatArray array) = Parse(element.Data, 0);
            variables[name] = array;
        }
        return variables;
    }

    /// <summary>The next element: type and size of 4 bytes each and data up to a multiple of 8, or both of 2 bytes and at most 4 of data.</summary>
    private static Element Take(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 8) throw new InvalidDataException("an element is cut short");
        uint tag = BinaryPrimitives.ReadUInt32LittleEndian(rest), size = tag >> 16;
        bool small = size != 0;
        int type = (int)(small ? tag & 0xffff : tag), from = small ? 4 : 8;
        if (!small) size = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        if (size > (small ? 4 : rest.Length - 8)) throw new InvalidDataException("an element is cut short");
        var element = new Element(type, rest.Slice(from, (int)size));
        int length = small ? 8 : type == Compressed ? 8 + (int)size : (8 + (int)size + 7) / 8 * 8;
        rest = rest[Math.Min(length, rest.Length)..];
        return element;
    }

    private static byte[] Inflate(ReadOnlySpan<byte> data)
    {
        using var stream = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
        var whole = new MemoryStream();
        var block = new byte[1 << 16];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            if (whole.Length + read > MostBytes) throw new InvalidDataException($"a variable has more than {MostBytes >> 20} MiB");
            whole.Write(block, 0, read);
        }
        return whole.ToArray();
    }

    /// <summary>Flags, sizes, name, and what the class of the array asks for; of no bytes, an empty array.</summary>
    private static (string Name, MatArray Array) Parse(ReadOnlySpan<byte> data, int depth)
    {
        if (data.IsEmpty) return ("", new MatNumbers([]));
        if (depth > MostDepth) throw new InvalidDataException($"arrays within arrays more than {MostDepth} deep");
        Element flags = Take(ref data), sizes = Take(ref data), name = Take(ref data);
        if (flags.Data.Length < 1) throw new InvalidDataException("an array has no class");
        int count = Count(sizes.Data, data.Length), kind = flags.Data[0];
        MatArray array = kind switch
        {
            Cell => new MatCells(Items(ref data, count, depth)),
            Structure => Structures(ref data, count, depth),
            Text => new MatText(Characters(Take(ref data))),
            >= Double and <= UInt64 => new MatNumbers(Numbers(Take(ref data))),
            _ => new MatOther(),
        };
        return (Characters(name), array);
    }

    /// <summary>The product of the sizes; more items than bytes there cannot be, but of characters and numbers, whose elements have a size of their own.</summary>
    private static int Count(ReadOnlySpan<byte> sizes, int most)
    {
        long count = 1;
        for (; sizes.Length >= 4; sizes = sizes[4..]) count = Math.Min(count * Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(sizes)), int.MaxValue);
        return (int)Math.Min(count, most);
    }

    private static MatArray[] Items(scoped ref ReadOnlySpan<byte> data, int count, int depth)
    {
        var items = new MatArray[count];
        for (int i = 0; i < count; i++) items[i] = Parse(Take(ref data).Data, depth + 1).Array;
        return items;
    }

    /// <summary>Names in pieces of one length, then the fields of the first item, of the second, ...</summary>
    private static MatStructs Structures(scoped ref ReadOnlySpan<byte> data, int count, int depth)
    {
        Element length = Take(ref data), names = Take(ref data);
        int each = length.Data.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(length.Data) : 0;
        if (each < 1) throw new InvalidDataException("a structure has no length of field names");
        var fields = new string[names.Data.Length / each];
        for (int i = 0; i < fields.Length; i++) fields[i] = Latin(names.Data.Slice(i * each, each));
        MatArray[] items = Items(ref data, (int)Math.Min((long)count * fields.Length, data.Length), depth);
        var values = new Dictionary<string, MatArray[]>();
        for (int i = 0; i < fields.Length; i++) values[fields[i]] = [.. Enumerable.Range(0, items.Length / fields.Length).Select(item => items[item * fields.Length + i])];
        return new MatStructs(values);
    }

    private static string Characters(Element text) => text.Type switch
    {
        4 or 17 => System.Text.Encoding.Unicode.GetString(text.Data),                    // uint16 is how MATLAB writes UTF-16
        16 => System.Text.Encoding.UTF8.GetString(text.Data),
        _ => Latin(text.Data),
    };

    /// <summary>Up to the first 0.</summary>
    private static string Latin(ReadOnlySpan<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);

    /// <summary>Whatever type they are stored in, which is the smallest that holds them and not that of the array.</summary>
    private static double[] Numbers(Element numbers)
    {
        ReadOnlySpan<byte> data = numbers.Data;
        int width = numbers.Type switch { 1 or 2 => 1, 3 or 4 => 2, 5 or 6 or 7 => 4, 9 or 12 or 13 => 8, _ => throw new InvalidDataException($"numbers of type {numbers.Type}") };
        var values = new double[data.Length / width];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> one = data.Slice(i * width, width);
            values[i] = numbers.Type switch
            {
                1 => (sbyte)one[0],
                2 => one[0],
                3 => BinaryPrimitives.ReadInt16LittleEndian(one),
                4 => BinaryPrimitives.ReadUInt16LittleEndian(one),
                5 => BinaryPrimitives.ReadInt32LittleEndian(one),
                6 => BinaryPrimitives.ReadUInt32LittleEndian(one),
                7 => BinaryPrimitives.ReadSingleLittleEndian(one),
                12 => BinaryPrimitives.ReadInt64LittleEndian(one),
                13 => BinaryPrimitives.ReadUInt64LittleEndian(one),
                _ => BinaryPrimitives.ReadDoubleLittleEndian(one),
            };
        }
        return values;
    }
}
