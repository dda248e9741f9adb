using System.Numerics;

namespace Tern.Codes;

/// <summary>Which rows of a list of codes may be found.</summary>
/// <param name="Allowed">Only rows marked here, by bit row % 64 of word row / 64; null: all.</param>
/// <param name="Removed">No row marked here; null: none is.</param>
internal readonly record struct RowFilter(ulong[]? Allowed, RowMarks? Removed)
{
    /// <summary>Whether no row is refused.</summary>
    public bool PassesAll => Allowed is null && Removed is null;

    /// <summary>Whether a row may be found.</summary>
    public bool Passes(int row) => PassesAll || (PassingFrom(row) & 1) != 0;

    /// <summary>Bit i says whether row + i may be found, as far as the row's 64-bit word goes.</summary>
    public ulong PassingFrom(int row)
    {
        ulong passing = Allowed is null ? ulong.MaxValue : Allowed[row >> 6];
        if (Removed is not null)
            passing &= ~Removed[row >> 6];
        return passing >> (row & 63);
    }

    /// <summary>How many rows the list of allowed rows has from a row to before another. It counts whole words: rows near the ends may be too many.</summary>
    public int CountAllowed(int row, int end)
    {
        if (Allowed is null)
            return end - row;
        int count = 0;
        foreach (ulong word in Allowed.AsSpan(row >> 6, ((end + 63) >> 6) - (row >> 6)))
            count += BitOperations.PopCount(word);
        return count;
    }
}
