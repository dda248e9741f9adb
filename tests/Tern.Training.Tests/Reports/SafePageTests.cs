using System.Globalization;
using System.Xml.Linq;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

/// <summary>Whatever a run holds, the page is well-formed, whole, and fetches and runs nothing.</summary>
public sealed class SafePageTests
{
    private readonly Page page = new(Samples.Data(Samples.Teacher, Samples.Ternary));

    [Fact]
    public void Nothing_is_fetched_and_nothing_runs()
    {
        Assert.DoesNotContain("http", page.TextWithoutPictures, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page.TextWithoutPictures, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page.TextWithoutPictures, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            page.Html.Descendants(), element => element.Name.LocalName is "script" or "link" or "iframe" or "object");
        IEnumerable<string> addresses = page.Html.Descendants().Attributes()
            .Where(attribute => attribute.Name.LocalName is "src" or "href" or "srcset" or "action" or "data")
            .Select(attribute => attribute.Value);
        Assert.All(addresses, address => Assert.Matches("^(#|data:image/png;base64,)", address));
    }

    [Fact]
    public void Links_within_the_page_lead_somewhere()
    {
        string[] ids = [.. page.Html.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(9, page.Html.Descendants("nav").Elements("a").Count());
        Assert.All(page.Html.Descendants("a"), link => Assert.Contains(link.Attribute("href")!.Value[1..], ids));
        Assert.All(page.Html.Descendants("label"), label => Assert.Contains(label.Attribute("for")!.Value, ids));
    }

    [Fact]
    public void Every_picture_and_chart_says_what_it_is()
    {
        Assert.All(page.Html.Descendants("img"), image => Assert.NotEqual("", (string?)image.Attribute("alt") ?? ""));
        Assert.All(
            page.Html.Descendants("svg").Where(svg => (string?)svg.Attribute("role") == "img"),
            svg => Assert.NotEqual("", svg.Element("title")?.Value ?? ""));
        Assert.All(
            page.Html.Descendants("svg"),
            svg => Assert.True(svg.Attribute("role") is not null || svg.Attribute("aria-hidden") is not null));
    }

    [Fact]
    public void Text_from_outside_stays_text()
    {
        const string hostile = "<script>\"&'</script>";
        NetworkReport network = Samples.Ternary with
        {
            Name = hostile,
            Model = hostile,
            Measurements =
                [Samples.Ternary.Measurements[0] with { Protocol = hostile, Ties = hostile, Metric = hostile, Split = hostile }],
            Epochs = [new(1, 1, new Dictionary<string, double> { [hostile] = 1, ["other"] = 2 }, 0.1, 0.5)],
            Queries =
            [
                new QueryRow(
                    Samples.Picture(0, hostile, hostile),
                    [new Neighbour(Samples.Picture(1, hostile, hostile), 1, Right: false)]),
            ],
        };
        var data = new ReportData(hostile, 4, hostile, 20, 300, [network], hostile, [(hostile, hostile)]);
        Page escaped = new(data);
        Assert.Empty(escaped.Html.Descendants("script"));
        Assert.DoesNotContain("<script", escaped.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(hostile, escaped.Section("recipe").Element("pre")!.Value);
        Assert.Equal(hostile, escaped.OfClass("wrong").Single().Descendants("small").Single().Value);
        Assert.Equal([hostile, hostile], escaped.Section("lineage").Descendants("dd").Select(value => value.Value));
        Assert.Equal($"{hostile} · Tern report", escaped.Html.Descendants("title").First().Value);
    }

    [Fact]
    public void A_control_character_in_a_name_does_not_break_the_page()
    {
        Page controlled = new(Samples.Data(Samples.Teacher) with { Name = "bell \a, null \0, broken pair \ud800" });
        Assert.Equal("bell \uFFFD, null \uFFFD, broken pair \uFFFD · Tern report", controlled.Html.Descendants("title").First().Value);
    }

    [Fact]
    public void Numbers_do_not_follow_the_machines_language()
    {
        CultureInfo german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        NumberFormatInfo format = german.NumberFormat;
        (format.NumberDecimalSeparator, format.NumberGroupSeparator, format.NegativeSign) = (",", ".", "−");
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.Equal(page.Text, HtmlReport.Render(Samples.Data(Samples.Teacher, Samples.Ternary)));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
