using Tern.Evaluation;
using Tern.Training.Protocols;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

/// <summary>A run that is judged by pairs, with retrieval and without.</summary>
public sealed class VerificationReportTests
{
    private const string Protocol = "faces/view2/8 pairs/2 folds";

    private static readonly Measurement[] Judged =
    [
        Row("accuracy", 0.956, null, "cosine"), Row("accuracy.standardError", 0.004, null, "cosine"), Row("eer", 0.05, null, "cosine"),
        Row("accuracy", 0.912, 4, "hamming"), Row("tpr@fpr1e-3", 0.71, 4, "hamming"),
    ];

    private static readonly MeasuredRoc[] Curves =
    [
        new($"{Protocol}/cosine", null, 7, "m", null, [new(null, 0, 0), new(0.25, 0, 0.8), new(1.5, 1, 1)]),
        new($"{Protocol}/hamming", null, 7, "m", 4, [new(null, 0, 0), new(2, 0.5, 0.75), new(4, 1, 1)]),
    ];

    private static readonly NetworkReport Ternary = Samples.Ternary with
    {
        MeanAveragePrecision = null, RecallAt1 = null, Measurements = Judged, Curve = [], Queries = [], Roc = Curves,
    };

    private readonly Page page = new(Samples.Data(Ternary) with { Queries = 0, Gallery = 0, Protocol = Protocol });

    [Fact]
    public void The_headline_is_the_share_of_pairs_told_right_by_codes()
    {
        Assert.Equal("A network of two-bit weights tells 0.912 of pairs right at 4 bits in 455 KiB.", page.Headline);
        Assert.Contains(Protocol, page.Html.Descendants("header").Single().Value);
        Assert.DoesNotContain("queries", page.Html.Descendants("header").Single().Value);
    }

    [Fact]
    public void The_chain_has_both_accuracies_and_no_mAP()
    {
        Assert.Equal(
            ["Stage", "Parameters", "Multiply-adds", "On disk", "Accuracy, embeddings", "Accuracy, codes", "Encode one image"], Page.Cells(page.Section("chain").Descendants("tr").First()));
        Assert.Equal(["0.956", "0.912"], Page.Cells(page.Section("chain").Descendants("tr").Last())[4..6]);
        Assert.DoesNotContain("mAP", page.Section("chain").Value);
        Assert.Contains("The recipe asks for no retrieval.", page.Section("retrieval").Value);
    }

    [Fact]
    public void The_curves_are_drawn_a_chart_for_each_distance()
    {
        Assert.Equal(2, page.Section("verification").Descendants("svg").Count(svg => (string?)svg.Attribute("role") == "img"));
        string[] points = [.. page.Section("verification").Descendants("circle").Select(circle => circle.Value)];
        Assert.Equal(6, points.Length);
        Assert.Contains("Ternary student: 0.750 of same and 0.500 of different pairs called the same, up to 2.00", points);
        Assert.Contains("Equal error rate", page.Section("measurements").Value);
        Assert.Contains("True positives at 1e-3 false ones", page.Section("measurements").Value);
    }

    [Fact]
    public void Beside_retrieval_both_stand_in_the_chain()
    {
        Page both = new(Samples.Data(Samples.Ternary with { Measurements = [.. Samples.Ternary.Measurements, .. Judged], Roc = Curves }));
        string[] titles = Page.Cells(both.Section("chain").Descendants("tr").First());
        Assert.Equal(["mAP", "Recall@1", "Accuracy, embeddings", "Accuracy, codes"], titles[4..8]);
        Assert.Contains("finds 0.861 mAP", both.Headline);
    }

    [Fact]
    public void A_run_without_pairs_has_no_such_section() =>
        Assert.DoesNotContain(new Page(Samples.Data(Samples.Ternary)).Html.Descendants("section"), section => (string?)section.Attribute("id") == "verification");

    [Fact]
    public void The_summary_keeps_both()
    {
        StageSummary stage = RunSummary.FromJson(RunSummary.ToJson(Samples.Data(Ternary))).Stages.Single();
        Assert.Equal((0.956, 0.912), (stage.Accuracy!.Value, stage.CodeAccuracy!.Value));
        Assert.Null(stage.Map);
    }

    private static Measurement Row(string metric, double value, int? bits, string distance) =>
        new() { Metric = metric, Value = value, Protocol = $"{Protocol}/{distance}", Bits = bits, Ties = "together", Seed = 7 };
}
