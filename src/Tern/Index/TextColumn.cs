using System.Text;

namespace Tern.Index;

/// <summary>Many strings as one run of UTF-8 bytes and the offset of each; a million keys are two objects, not a million.</summary>
internal sealed class TextColumn
{
    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Text i is bytes offsets[i] up to offsets[i + 1].</summary>
    /// <exception cref="TernException">The offsets do not ascend from 0 to the number of bytes.</exception>
    public TextColumn(uint[] offsets, byte[] bytes)
    {
        bool ascends = offsets[0] == 0 && offsets[^1] == bytes.Length;
        for (int i = 1; i < offsets.Length; i++)
            ascends &= offsets[i - 1] <= offsets[i];
        if (!ascends)
            throw new TernException("text offsets do not ascend");
        Offsets = offsets;
        Bytes = bytes;
    }

    public uint[] Offsets { get; }

    public byte[] Bytes { get; }

    public int Count => Offsets.Length - 1;

    public string this[int index] => Utf8.GetString(Utf8Of(index));

    public ReadOnlySpan<byte> Utf8Of(int index) => Bytes.AsSpan((int)Offsets[index], (int)(Offsets[index + 1] - Offsets[index]));

    /// <summary>A column of these texts.</summary>
    public static TextColumn Of(IReadOnlyList<byte[]> texts)
    {
        uint[] offsets = new uint[texts.Count + 1];
        for (int i = 0; i < texts.Count; i++)
            offsets[i + 1] = checked(offsets[i] + (uint)texts[i].Length);
        byte[] bytes = new byte[offsets[^1]];
        for (int i = 0; i < texts.Count; i++)
            texts[i].CopyTo(bytes, offsets[i]);
        return new TextColumn(offsets, bytes);
    }
}
