using System.Xml.Linq;
using Tern.Training.Export;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

public sealed class HtmlReportTests
{
    private readonly Page page = new(Samples.Data(Samples.Teacher, Samples.Ternary));

    [Fact]
    public void The_headline_says_the_result_with_its_numbers()
    {
        Assert.Equal(
            "A network of two-bit weights finds 0.861 mAP at 4 bits in 455 KiB, 9.0 times smaller and 4.0 times faster than its teacher.",
            page.Headline);
    }

    [Fact]
    public void A_slower_network_of_the_same_size_is_said_to_be_slower()
    {
        NetworkReport network = Samples.Ternary with { Bytes = Samples.Teacher.Bytes, EncodeMs = 6 };
        Assert.EndsWith("in 4.00 MiB, 2.0 times slower than its teacher.", new Page(Samples.Data(Samples.Teacher, network)).Headline);
    }

    [Fact]
    public void The_header_and_the_chain_name_the_protocol()
    {
        foreach (string text in new[] { page.Html.Descendants("header").Single().Value, page.Section("chain").Value })
        {
            Assert.Matches("20 queries(, gallery| against a gallery of)\\s+300", text);
            Assert.Contains("tiny/query20-gallery300/full", text);
        }
        Assert.Contains("mAP is the expected value over all orders", page.Section("chain").Value);
        Assert.Contains("mAP lies between 0.857 and 0.864", page.Html.Descendants("header").Single().Value);
    }

    [Fact]
    public void The_chain_has_a_row_for_each_network()
    {
        XElement[] rows = [.. page.Section("chain").Descendants("tr")];
        Assert.Equal(
            ["Stage", "Parameters", "Multiply-adds", "On disk", "Times smaller", "mAP", "Recall@1", "Encode one image", "Times faster"],
            Page.Cells(rows[0]));
        Assert.Equal(["Teacher", "1,000,000", "12.0 M", "4.00 MiB", "1×", "0.9000.896 – 0.903", "0.950", "3.00 ms", "1×"], Page.Cells(rows[1]));
        Assert.Equal(
            ["Ternary student", "120,000", "1.44 M", "455 KiB", "9.0×", "0.8610.857 – 0.864", "0.911", "0.750 ms", "4.0×"], Page.Cells(rows[2]));
        Assert.Equal(3, rows.Length);
    }

    [Fact]
    public void Sizes_stand_for_each_network_and_for_its_quantised_layers()
    {
        // 3,200 weights: 12,800 bytes as floats, 800 packed; the sum of the two rows has (0.5 * 3,200 + 0.8 * 1,600) / 4,800 = 0.6 zeros.
        var size = new ModelSize(64_000, 52_000, 50_000,
            [new("fc", 2, 3200, 12_800, 800, 640, 0.5, 1.5), new("hash", 2, 1600, 6400, 400, 200, 0.8, 0.922)]);
        Page sized = new(Samples.Data(Samples.Teacher, Samples.Ternary with { Size = size }));
        string[][] rows = [.. sized.Section("sizes").Descendants("tr").Select(Page.Cells)];
        Assert.Equal(["Ternary student", "62.5 KiB", "50.8 KiB", "48.8 KiB", "1.2×, 1.3×"], rows[1]);
        Assert.Equal(["fc", "3,200", "12.5 KiB", "800 B", "640 B", "16×, 20×", "0.500", "2.00, 1.60, 1.50"], rows[3]);
        Assert.Equal(["together", "4,800", "18.8 KiB", "1.17 KiB", "840 B", "16×, 23×", "0.600", "2.00, 1.40, 1.31"], rows[5]);
        Assert.Equal(6, rows.Length);
    }

    [Fact]
    public void Every_measurement_stands_under_its_protocol()
    {
        XElement table = page.Section("measurements").Descendants("table").Single();
        XElement group = Assert.Single(table.Elements("tbody"));
        string[][] rows = [.. group.Elements("tr").Select(Page.Cells)];
        Assert.Equal(["tiny/query20-gallery300/full · 20 queries · gallery 300 · 4 bits · seed 7 · split 0123456789ab…"], rows[0]);
        Assert.Equal(["mAP", "0.9000.896 – 0.903", "0.8610.857 – 0.864", "expected"], rows[1]);
        Assert.Equal(["Recall@1", "0.950", "0.911", "expected"], rows[2]);
        Assert.Equal(["Precision within radius 2", "0.777", "0.777", "–"], rows[3]);
    }

    [Fact]
    public void Another_protocol_has_its_own_group_and_a_network_without_it_a_dash()
    {
        NetworkReport extra = Samples.Ternary with
        {
            Measurements =
            [
                .. Samples.Ternary.Measurements,
                Samples.Ternary.Measurements[1] with { Protocol = "tiny/other", Value = 0.123 },
            ],
        };
        XElement[] groups = [.. new Page(Samples.Data(Samples.Teacher, extra)).Section("measurements").Descendants("tbody")];
        Assert.Equal(2, groups.Length);
        Assert.Equal(["Recall@1", "–", "0.123", "expected"], Page.Cells(groups[1].Elements("tr").Last()));
    }

