using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1,023 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(466_034, "455 KiB")]
    [InlineData(1_048_575, "1.00 MiB")]                                                         // and not 1024 KiB
    [InlineData(4_231_044, "4.04 MiB")]
    [InlineData(3L << 30, "3.00 GiB")]
    [InlineData(5L << 40, "5120 GiB")]
    public void Bytes_have_three_digits_and_a_binary_unit(long bytes, string expected) => Assert.Equal(expected, NumberText.Bytes(bytes));

    [Theory]
    [InlineData(0.0042, "4.20 µs")]
    [InlineData(0.402, "0.402 ms")]
    [InlineData(3.4123, "3.41 ms")]
    [InlineData(130.4, "130 ms")]
    [InlineData(12_345.6, "12346 ms")]
    [InlineData(0, "–")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "–")]
    public void Milliseconds_have_three_digits(double value, string expected) => Assert.Equal(expected, NumberText.Milliseconds(value));

    [Theory]
    [InlineData(9, 1, "9.0")]
    [InlineData(731, 10, "73")]
    [InlineData(1, 2, "0.50")]
    [InlineData(1, 0, "–")]
    [InlineData(0, 1, "–")]
    [InlineData(double.NaN, 1, "–")]
    public void Factors_have_two_digits(double first, double second, string expected) =>
        Assert.Equal(expected, NumberText.Factor(first, second));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.01234, "-0.0123")]
    [InlineData(1.5, "1.50")]
    [InlineData(9.999, "10.0")]
    [InlineData(12345, "12345")]
    [InlineData(double.NegativeInfinity, "–")]
    public void Three_digits_are_significant(double value, string expected) => Assert.Equal(expected, NumberText.Significant(value));

    [Theory]
    [InlineData(0.8614, "0.861")]
    [InlineData(1, "1.000")]
    [InlineData(double.NaN, "–")]
    public void Scores_have_three_decimals(double value, string expected) => Assert.Equal(expected, NumberText.Score(value));
}
