using Tern.Codes;

namespace Tern.Tests.Codes;

public class PackedCodesTests
{
    [Fact]
    public void Codes_read_back_in_order_while_the_list_grows()
    {
        Random random = new(2);
        foreach (int bits in new[] { 1, 48, 64, 65, 130, 1000 })
        {
            BinaryCode[] codes = [.. Enumerable.Range(0, 100).Select(_ => RandomCodes.One(random, bits))];
            PackedCodes packed = new(bits);
            foreach (BinaryCode code in codes)
                packed.Add(code);
            Assert.Equal(codes, Enumerable.Range(0, packed.Count).Select(i => packed[i]));
            Assert.Equal(100 * packed.WordsPerCode, packed.Words.Length);
        }
    }

    [Fact]
    public void A_batch_of_model_output_gives_the_same_codes_from_bytes_and_from_signs()
    {
        float[] hashes = [1, -1, 1, -1, 1, -1, 1, -1, 1, -1, /* next */ -1, 1, 1, 1, 1, 1, 1, 1, 1, 1]; // two of ten bits
        PackedCodes signs = PackedCodes.FromSigns(hashes, 10);
        PackedCodes bytes = PackedCodes.FromBytes([0x55, 0x01, 0xFE, 0x03], 10);
        Assert.Equal(signs.Words.ToArray(), bytes.Words.ToArray());
        Assert.Equal(signs.Words.ToArray(), PackedCodes.FromWords([0x155, 0x3FE], 10).Words.ToArray());
        Assert.Equal(2, bytes.Count);
    }

    [Fact]
    public void Parts_of_codes_and_other_lengths_are_refused()
    {
        Assert.Throws<TernException>(() => PackedCodes.FromBytes([1, 2, 3], 10));
        Assert.Throws<TernException>(() => PackedCodes.FromSigns([1, 2, 3], 2));
        Assert.Contains("3 words are not a whole number of 65-bit codes", Assert.Throws<TernException>(() => PackedCodes.FromWords([1, 2, 3], 65)).Message);
        Assert.Contains("code 1 has a bit set past its 65 bits", Assert.Throws<TernException>(() => PackedCodes.FromWords([1, 1, 1, 2], 65)).Message);
        Assert.Contains("8-bit code cannot join 9-bit",
            Assert.Throws<TernException>(() => new PackedCodes(9).Add(BinaryCode.FromBytes([1], 8))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PackedCodes(9)[0]);
    }
}
