using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace Tern.Index;

/// <summary>
/// Finds the rows of a key: a hash table with linear probing. A slot holds a row plus one and, in the six bits above it, the last of the key's hash, by which nearly all other keys are passed over
/// unread; or 0 while it is free, as at least half of them are. Rows are only ever added, so that a reader may look while a writer adds: it passes over rows it does not know yet.
/// </summary>
internal static class KeyTable
{
    /// <summary>How many rows a table can tell apart.</summary>
    public const int MostRows = (1 << RowBits) - 1;

    private const int RowBits = 26;

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
        slots[slot] = Slot(hash, row);
    }

    /// <summary>Puts a row into the slot of another one of the same key. Not while others look: to them the key would be gone.</summary>
    public static void Replace(uint[] slots, ulong hash, int row, int by)
    {
        long slot = First(hash, slots.Length);
        while (slots[slot] != Slot(hash, row))
            slot = slot + 1 < slots.Length ? slot + 1 : 0;
        slots[slot] = Slot(hash, by);
    }

    /// <summary>The rows of a key, in the order in which they were put.</summary>
    public static KeyRows Rows(Column<uint> slots, TextColumn keys, ReadOnlySpan<byte> key, ulong hash) =>
        new(slots.Span, (int)First(hash, (int)slots.Length), hash, keys, key);

    /// <summary>Begins to fetch the first slot of a key that is to be looked for soon.</summary>
    public static unsafe void Prefetch(ReadOnlySpan<uint> slots, ulong hash)
    {
        if (!Sse.IsSupported || slots.IsEmpty)
            return;
        fixed (uint* slot = &slots[(int)First(hash, slots.Length)])
            Sse.Prefetch0(slot);
    }

    /// <summary>The row in a slot that is not free, if its key may have this hash; -1 if it has another.</summary>
    public static int RowOf(uint slot, ulong hash) => (slot ^ (uint)hash << RowBits) >> RowBits == 0 ? (int)(slot & MostRows) - 1 : -1;

    private static uint Slot(ulong hash, int row) => (uint)hash << RowBits | ((uint)row + 1);

    private static long First(ulong hash, int slots) => (long)Math.BigMul(hash, (ulong)slots, out _);

    private static ulong Mix(ulong value)
    {
        value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD;
        value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53;
        return value ^ value >> 33;
    }
}

/// <summary>Walks through the slots in which a key may be.</summary>
internal ref struct KeyRows(ReadOnlySpan<uint> slots, int slot, ulong hash, TextColumn keys, ReadOnlySpan<byte> key)
{
    private readonly ReadOnlySpan<uint> slots = slots;
    private readonly ReadOnlySpan<byte> key = key;
    private readonly TextColumn keys = keys;
    private readonly ulong hash = hash;
    private int slot = slot, looked;

    public int Current { get; private set; }

    public readonly KeyRows GetEnumerator() => this;

    public bool MoveNext()
    {
        for (; looked < slots.Length && slots[slot] != 0; looked++)
        {
            int row = KeyTable.RowOf(slots[slot], hash);
            slot = slot + 1 < slots.Length ? slot + 1 : 0;
            if (row < 0 || row >= keys.Count || !keys.Utf8Of(row).SequenceEqual(key))
                continue;
            Current = row;
            looked++;
            return true;
        }
        return false;
    }
}
