using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public class MatFileTests
{
    /// <summary>Stored types by their numbers in the format, and what the bytes of -2 and 3 (or 254 and 3, ...) mean in each.</summary>
    public static TheoryData<int, byte[], double[]> Numbers => new()
    {
        { 1, [0xfe, 3], [-2, 3] },
        { 2, [0xfe, 3], [254, 3] },
        { 3, [0xfe, 0xff, 3, 0], [-2, 3] },
        { 4, [0xfe, 0xff, 3, 0], [65534, 3] },
        { 5, [0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0], [-2, 3] },
        { 6, [0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0], [4294967294, 3] },
        { 7, [.. BitConverter.GetBytes(-2.5f), .. BitConverter.GetBytes(3f)], [-2.5, 3] },
        { 9, [.. BitConverter.GetBytes(-2.1), .. BitConverter.GetBytes(3.0)], [-2.1, 3] },
        { 12, [.. BitConverter.GetBytes(-2L), .. BitConverter.GetBytes(3L)], [-2, 3] },
        { 13, [.. BitConverter.GetBytes(2UL), .. BitConverter.GetBytes(3UL)], [2, 3] },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Numbers_are_read_from_whatever_type_they_are_stored_in(int type, byte[] stored, double[] expected) =>
        Assert.Equal(expected, Assert.IsType<MatNumbers>(One(MatWriter.Array("x", 6, [1, 2], MatWriter.Element(type, stored)))).Values);

    [Theory]
    [InlineData(4, true)]
    [InlineData(17, true)]
    [InlineData(16, false)]
    public void Text_is_read_in_every_encoding(int type, bool wide)
    {
        byte[] stored = (wide ? System.Text.Encoding.Unicode : System.Text.Encoding.UTF8).GetBytes("crème");
        Assert.Equal("crème", Assert.IsType<MatText>(One(MatWriter.Array("x", 4, [1, 5], MatWriter.Element(type, stored)))).Text);
    }

    [Fact]
    public void Cells_and_structures_keep_their_order()
    {
        var cells = Assert.IsType<MatCells>(One(MatWriter.Cells("x", MatWriter.Text("a"), MatWriter.Number(7), MatWriter.Cells("", MatWriter.Text("b")))));
        Assert.Equal("a", Assert.IsType<MatText>(cells.Items[0]).Text);
        Assert.Equal([7], Assert.IsType<MatNumbers>(cells.Items[1]).Values);
        Assert.Equal("b", Assert.IsType<MatText>(Assert.IsType<MatCells>(cells.Items[2]).Items[0]).Text);
        var structures = Assert.IsType<MatStructs>(One(MatWriter.Structures("x", ["name", "age"], MatWriter.Text("ann"), MatWriter.Number(300), MatWriter.Text("bob"), MatWriter.Element(14, []))));
        Assert.Equal(["ann", "bob"], structures.Fields["name"].Select(name => Assert.IsType<MatText>(name).Text));
        Assert.Equal([300], Assert.IsType<MatNumbers>(structures.Fields["age"][0]).Values);
        Assert.Empty(Assert.IsType<MatNumbers>(structures.Fields["age"][1]).Values);              // nothing at all is how an empty array may stand
    }

    [Fact]
    public void Compressed_variables_and_such_of_other_kinds_stand_beside_each_other()
    {
        Dictionary<string, MatArray> variables = MatFile.Read(MatWriter.File(
            MatWriter.Compressed(MatWriter.Text("packed", "a")), MatWriter.Array("sparse", 5, [1, 1], MatWriter.Element(5, [1, 0, 0, 0])), MatWriter.Compressed(MatWriter.Number(1, "b")), MatWriter.Text("plain", "c")));
        Assert.Equal(["a", "b", "c", "sparse"], variables.Keys.Order());
        Assert.Equal("packed", Assert.IsType<MatText>(variables["a"]).Text);
        Assert.Equal("plain", Assert.IsType<MatText>(variables["c"]).Text);
        Assert.IsType<MatOther>(variables["sparse"]);
    }

    [Fact]
    public void Another_file_is_told()
    {
        Assert.Throws<InvalidDataException>(() => MatFile.Read([]));
        byte[] file = MatWriter.File(MatWriter.Number(1, "x"));
        file[125] = 2;                                                                             // 7.3, which is HDF5
        Assert.Contains("level 5", Assert.Throws<InvalidDataException>(() => MatFile.Read(file)).Message);
    }

    /// <summary>A file cut anywhere or with a byte changed is read or refused, never a crash.</summary>
    [Fact]
    public void Damage_is_refused()
    {
        byte[] plain = MatWriter.Structures("x", ["name", "age"], MatWriter.Text("ann"), MatWriter.Number(300), MatWriter.Text("bob"), MatWriter.Number(4));
        foreach (byte[] file in new[] { MatWriter.File(plain, MatWriter.Cells("y", MatWriter.Number(1))), MatWriter.File(MatWriter.Compressed(plain)) })
        {
            for (int length = 129; length < file.Length; length++) Read(file[..length]);
            for (int at = 128; at < file.Length; at++)
                foreach (byte bits in new byte[] { 1, 0x10, 0x80, 0xff })
                {
                    byte[] damaged = [.. file];
                    damaged[at] ^= bits;
                    Read(damaged);
                }
            Assert.Throws<InvalidDataException>(() => MatFile.Read(file[..^9]));
        }
    }

    [Fact]
    public void Arrays_without_end_are_refused()
    {
        byte[] deep = MatWriter.Number(1);
        for (int i = 0; i < 40; i++) deep = MatWriter.Cells("x", deep);
        Assert.Contains("deep", Assert.Throws<InvalidDataException>(() => MatFile.Read(MatWriter.File(deep))).Message);
    }

    private static void Read(byte[] file)
    {
        try { MatFile.Read(file); }
        catch (InvalidDataException) { }
        catch (IOException) { }                                                                    // how the decompressor tells some of it
    }

    private static MatArray One(byte[] variable) => Assert.Single(MatFile.Read(MatWriter.File(variable))).Value;
}
