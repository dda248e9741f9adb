using System.Numerics;
using Tern.Codes;

namespace Tern.Search;

/// <summary>
/// The different codes of a collection, and the rows of those that several rows share. A hash table holds each code once, as a posting: the row, or the
/// number of the group of rows. So a thousand copies of a picture cost a search no more than one.
/// </summary>
internal sealed class EqualCodes
{
    private const uint GroupMark = 1u << 31;

    private readonly int[] starts;  // [groups + 1]
    private readonly int[] rows;    // of all groups, ascending within each; groups ascend by their first row

    private EqualCodes(int[] starts, int[] rows, int codes)
    {
        (this.starts, this.rows) = (starts, rows);
        Count = codes - rows.Length + GroupCount;
    }

    /// <summary>How many different codes there are.</summary>
    public int Count { get; }

    /// <summary>Bytes in memory.</summary>
    public long Bytes => 4L * (starts.Length + rows.Length);

    private int GroupCount => starts.Length - 1;

    /// <summary>Whether a posting stands for more than one row.</summary>
    public static bool IsGroup(uint posting) => posting >= GroupMark;

    /// <summary>The lowest row of a posting.</summary>
    public int FirstRow(uint posting) => IsGroup(posting) ? rows[starts[posting & ~GroupMark]] : (int)posting;

    /// <summary>The rows of a posting, ascending. <paramref name="single"/> is room for one.</summary>
    public ReadOnlySpan<int> RowsOf(uint posting, Span<int> single)
    {
        if (IsGroup(posting))
        {
            uint group = posting & ~GroupMark;
            return rows.AsSpan(starts[group], starts[group + 1] - starts[group]);
        }
        single[0] = (int)posting;
        return single;
    }

    /// <summary>Whether a row of a posting may be found.</summary>
    public bool Passes(uint posting, RowFilter filter)
    {
        if (filter.PassesAll)
            return true;
        Span<int> single = stackalloc int[1];
        foreach (int row in RowsOf(posting, single))
            if (filter.Passes(row))
                return true;
        return false;
    }

    /// <summary>The rows of a posting that may be found, ascending.</summary>
    public int[] PassingRows(uint posting, RowFilter filter)
    {
        Span<int> single = stackalloc int[1];
        int[] all = RowsOf(posting, single).ToArray();
        return filter.PassesAll ? all : Array.FindAll(all, filter.Passes);
    }

    /// <summary>[Count] a posting for each different code, ascending by its first row.</summary>
    public uint[] Postings()
    {
        ulong[] repeats = new ulong[((long)Count + rows.Length + 63) / 64]; // every row that is not the first of its group
        for (int group = 0; group < GroupCount; group++)
            for (int i = starts[group] + 1; i < starts[group + 1]; i++)
                repeats[rows[i] >> 6] |= 1UL << (rows[i] & 63);

        uint[] postings = new uint[Count];
        for (int row = 0, group = 0, at = 0; at < postings.Length; row++)
        {
            if (group < GroupCount && rows[starts[group]] == row)
                postings[at++] = GroupMark | (uint)group++;
            else if ((repeats[row >> 6] >> (row & 63) & 1) == 0)
                postings[at++] = (uint)row;
        }
        return postings;
    }

    /// <summary>Sorts a mixture of each code's bits: equal codes become neighbours.</summary>
    public static EqualCodes Find(PackedCodes codes, int threads)
    {
        (ulong[] keys, int[] order, int[] parts) = Partition(codes);
        Parallel.For(0, parts.Length - 1, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
            keys.AsSpan(parts[part]..parts[part + 1]).Sort(order.AsSpan(parts[part]..parts[part + 1])));

        List<int> lengths = [], members = [];
        for (int start = 0, end; start < keys.Length; start = end)
        {
            for (end = start + 1; end < keys.Length && keys[end] == keys[start];)
                end++;
            if (end - start > 1)
                AddGroup(codes, order.AsSpan(start..end), lengths, members);
        }
        return InOrder(lengths, members, codes.Count);
    }

    // Mixtures of different codes are hardly ever equal; if so, those unlike the first stay single, which costs a search time and nothing else.
    private static void AddGroup(PackedCodes codes, Span<int> same, List<int> lengths, List<int> members)
    {
        same.Sort();
        int before = members.Count;
        foreach (int row in same)
            if (codes.WordsOf(row).SequenceEqual(codes.WordsOf(same[0])))
                members.Add(row);
        if (members.Count - before > 1)
            lengths.Add(members.Count - before);
        else
            members.RemoveRange(before, members.Count - before);
    }

    private static EqualCodes InOrder(List<int> lengths, List<int> members, int codes)
    {
        int[] from = new int[lengths.Count], firstRows = new int[lengths.Count], order = [.. Enumerable.Range(0, lengths.Count)];
        for (int group = 0, at = 0; group < from.Length; at += lengths[group++])
            (from[group], firstRows[group]) = (at, members[at]);
        Array.Sort(firstRows, order);

        int[] starts = new int[lengths.Count + 1], rows = new int[members.Count];
        for (int group = 0; group < order.Length; group++)
        {
            starts[group + 1] = starts[group] + lengths[order[group]];
            members.CopyTo(from[order[group]], rows, starts[group], lengths[order[group]]);
        }
        return new EqualCodes(starts, rows, codes);
    }

    // Keys and their rows, brought into parts of some 4,096 by the keys' highest bits: parts sort in the cache, and side by side.
    private static (ulong[] Keys, int[] Rows, int[] Parts) Partition(PackedCodes codes)
    {
        int bits = Math.Clamp(BitOperations.Log2((uint)codes.Count | 1) - 12, 0, 14);
        int PartOf(ulong key) => bits == 0 ? 0 : (int)(key >> (64 - bits));

        int[] parts = new int[(1 << bits) + 1], next = new int[1 << bits];
        for (int row = 0; row < codes.Count; row++)
            parts[PartOf(KeyOf(codes.WordsOf(row))) + 1]++;
        for (int part = 0; part < next.Length; part++)
        {
            next[part] = parts[part];
            parts[part + 1] += parts[part];
        }

        ulong[] keys = new ulong[codes.Count];
        int[] rows = new int[codes.Count];
        for (int row = 0; row < codes.Count; row++)
        {
            ulong key = KeyOf(codes.WordsOf(row));
            int at = next[PartOf(key)]++;
            (keys[at], rows[at]) = (key, row);
        }
        return (keys, rows, parts);
    }

    // MurmurHash3's finaliser after each word: one-to-one for codes of one word, so that their keys are equal only where they are.
    private static ulong KeyOf(ReadOnlySpan<ulong> code)
    {
        ulong key = 0;
        foreach (ulong word in code)
        {
            key ^= word;
            key = (key ^ key >> 33) * 0xFF51AFD7ED558CCD;
            key = (key ^ key >> 33) * 0xC4CEB9FE1A85EC53;
            key ^= key >> 33;
        }
        return key;
    }
}
