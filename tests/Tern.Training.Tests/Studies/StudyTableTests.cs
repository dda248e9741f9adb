using Tern.Training.Studies;

namespace Tern.Training.Tests.Studies;

public sealed class StudyTableTests
{
    private static readonly StudySpec Spec = new("codes", "recipe.json", [new AxisSpec("bits", [new AxisValue("128")])], ["teacher", "student"]);

    [Fact]
    public void What_pictures_are_found_by_has_a_line_each()
    {
        StudyRow[] rows =
        [
            Row("teacher", "embedding", "map", 0.6), Row("teacher", "embedding", "recall@1", 0.9),
            Row("student", "code", "map", 0.5), Row("student", "code", "recall@1", 0.8),
            Row("student", "code", "map+rerank100", 0.55), Row("student", "code", "recall@1+rerank100", 0.85),
        ];
        Assert.Equal(
            [
                "codes: cars/test-leave-one-out/query8-db8/full, ties: expected, seed 1", "",
                "| bits | network | found by | mAP | Recall@1 | bytes | minutes |",
                "| --- | --- | --- | ---: | ---: | ---: | ---: |",
                "| 128 | teacher | embedding | 0.600 | 0.900 | 1,000 | 2.0 |",
                "| 128 | student | code | 0.500 | 0.800 | 1,000 | 2.0 |",
                "| 128 | student | code+rerank100 | 0.550 | 0.850 | 1,000 | 2.0 |",
                "", "All networks together: 4 minutes.",
            ],
            StudyTable.Markdown(Spec, rows).TrimEnd().Split('\n'));
        Assert.Contains("128,student,map+rerank100,0.55,,cars/test-leave-one-out/query8-db8/full,expected,code,,,128,1000,2\n", StudyTable.Csv(Spec, rows));
    }

    [Fact]
    public void Where_all_are_found_by_the_same_it_is_not_said()
    {
        StudyRow[] rows = [Row("teacher", "code", "map", 0.6), Row("student", "code", "map", 0.5)];
        Assert.Contains("| bits | network | mAP | bytes | minutes |\n", StudyTable.Markdown(Spec, rows));
        Assert.Contains("| 128 | student | 0.500 | 1,000 | 2.0 |\n", StudyTable.Markdown(Spec, rows));
    }

    /// <summary>Such a name has a bar in it, which Markdown would take for a column's end.</summary>
    [Fact]
    public void A_network_that_cells_share_is_one_line_and_counted_once()
    {
        StudyRow shared = Row("teacher", "code", "map", 0.6) with { Name = "bits=128|64", Axes = new Dictionary<string, string> { ["bits"] = "128|64", ["network"] = "teacher" } };
        string table = StudyTable.Markdown(Spec, [shared, shared with { Metric = "recall@1" }, shared with { Protocol = "cars/validation-leave-one-out/query8-db8/full" }]);
        Assert.Contains("| 128\\|64 | teacher | 0.600 | 0.600 | 1,000 | 2.0 |\n", table);
        Assert.EndsWith("\nAll networks together: 2 minutes.\n", table);
    }

    [Fact]
    public void A_network_that_many_cells_share_stands_for_all_of_them()
    {
        StudySpec spec = Spec with { Axes = [new AxisSpec("bits", [.. "16 32 48 64 128".Split(' ').Select(bits => new AxisValue(bits))])] };
        StudyRow Shared(string bits) => Row("teacher", "code", "map", 0.6) with { Axes = new Dictionary<string, string> { ["bits"] = bits, ["network"] = "teacher" } };
        Assert.Contains("| all | teacher | 0.600 |", StudyTable.Markdown(spec, [Shared("16|32|48|64|128")]));
        Assert.Contains("| 16\\|32\\|48\\|64 | teacher | 0.600 |", StudyTable.Markdown(spec, [Shared("16|32|48|64")]));
        Assert.StartsWith("bits,network,metric,value,spread,protocol,ties,ranked,split,model,bits,bytes,minutes\n16|32|48|64|128,teacher,", StudyTable.Csv(spec, [Shared("16|32|48|64|128")]));
    }

    [Fact]
    public void Seeds_give_every_number_its_spread_and_a_note_stands_above_all()
    {
        StudyRow[] rows = [Row("student", "code", "map", 0.5) with { Seeds = [1, 2], Spread = 0.02 }, Row("student", "code", "recall@1", 0.8) with { Seeds = [1, 2], Spread = 0.01 }];
        string table = StudyTable.Markdown(Spec with { Note = "Of made pictures." }, rows);
        Assert.StartsWith("Of made pictures.\n\ncodes: ", table);
        Assert.Contains("| 128 | student | 0.500 ± 0.020 | 0.800 ± 0.010 | 1,000 | 2.0 |\n", table);
    }

    private static StudyRow Row(string network, string ranked, string metric, double value) => new(
        $"bits=128,network={network}", new Dictionary<string, string> { ["bits"] = "128", ["network"] = network }, metric, value, null,
        "cars/test-leave-one-out/query8-db8/full", "expected", [1], ranked == "code" ? 128 : null, 1000, new Dictionary<string, double>(), 2, "", "", "", ranked);
}
