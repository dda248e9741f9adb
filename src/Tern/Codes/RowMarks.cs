using System.Numerics;

namespace Tern.Codes;

/// <summary>Marks on rows, a bit each. Never changes: marking further rows copies the pages they lie on, and shares all others.</summary>
internal sealed class RowMarks
{
    private const int WordShift = 6, PageShift = 15; // 64 rows a word; 32,768 rows, or 4 KiB, a page: the longest segment has 2,048
    private const int PageWords = 1 << PageShift - WordShift;

    private static readonly ulong[] Unmarked = new ulong[PageWords]; // every page without a mark

    private readonly ulong[][] pages;

    private RowMarks(ulong[][] pages, int rows, int count) => (this.pages, Rows, Count) = (pages, rows, count);

    /// <summary>How many rows there are.</summary>
    public int Rows { get; }

    /// <summary>How many of them are marked.</summary>
    public int Count { get; }

    /// <summary>The marks of 64 rows: bit row % 64 of word row / 64.</summary>
    public ulong this[int word] => pages[word >> PageShift - WordShift][word & PageWords - 1];

    /// <summary>Words for so many rows.</summary>
    public static int WordsFor(int rows) => (int)(((long)rows + 63) / 64);

    /// <summary>Rows without a mark.</summary>
    public static RowMarks None(int rows) => new(PagesFor([], rows), rows, 0);

    /// <summary>Rows with the marks of these words, a copy; rows past their end have none.</summary>
    public static RowMarks FromWords(ReadOnlySpan<ulong> words, int rows)
    {
        words = words[..Math.Min(words.Length, WordsFor(rows))];
        ulong[][] pages = PagesFor([], rows);
        int count = 0;
        for (int start = 0; start < words.Length; start += PageWords)
        {
            ReadOnlySpan<ulong> page = words[start..Math.Min(start + PageWords, words.Length)];
            page.CopyTo(pages[start / PageWords] = new ulong[PageWords]);
            foreach (ulong word in page)
                count += BitOperations.PopCount(word);
        }
        return new RowMarks(pages, rows, count);
    }

    /// <summary>Whether a row is marked.</summary>
    public bool Has(int row) => (this[row >> WordShift] >> (row & 63) & 1) != 0;

    /// <summary>The same with more rows marked.</summary>
    public RowMarks With(IEnumerable<int> rows)
    {
        ulong[][] marked = [.. pages];
        int count = Count;
        foreach (int row in rows)
        {
            int page = row >> PageShift;
            if (marked[page] == pages[page])
                marked[page] = [.. pages[page]];
            ref ulong word = ref marked[page][row >> WordShift & PageWords - 1];
            count += (int)(~word >> (row & 63) & 1);
            word |= 1UL << (row & 63);
        }
        return new RowMarks(marked, Rows, count);
    }

    /// <summary>The same for more rows; those that are new have no mark.</summary>
    public RowMarks Grown(int rows) => new(PagesFor(pages, rows), rows, Count);

    /// <summary>All words.</summary>
    public ulong[] ToWords()
    {
        ulong[] words = new ulong[WordsFor(Rows)];
        for (int start = 0; start < words.Length; start += PageWords)
            pages[start / PageWords].AsSpan(0, Math.Min(PageWords, words.Length - start)).CopyTo(words.AsSpan(start));
        return words;
    }

    private static ulong[][] PagesFor(ulong[][] known, int rows)
    {
        ulong[][] pages = new ulong[Math.Max((int)(((long)rows + (1 << PageShift) - 1) >> PageShift), known.Length)][];
        known.CopyTo(pages, 0);
        pages.AsSpan(known.Length).Fill(Unmarked);
        return pages;
    }
}