    [Fact]
    public void Curves_have_a_point_for_each_radius_and_epoch()
    {
        string[] retrieval = [.. Titles("retrieval")];
        Assert.Equal(2 * 5, retrieval.Length);
        Assert.Contains("Ternary student, radius 2: precision 0.700, recall 0.750", retrieval);

        string[] training = [.. Titles("training")];
        Assert.Equal((2 * 3) + (2 * 3 * 3), training.Length);                                   // validation; loss and two terms
        Assert.Contains("Teacher, epoch 2: 0.890", training);
        Assert.Contains("loss, epoch 1: 2.50", training);
        Assert.Contains("crossEntropy, epoch 3: 0.625", training);
        Assert.Contains("codeDistillation, epoch 3: 0.500", training);
    }

    [Fact]
    public void The_kept_epoch_is_the_first_best_on_validation()
    {
        NetworkReport level = Samples.Ternary with { Epochs = [.. Samples.Ternary.Epochs, Samples.Ternary.Epochs[1] with { Epoch = 4 }] };
        Page kept = new(Samples.Data(level));
        Assert.Equal(["Ternary student", "4", "2", "0.851", "1.25"], Page.Cells(kept.Section("training").Descendants("tr").Last()));
        Assert.Equal("Ternary student, epoch 2: 0.851", Assert.Single(kept.OfClass("marked")).Value);
    }

    [Fact]
    public void Bit_health_shows_balance_entropy_and_correlation()
    {
        string[] bars = [.. page.Section("bits").Descendants("rect").Select(bar => bar.Value)];
        Assert.Equal(2 * 2 * 4, bars.Length);
        Assert.Equal(["bit 0: 0.500", "bit 1: 0.250", "bit 2: 0.750", "bit 3: 0.000"], bars[..4]);
        Assert.Equal(["bit 0: 1.000", "bit 1: 0.811", "bit 2: 0.811", "bit 3: 0.000"], bars[4..8]);
        Assert.Equal(2, page.Section("bits").Descendants("img").Count());

        // 1 + 0.811 + 0.811 = 2.622; distances from balance 0, 0.25, 0.25, 0.5; |r| of six pairs 0.5, 0.1, 0.3, 0, 0, 0.
        Assert.Equal(
            ["2.62 of 4 bits of entropy", "0.250 mean distance from balance", "1 constant bit", "correlation 0.150 mean, 0.500 largest"],
            page.OfClass("facts").First().Elements("li").Select(fact => Page.Words(fact.Value)));
    }

    [Fact]
    public void Right_neighbours_are_green_with_a_tick_and_wrong_ones_red_with_a_cross_and_their_class()
    {
        XElement[] found = [.. page.OfClass("found").First().Elements("figure")];
        Assert.Equal(["right", "wrong", "right"], found.Select(figure => figure.Attribute("class")!.Value));
        Assert.Equal(["✓ 0", "✗ 1dog", "✓ 3"], found.Select(figure => figure.Element("figcaption")!.Value));
        Assert.Equal("dog, g/2.png: wrong, distance 1", found[1].Descendants("title").Single().Value);
        Assert.Equal("Query: cat, q/1.png", page.OfClass("query").First().Element("figure")!.Descendants("title").Single().Value);
        Assert.Equal("cat2 of 3 right", page.OfClass("query").First().Element("figure")!.Element("figcaption")!.Value);
    }

    [Fact]
    public void The_last_network_is_the_tab_that_is_open()
    {
        XElement[] tabs = [.. page.Section("queries").Descendants("input")];
        Assert.Equal(2, tabs.Length);
        Assert.Equal([null, "checked"], tabs.Select(tab => (string?)tab.Attribute("checked")));
    }

    [Fact]
    public void A_picture_shown_often_is_embedded_once()
    {
        XElement[] symbols = [.. page.Html.Descendants("symbol")];
        Assert.Equal(4, symbols.Length);                                                        // shown 8 times: 4 by each network
        Assert.Equal(8, page.Html.Descendants("use").Count());
        string[] ids = [.. symbols.Select(symbol => "#" + symbol.Attribute("id")!.Value)];
        Assert.All(page.Html.Descendants("use"), use => Assert.Contains(use.Attribute("href")!.Value, ids));
        Assert.Equal(
            "data:image/png;base64," + Convert.ToBase64String(Samples.Picture(0, "", "").Png),
            symbols[0].Element("image")!.Attribute("href")!.Value);
    }

    [Fact]
    public void Recipe_and_lineage_are_shown_as_they_are()
    {
        Assert.Equal("""{ "name": "sample", "bits": 4 }""", page.Section("recipe").Element("pre")!.Value);
        XElement list = page.Section("lineage").Element("dl")!;
        Assert.Equal(["Data", "Seed", "Teacher, model", "Ternary student, model"], list.Elements("dt").Select(name => name.Value));
        Assert.Equal(["tiny, 320 pictures", "7", "teacher-sha256", "ternary-sha256"], list.Elements("dd").Select(value => value.Value));
    }

    private IEnumerable<string> Titles(string section) => page.Section(section).Descendants("circle").Select(point => point.Value);
}
