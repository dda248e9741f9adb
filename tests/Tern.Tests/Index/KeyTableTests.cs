using Tern.Index;

namespace Tern.Tests.Index;

public class KeyTableTests
{
    private static byte[] Utf8(string key) => TextColumn.Utf8.GetBytes(key);

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
        int Find(string key, ulong[]? removed = null) => KeyTable.Find(slots, keys.View(), Utf8(key), KeyTable.Hash(Utf8(key)), removed);
        for (int row = 0; row < 900; row++)
            Assert.Equal(row, Find($"{row}"));
        ulong[] removed = [0b10_0000]; // row 5
        Assert.Equal(905, Find("5", removed));
        Assert.Equal(6, Find("6", removed));
        Assert.Equal(-1, Find("900"));
        Assert.Equal(-1, Find(""));
        Assert.Equal(-1, KeyTable.Find(Array.Empty<uint>(), default, Utf8("a"), 0, null));
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
        Assert.Equal(0, KeyTable.Find(slots, known, Utf8("a"), 0, null));
        Assert.Equal(-1, KeyTable.Find(slots, known, Utf8("b"), 0, null));
        Assert.Equal(1, KeyTable.Find(slots, keys.View(), Utf8("b"), 0, null));
    }
}
