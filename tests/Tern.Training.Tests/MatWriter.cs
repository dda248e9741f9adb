using System.Buffers.Binary;
using System.IO.Compression;

namespace Tern.Training.Tests;

/// <summary>Writes MATLAB's level 5 files, after MathWorks' description: what a reader is tested with.</summary>
internal static class MatWriter
{
    /// <summary>A file of variables: 116 bytes of text, 8 of nothing, the version, the order of bytes.</summary>
    public static byte[] File(params byte[][] variables)
    {
        var header = new byte[128];
        System.Text.Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, made for a test".PadRight(116)).CopyTo(header, 0);
        (header[125], header[126], header[127]) = (1, (byte)'I', (byte)'M');
        return [.. header, .. variables.SelectMany(variable => variable)];
    }

    /// <summary>Type and size, then data up to a multiple of 8; of 1 to 4 bytes all in 8.</summary>
    public static byte[] Element(int type, byte[] data)
    {
        bool small = data.Length is > 0 and <= 4;
        var element = new byte[small ? 8 : 8 + (data.Length + 7) / 8 * 8];
        BinaryPrimitives.WriteInt32LittleEndian(element, small ? type | data.Length << 16 : type);
        if (!small) BinaryPrimitives.WriteInt32LittleEndian(element.AsSpan(4), data.Length);
        data.CopyTo(element, small ? 4 : 8);
        return element;
    }

    /// <summary>A variable, compressed; not filled up to a multiple of 8.</summary>
    public static byte[] Compressed(byte[] variable)
    {
        var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) stream.Write(variable);
        var element = new byte[8 + packed.Length];
        BinaryPrimitives.WriteInt32LittleEndian(element, 15);
        BinaryPrimitives.WriteInt32LittleEndian(element.AsSpan(4), (int)packed.Length);
        packed.ToArray().CopyTo(element, 8);
        return element;
    }

    /// <summary>An array: flags with its class, sizes, name, and what its class asks for.</summary>
    public static byte[] Array(string name, int kind, int[] sizes, params byte[][] content) => Element(14,
        [.. Element(6, [(byte)kind, 0, 0, 0, 0, 0, 0, 0]), .. Element(5, Bytes(sizes)), .. Element(1, System.Text.Encoding.ASCII.GetBytes(name)), .. content.SelectMany(part => part)]);

    /// <summary>One number, a double stored in two bytes as MATLAB does with small whole ones.</summary>
    public static byte[] Number(int value, string name = "") => Array(name, 6, [1, 1], Element(4, [(byte)value, (byte)(value >> 8)]));

    /// <summary>A line of characters in UTF-16.</summary>
    public static byte[] Text(string text, string name = "") => Array(name, 4, [1, text.Length], Element(4, System.Text.Encoding.Unicode.GetBytes(text)));

    /// <summary>A line of cells.</summary>
    public static byte[] Cells(string name, params byte[][] items) => Array(name, 1, [1, items.Length], items);

    /// <summary>A line of structures: the values of the first one's fields, of the second one's, ...</summary>
    public static byte[] Structures(string name, string[] fields, params byte[][] values) => Array(
        name, 2, [1, values.Length / fields.Length],
        [Element(5, Bytes([32])), Element(1, [.. fields.SelectMany(field => System.Text.Encoding.ASCII.GetBytes(field.PadRight(32, '\0')))]), .. values]);

    private static byte[] Bytes(int[] values)
    {
        var bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }
}
