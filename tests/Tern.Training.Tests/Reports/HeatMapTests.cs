using System.Xml.Linq;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

public sealed class HeatMapTests
{
    [Fact]
    public void A_cell_for_each_pair_has_its_size_without_its_sign_and_the_diagonal_is_left_out() =>
        Assert.Equal([0, 0.5, 0.5, 0], HeatMap.Cells([1, -0.5f, -0.5f, 1], bits: 2, group: 1));

    [Fact]
    public void Groups_of_bits_have_the_mean_over_their_pairs()
    {
        float[] correlation =
        [
            1, 0.25f, 0.5f, -0.5f,
            0.25f, 1, 0.25f, 0.75f,
            0.5f, 0.25f, 1, 0,
            -0.5f, 0.75f, 0, 0,
        ];
        // Off the diagonal (0.5 + 0.5 + 0.25 + 0.75) / 4; on it the one pair of each group.
        Assert.Equal([0.25, 0.5, 0.5, 0], HeatMap.Cells(correlation, bits: 4, group: 2));
    }

    [Fact]
    public void A_last_group_may_be_smaller() =>
        Assert.Equal([0.5, 0.25, 0.25, 0], HeatMap.Cells([1, 0.5f, 0.25f, 0.5f, 1, 0.25f, 0.25f, 0.25f, 1], bits: 3, group: 2));

    [Theory]
    [InlineData(64, 64, "A cell is a pair of bits.")]
    [InlineData(65, 33, "A cell is the mean over 2 × 2 bits.")]
    [InlineData(1024, 64, "A cell is the mean over 16 × 16 bits.")]
    public void Bits_beyond_64_are_shown_in_groups(int bits, int side, string note)
    {
        XElement figure = XElement.Parse(HeatMap.Render(new float[bits * bits], bits).ToString());
        Assert.Equal(side, (int)figure.Element("img")!.Attribute("width")!);
        Assert.Equal(note, figure.Element("p")!.Value);
    }

    [Fact]
    public void Correlations_of_another_length_are_a_mistake_that_names_both() =>
        Assert.Contains(
            "3 bits have 9 correlations; got 8", Assert.Throws<ArgumentException>(() => HeatMap.Render(new float[8], 3)).Message);
}
