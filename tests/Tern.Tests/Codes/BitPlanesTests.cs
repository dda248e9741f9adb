using Tern.Codes;

namespace Tern.Tests.Codes;

public class BitPlanesTests
{
    private const int Room = 600; // two calls at least where many codes are near

    /// <summary>The distance of each code by itself is the truth.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(33)]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(200)]
    [InlineData(1024)]
    public void Finds_what_is_below_the_limit_and_passes(int bits)
    {
        Random random = new(bits);
        const int count = 3 * BitPlanes.GroupLength + 100;
        PackedCodes codes = RandomCodes.Many(random, bits, count, different: 900);
        ulong[] allowed = [.. Enumerable.Range(0, (count + 63) / 64).Select(_ => (ulong)random.NextInt64())];
        RowMarks removed = RowMarks.FromWords([.. Enumerable.Range(0, (count + 127) / 64).Select(_ => (ulong)random.NextInt64())], count + 64);
        BitPlanes planes = new(bits, 4 * BitPlanes.GroupLength);
        int turned = planes.Turn(codes.Words);
        Assert.Equal(3 * BitPlanes.GroupLength, turned);
        foreach (int limit in new[] { 0, 1, bits / 3, bits / 2, bits / 2 + 3, bits, bits + 1 }.Where(limit => limit <= BitPlanes.MostLimit).Append(BitPlanes.MostLimit))
            foreach ((RowFilter rows, int firstRow) in new[] { (new RowFilter(null, null), 0), (new RowFilter(allowed, null), 0), (new RowFilter(null, removed), 64) })
            {
                BinaryCode query = limit % 2 == 0 ? codes[random.Next(count)] : RandomCodes.One(random, bits);
                Hit[] expected = [.. Enumerable.Range(0, turned).Where(row => rows.Passes(firstRow + row)).Select(row => new Hit(row, codes[row].Distance(query))).Where(hit => hit.Distance < limit)];
                Assert.Equal(expected, Found(planes, query, codes, limit, rows, firstRow, turned));
            }
    }

    private static List<Hit> Found(BitPlanes planes, BinaryCode query, PackedCodes codes, int limit, RowFilter rows, int firstRow, int turned)
    {
        List<Hit> found = [];
        Span<Hit> hits = stackalloc Hit[Room];
        ulong[] mask = BitPlanes.Mask(query.Words, query.Bits);
        for (int at = 0; at < turned;)
        {
            int read = planes.Below(mask, query.Words, codes.Words, limit, rows, firstRow, at, hits, out int count);
            Assert.InRange(read, at + 1, turned);
            found.AddRange(hits[..count]);
            at = read;
        }
        return found;
    }

    /// <summary>A block of another length than the one before leaves nothing of it behind.</summary>
    [Fact]
    public void Takes_one_block_after_the_other()
    {
        Random random = new(5);
        BitPlanes planes = new(48, 4 * BitPlanes.GroupLength);
        planes.Turn(RandomCodes.Many(random, 48, 4 * BitPlanes.GroupLength).Words);
        PackedCodes codes = RandomCodes.Many(random, 48, BitPlanes.GroupLength + 1);
        Assert.Equal(BitPlanes.GroupLength, planes.Turn(codes.Words));
        Assert.Equal(BitPlanes.GroupLength, Found(planes, codes[0], codes, limit: 49, default, 0, BitPlanes.GroupLength).Count);
        Assert.Equal(0, planes.Turn(codes.Words[..100]));
        Assert.Equal(0, planes.Below(new ulong[48], codes[0].Words, codes.Words, 49, default, 0, 0, new Hit[Room], out int none));
        Assert.Equal(0, none);
    }
}
