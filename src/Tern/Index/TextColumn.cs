using System.Text;

namespace Tern.Index;

/// <summary>Many texts as one run of UTF-8 bytes and the offset of each; a million keys are two columns, not a million objects.</summary>
/// <param name="offsets">Text i is bytes offsets[i] up to offsets[i + 1].</param>
/// <param name="bytes">All texts.</param>
internal readonly struct TextColumn(Column<uint> offsets, Column<byte> bytes)
{
    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public Column<uint> Offsets => offsets;

    public int Count => (int)Math.Max(offsets.Length - 1, 0);

    /// <summary>Bytes of all texts.</summary>
    public long Bytes => bytes.Length;

    public string this[int index] => Utf8.GetString(Utf8Of(index));

    public ReadOnlySpan<byte> Utf8Of(int index) => Utf8Of(index, index + 1);

    /// <summary>The bytes of the texts from <paramref name="start"/> up to <paramref name="end"/>, which is not among them.</summary>
    public ReadOnlySpan<byte> Utf8Of(int start, int end)
    {
        uint first = offsets[start];
        return bytes.Slice(first, (int)(offsets[end] - first));
    }

    /// <summary>Whether these are offsets of so many texts, ascending from 0 to the number of bytes, and each text is UTF-8.</summary>
    public bool IsSound(int count)
    {
        if (offsets.Length != (long)count + 1 || bytes.Length > int.MaxValue)
            return false;
        ReadOnlySpan<uint> all = offsets.Span;
        bool ascends = all[0] == 0 && all[^1] == bytes.Length;
        for (int i = 1; i < all.Length; i++)
            ascends &= all[i - 1] <= all[i];
        return ascends && IsUtf8();
    }

    // All together are, and none begins inside a character.
    private bool IsUtf8()
    {
        ReadOnlySpan<byte> all = bytes.Span;
        if (Ascii.IsValid(all))
            return true;
        bool begins = true;
        foreach (uint start in offsets.Span)
            begins &= start == all.Length || (all[(int)start] & 0xC0) != 0x80;
        return begins && System.Text.Unicode.Utf8.IsValid(all);
    }
}

/// <summary>Texts that more are added to.</summary>
internal sealed class TextBuffer
{
    private readonly Growing<uint> offsets = new();
    private readonly Growing<byte> bytes = new();

    public TextBuffer() => offsets.Add(0u);

    public int Count => offsets.Count - 1;

    /// <summary>The texts there are now.</summary>
    public TextColumn View() => new(offsets.View(), bytes.View());

    public void Add(ReadOnlySpan<byte> text)
    {
        bytes.Add(text);
        offsets.Add((uint)bytes.Count);
    }
}

/// <summary>A list of which a view can be had that never changes.</summary>
internal sealed class Growing<T> where T : unmanaged
{
    private T[] items = [];

    public int Count { get; private set; }

    /// <summary>The items there are now.</summary>
    public Column<T> View() => new(items, Count);

    public void Add(T item) => Room(1)[0] = item;

    public void Add(ReadOnlySpan<T> more) => more.CopyTo(Room(more.Length));

    private Span<T> Room(int more)
    {
        long needed = (long)Count + more;
        if (needed > Array.MaxLength)
            throw new TernException("Too much is waiting to be committed; commit before adding more.");
        if (needed > items.Length)
            Array.Resize(ref items, (int)Math.Min(Math.Max(2L * items.Length, Math.Max(needed, 16)), Array.MaxLength));
        Count = (int)needed;
        return items.AsSpan(Count - more, more);
    }
}
