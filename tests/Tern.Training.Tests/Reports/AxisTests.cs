using FsCheck;
using FsCheck.Fluent;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

public sealed class AxisTests
{
    [Theory]
    [InlineData(new[] { 0.61, 0.93 }, "0.6 0.7 0.8 0.9 1.0")]
    [InlineData(new[] { 0.0, 4.7 }, "0 1 2 3 4 5")]
    [InlineData(new[] { -3.0, 9.0 }, "-5 0 5 10")]
    [InlineData(new[] { 0.851, 0.859 }, "0.850 0.852 0.854 0.856 0.858 0.860")]
    [InlineData(new[] { 0.5 }, "0.44 0.46 0.48 0.50 0.52 0.54 0.56")]                           // 0.45 to 0.55 in steps of 0.02
    [InlineData(new[] { double.NaN, double.PositiveInfinity }, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(new double[0], "0.0 0.2 0.4 0.6 0.8 1.0")]
    public void Ticks_are_round(double[] values, string expected) => Assert.Equal(expected, Ticks(Axis.Around("", values)));

    [Fact]
    public void Epochs_have_whole_ticks() => Assert.Equal("0 1 2", Ticks(Axis.Around("epoch", [1], leastStep: 1)));

    [Fact]
    public void Quarters_are_written_with_two_decimals() => Assert.Equal("0.00 0.25 0.50 0.75 1.00", Ticks(new Axis("", 0, 1, 0.25)));

    [Fact]
    public void Ticks_of_bits_start_at_the_first_bit_and_not_at_the_edge() => Assert.Equal("0 2 4", Ticks(new Axis("bit", -0.5, 4.5, 2)));

    [Fact]
    public void An_axis_holds_its_values_and_few_ticks()
    {
        Prop.ForAll<int, int, byte>((first, second, scale) =>
        {
            double size = Math.Pow(10, scale % 9 - 6);
            double[] values = [first * size, second * size];
            Axis axis = Axis.Around("", values);
            return axis.Ticks.Count() is >= 2 and <= 12 && values.All(value => axis.Place(value) is >= -1e-6 and <= 1 + 1e-6);
        }).QuickCheckThrowOnFailure();
    }

    private static string Ticks(Axis axis) => string.Join(' ', axis.Ticks.Select(axis.Text));

    [Fact]
    public void Values_that_differ_in_their_last_digit_are_one_value()
    {
        Axis axis = Axis.Around("mAP", [0.6111111111111112, 0.611111111111111]);
        Assert.InRange(axis.Ticks.Take(100).Count(), 2, 20);
        Assert.InRange(axis.Place(0.6111111111111111), 0.01, 0.99);
    }
}
