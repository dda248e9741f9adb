using System.Numerics;
using Tern.Codes;

namespace Tern.Search;

/// <summary>A set of rows of a collection, a bit each: what a search may find.</summary>
/// <remarks>Not safe for changing while another thread reads.</remarks>
public sealed class RowSet
{
    private readonly ulong[] words;
    private Tally? tally; // null when it must be made again

    /// <summary>An empty set.</summary>
    /// <param name="rows">How many rows the collection has.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public RowSet(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        Rows = rows;
        words = new ulong[RowMarks.WordsFor(rows)];
    }

    private RowSet(int rows, ulong[] words) => (Rows, this.words) = (rows, words);

    /// <summary>How many rows the collection has.</summary>
    public int Rows { get; }

    /// <summary>How many rows are in the set.</summary>
    public int Count => (tally ?? Tallied(wordsPerCode: 1)).Count;

    /// <summary>What a scan for these rows costs against one of all, 0 to 1, where a code has so many words.</summary>
    internal double ShareOfScan(int wordsPerCode) => Tallied(wordsPerCode).Share;

    /// <summary>Bit row % 64 of word row / 64.</summary>
    internal ulong[] Words => words;

    /// <summary>Whether a row is in the set.</summary>
    public bool Contains(int row) => (words[Require(row) >> 6] >> (row & 63) & 1) != 0;

    /// <summary>Puts a row into the set.</summary>
    public void Add(int row)
    {
        words[Require(row) >> 6] |= 1UL << (row & 63);
        tally = null;
    }

    /// <summary>Puts rows into the set.</summary>
    public void Add(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
            words[Require(row) >> 6] |= 1UL << (row & 63);
        tally = null;
    }

    /// <summary>A set of the same rows.</summary>
    public RowSet Copy() => new(Rows, (ulong[])words.Clone());

    /// <summary>The rows that are not in this set.</summary>
    public RowSet Complement()
    {
        ulong[] others = new ulong[words.Length];
        for (int i = 0; i < words.Length; i++)
            others[i] = ~words[i];
        if (Rows % 64 != 0)
            others[^1] &= (1UL << Rows % 64) - 1;
        return new RowSet(Rows, others);
    }

    /// <summary>Keeps only what the other set holds as well.</summary>
    /// <exception cref="TernException">The sets belong to collections of different sizes.</exception>
    public void IntersectWith(RowSet other)
    {
        RequireSame(other);
        for (int i = 0; i < words.Length; i++)
            words[i] &= other.words[i];
        tally = null;
    }

    /// <summary>Takes over what the other set holds.</summary>
    /// <exception cref="TernException">The sets belong to collections of different sizes.</exception>
    public void UnionWith(RowSet other)
    {
        RequireSame(other);
        for (int i = 0; i < words.Length; i++)
            words[i] |= other.words[i];
        tally = null;
    }

    private Tally Tallied(int wordsPerCode)
    {
        if (tally is { } known && known.WordsPerCode == wordsPerCode)
            return known;
        const int Step = HammingScan.FilterStep / 64;
        int all = 0, steps = 0;
        double share = 0;
        for (int start = 0; start < words.Length; start += Step, steps++)
        {
            int passing = 0;
            foreach (ulong word in words.AsSpan(start, Math.Min(Step, words.Length - start)))
                passing += BitOperations.PopCount(word);
            all += passing;
            share += HammingScan.ShareRead(passing, HammingScan.FilterStep, wordsPerCode);
        }
        return tally = new Tally(all, wordsPerCode, share / Math.Max(steps, 1));
    }

    private int Require(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return row;
    }

    private void RequireSame(RowSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Rows != Rows)
            throw new TernException($"A set of {other.Rows} rows cannot be joined with one of {Rows}; make both for the same collection.");
    }

    // Rows in the set, and what a scan for them costs against one of all, with codes of so many words.
    private sealed record Tally(int Count, int WordsPerCode, double Share);
}
