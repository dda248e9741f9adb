using Tern.Index;

namespace Tern.Tests.Index;

public class KeyTableTests
{
    private static byte[] Utf8(string key) => TextColumn.Utf8.GetBytes(key);

    private static int[] Rows(uint[] slots, TextColumn keys, string key, ulong hash)
    {
        List<int> rows = [];
        foreach (int row in KeyTable.Rows(slots, keys, Utf8(key), hash))
            rows.Add(row);
        return [.. rows];
    }

    /// <summary>As the format says; the numbers come from a few lines of Python that follow docs/formats.md.</summary>
    [Fact]
    public void The_hash_is_that_of_the_format()
    {
        Assert.Equal(0x331B5F3BE9257109UL, KeyTable.Hash(Utf8("a")));
        Assert.Equal(0xF6A00D154BAE4E56UL, KeyTable.Hash(Utf8("12345678")));
        Assert.Equal(0x12DEC36D9474D9B8UL, KeyTable.Hash(Utf8("photos/ü 猫.jpg")));
        Assert.Equal(0x99F11BAB3E43DE0FUL, KeyTable.Hash(Utf8(new string('x', 4096))));
    }

    [Fact]
    public void Every_key_leads_to_its_row_and_others_to_none()
    {
        TextBuffer keys = new();
        uint[] slots = new uint[KeyTable.SlotsFor(1000)];
        for (int row = 0; row < 1000; row++)
        {
            keys.Add(Utf8($"{row % 900}")); // a hundred keys twice
            KeyTable.Put(slots, KeyTable.Hash(Utf8($"{row % 900}")), row);
        }
        for (int row = 0; row < 900; row++)
            Assert.Equal((int[])(row < 100 ? [row, row + 900] : [row]), Rows(slots, keys.View(), $"{row}", KeyTable.Hash(Utf8($"{row}"))));
        Assert.Empty(Rows(slots, keys.View(), "900", KeyTable.Hash(Utf8("900"))));
        Assert.Empty(Rows(slots, keys.View(), "", KeyTable.Hash([])));
        Assert.Empty(Rows([], default, "a", 0));
    }

    /// <summary>A slot tells its row, the last that a segment can have included, and 63 of 64 other hashes that it is not theirs.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(KeyTable.MostRows - 1)]
    public void A_slot_tells_its_row_and_the_end_of_the_hash(int row)
    {
        uint[] slots = new uint[2];
        KeyTable.Put(slots, 0x1234_5678_9ABC_DEF5, row);
        Assert.Equal(row, KeyTable.RowOf(slots.Max(), 0xFFFF_0000_0000_0035)); // F5 and 35 end alike: 110101
        Assert.Equal(1, Enumerable.Range(0, 64).Count(end => KeyTable.RowOf(slots.Max(), (ulong)end) == row));
        KeyTable.Replace(slots, 0x1234_5678_9ABC_DEF5, row, 7);
        Assert.Equal(7, KeyTable.RowOf(slots.Max(), 0x35));
    }

    /// <summary>What a reader looks at may be ahead of what it knows.</summary>
    [Fact]
    public void Rows_that_are_not_there_are_passed_over()
    {
        TextBuffer keys = new();
        keys.Add(Utf8("a"));
        TextColumn known = keys.View();
        keys.Add(Utf8("b"));
        uint[] slots = new uint[4];
        KeyTable.Put(slots, 0, 1);
        KeyTable.Put(slots, 0, 0); // behind it
        Assert.Equal([0], Rows(slots, known, "a", 0));
        Assert.Empty(Rows(slots, known, "b", 0));
        Assert.Equal([1], Rows(slots, keys.View(), "b", 0));
    }
}
