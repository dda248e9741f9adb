using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;

namespace Tern.Tests.Codes;

public class BinaryCodeTests
{
    [Fact]
    public void Bit_i_is_bit_i_mod_8_of_byte_i_div_8()
    {
        // Positive at 0, 3, 8: byte 0 = 1 + 8 = 0x09, byte 1 = 1. Zero and negative values give 0.
        BinaryCode code = BinaryCode.FromSigns([1, 0, -1, 2, -5, 0, -0.1f, 0, 3, -1]);
        Assert.Equal([0x09, 0x01], code.ToBytes());
        Assert.Equal("0901", code.ToString());
        Assert.Equal(0x109UL, code.Words[0]);
        Assert.True(code[8]);
        Assert.False(code[9]);
    }

    [Fact]
    public void Bytes_and_text_read_back_at_every_length()
    {
        Random random = new(1);
        for (int bits = 1; bits <= BinaryCode.MaxBits; bits += bits < 140 ? 1 : 73)
        {
            BinaryCode code = RandomCodes.One(random, bits);
            Assert.Equal(code, BinaryCode.FromBytes(code.ToBytes(), bits));
            Assert.Equal(code, BinaryCode.Parse(code.ToString(), bits));
            Assert.Equal((bits + 7) / 8, code.ToBytes().Length);
            Assert.Equal(code.GetHashCode(), BinaryCode.Parse(code.ToString(), bits).GetHashCode());
        }
    }

    [Fact]
    public void Distance_is_a_metric() =>
        Prop.ForAll(Gen.Choose(1, 200).SelectMany(bits => Gen.Choose(0, int.MaxValue).Select(seed => (bits, seed))).ToArbitrary(), drawn =>
        {
            Random random = new(drawn.seed);
            BinaryCode a = RandomCodes.One(random, drawn.bits), b = RandomCodes.One(random, drawn.bits),
                c = RandomCodes.One(random, drawn.bits);
            int byBits = Enumerable.Range(0, drawn.bits).Count(i => a[i] != b[i]);
            return a.Distance(a) == 0 && a.Distance(b) == b.Distance(a) && a.Distance(b) == byBits
                && a.Distance(c) <= a.Distance(b) + b.Distance(c);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void A_length_outside_1_to_1024_is_refused(int bits) =>
        Assert.Contains($"got {bits}", Assert.Throws<TernException>(() => BinaryCode.FromSigns(new float[bits])).Message);

    [Fact]
    public void A_hash_that_is_not_a_number_is_refused() =>
        Assert.Contains("Value 1", Assert.Throws<TernException>(() => BinaryCode.FromSigns([1, float.NaN])).Message);

    [Fact]
    public void Set_padding_bits_are_refused() => Assert.Throws<TernException>(() => BinaryCode.FromBytes([0x10], 4));

    [Fact]
    public void Wrong_text_and_wrong_sizes_are_refused()
    {
        Assert.Throws<TernException>(() => BinaryCode.Parse("xy", 8));
        Assert.Throws<TernException>(() => BinaryCode.Parse("0901", 8));
        Assert.Throws<TernException>(() => BinaryCode.FromBytes([1, 2], 17));
        Assert.Throws<TernException>(() => BinaryCode.FromWords([1, 2], 64));
    }

    [Fact]
    public void Codes_of_two_lengths_are_not_compared()
    {
        string message = Assert.Throws<TernException>(() =>
            BinaryCode.FromSigns(new float[8]).Distance(BinaryCode.FromSigns(new float[9]))).Message;
        Assert.Contains("8 and 9 bits", message);
    }
}
