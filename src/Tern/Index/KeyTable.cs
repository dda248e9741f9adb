using System.Buffers.Binary;

namespace Tern.Index;

/// <summary>
/// Finds the rows of a key: a hash table with linear probing. A slot holds a row plus one, or 0 while it is free; at least half of them are. Rows are only ever added, so that a
/// reader may look while a writer adds: it passes over rows it does not know yet.
/// </summary>
internal static class KeyTable
{
    /// <summary>Slots for so many rows.</summary>
    public static long SlotsFor(int rows) => 2L * rows;

    /// <summary>A mixture of a key's bytes: MurmurHash3's finaliser after each eight of them, the last padded with zeros. The format depends on it.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key)
    {
        ulong hash = (ulong)key.Length;
        for (; key.Length >= 8; key = key[8..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key));
        ulong rest = 0;
        for (int i = 0; i < key.Length; i++)
            rest |= (ulong)key[i] << 8 * i;
        return Mix(hash ^ rest);
    }

    /// <summary>Puts a row under the hash of its key.</summary>
    public static void Put(uint[] slots, ulong hash, int row)
    {
        long slot = First(hash, slots.Length);
        while (slots[slot] != 0)
            slot = slot + 1 < slots.Length ? slot + 1 : 0;
        slots[slot] = (uint)row + 1;
    }

    /// <summary>Puts a row into the slot of another one of the same key. Not while others look: to them the key would be gone.</summary>
    public static void Replace(uint[] slots, ulong hash, int row, int by)
    {
        long slot = First(hash, slots.Length);
        while (slots[slot] != (uint)row + 1)
            slot = slot + 1 < slots.Length ? slot + 1 : 0;
        slots[slot] = (uint)by + 1;
    }

    /// <summary>The row of a key that is not marked as removed; -1 if there is none.</summary>
    public static int Find(Column<uint> slots, TextColumn keys, ReadOnlySpan<byte> key, ulong hash, ulong[]? removed)
    {
        if (slots.Length == 0)
            return -1;
        ReadOnlySpan<uint> all = slots.Span;
        int slot = (int)First(hash, all.Length);
        for (int looked = 0; looked < all.Length && all[slot] != 0; looked++)
        {
            uint row = all[slot] - 1;
            if (row < (uint)keys.Count && keys.Utf8Of((int)row).SequenceEqual(key) && !Marks.Has(removed, (int)row))
                return (int)row;
            slot = slot + 1 < all.Length ? slot + 1 : 0;
        }
        return -1;
    }

    private static long First(ulong hash, int slots) => (long)Math.BigMul(hash, (ulong)slots, out _);

    private static ulong Mix(ulong value)
    {
        value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD;
        value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53;
        return value ^ value >> 33;
    }
}

/// <summary>Marks on rows: bit row % 64 of word row / 64. Rows past the end of the words have none.</summary>
internal static class Marks
{
    public static bool Has(ulong[]? marks, int row) => marks is not null && row >> 6 < marks.Length && (marks[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>Words for so many rows.</summary>
    public static int WordsFor(int rows) => (int)(((long)rows + 63) / 64);
}
