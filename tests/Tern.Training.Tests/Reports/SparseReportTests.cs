using System.Text.RegularExpressions;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

/// <summary>Runs with little to show: no network, one network, one epoch, numbers that are none.</summary>
public sealed partial class SparseReportTests
{
    [Fact]
    public void A_run_without_networks_still_has_a_page()
    {
        Page empty = new(Samples.Data());
        Assert.Equal("No network has been measured yet.", empty.Headline);
        Assert.Equal(9, empty.Html.Descendants("section").Count());
        Assert.Contains("No size has been measured yet.", empty.Section("sizes").Value);
        Assert.Contains("The recipe asks for no query rows.", empty.Section("queries").Value);
    }

    [Fact]
    public void One_network_is_compared_with_nothing()
    {
        Page alone = new(Samples.Data(Samples.Teacher));
        Assert.Equal("The teacher finds 0.900 mAP at 4 bits in 4.00 MiB.", alone.Headline);
        Assert.Equal(
            ["Stage", "Parameters", "Multiply-adds", "On disk", "mAP", "Recall@1", "Encode one image"],
            Page.Cells(alone.Section("chain").Descendants("tr").First()));
        Assert.DoesNotContain("smaller and faster", alone.Section("chain").Value);
    }

    [Fact]
    public void A_network_that_lacks_everything_but_its_size_is_shown()
    {
        NetworkReport bare = Samples.Ternary with
        {
            Measurements = [], Epochs = [], Bits = [], Correlation = [], Curve = [], Queries = [], EncodeMs = 0,
        };
        Page page = new(Samples.Data(Samples.Teacher, bare));
        Assert.Equal(
            ["Ternary student", "120,000", "1.44 M", "455 KiB", "9.0×", "0.861", "0.911", "–", "–×"],
            Page.Cells(page.Section("chain").Descendants("tr").Last()));
        Assert.Single(page.Section("queries").Descendants("input"));
        Assert.Single(page.Section("bits").Descendants("img"));
        Assert.EndsWith("in 455 KiB, 9.0 times smaller than its teacher.", page.Headline);
    }

    [Fact]
    public void One_epoch_is_a_point()
    {
        Page page = new(Samples.Data(Samples.Teacher with { Epochs = [Samples.Teacher.Epochs[0]] }));
        Assert.DoesNotMatch(NotANumber(), page.TextWithoutPictures);
        Assert.Equal(["Teacher", "1", "1", "0.610", "2.50"], Page.Cells(page.Section("training").Descendants("tr").Last()));
    }

    [Fact]
    public void Numbers_that_are_none_are_dashes_and_never_reach_a_drawing()
    {
        NetworkReport broken = Samples.Teacher with
        {
            MeanAveragePrecision = double.NaN,
            EncodeMs = double.PositiveInfinity,
            Epochs = [new(1, double.NaN, new Dictionary<string, double>(), 0.1, double.NaN), Samples.Teacher.Epochs[1]],
        };
        Assert.DoesNotMatch(NotANumber(), new Page(Samples.Data(broken, Samples.Ternary)).TextWithoutPictures);
    }

    [GeneratedRegex("NaN|Infinity|∞")]
    private static partial Regex NotANumber();
}
