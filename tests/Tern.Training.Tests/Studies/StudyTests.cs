using Tern.Training.Runs;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

/// <summary>What a study runs and writes.</summary>
public sealed class StudyTests(FinishedStudy finished) : IClassFixture<FinishedStudy>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Runs_every_combination_and_writes_a_row_for_each_network_and_metric()
    {
        StudyPlan plan = finished.CopyTo(folder);

        IReadOnlyList<StudyRow> rows = TinyStudy.Rows(plan);
        Assert.Equal(
            from bits in new[] { "8", "12" } from distillation in new[] { "none", "dth" } from network in new[] { "student", "ternary" }
            select $"bits={bits},distillation={distillation},network={network}",
            rows.Where(row => row.Metric == "map").Select(row => row.Name));
        Assert.All(rows.Where(row => row.Metric == "map"), row =>
        {
            Assert.InRange(row.Value, 0, 1);
            Assert.Equal(row.Axes["bits"], $"{row.Bits}");
            Assert.Equal(new FileInfo(Path.Combine(plan.Folder, $"bits={row.Axes["bits"]},distillation={row.Axes["distillation"]}", row.Axes["network"], "model.onnx")).Length, row.Bytes);
        });
    }

    [Fact]
    public void A_network_that_does_not_depend_on_an_axis_stands_once()
    {
        StudyPlan plan = finished.CopyTo(folder, networks: """["teacher", "student"]""");

        TinyStudy.Run(plan);

        Assert.Equal(
            ["bits=8,distillation=none|dth,network=teacher", "bits=8,distillation=none,network=student", "bits=8,distillation=dth,network=student"],
            TinyStudy.Rows(plan).Where(row => row.Metric == "map" && row.Bits == 8).Select(row => row.Name));
    }

    [Fact]
    public void Several_seeds_give_mean_and_spread()
    {
        StudyPlan plan = Plan("""
            "seeds": [1, 2], "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """);

        TinyStudy.Run(plan);

        StudyRow row = TinyStudy.Rows(plan).First(row => row.Metric == "map");
        double[] single = [.. new[] { 1, 2 }.Select(seed => NetworkResult.Read(Path.Combine(plan.Folder, $"bits=8,seed={seed}"), "student").Measurements[0].Value)];
        Assert.Equal(single.Average(), row.Value, 4);
        Assert.Equal(Math.Abs(single[0] - single[1]) / Math.Sqrt(2), row.Spread!.Value, 4);
        Assert.Equal(single, row.Values!, (one, other) => Math.Abs(one - other) < 1e-4);
        Assert.Equal([1ul, 2ul], row.Seeds);
    }

    [Fact]
    public void Every_cell_is_held_against_the_labels_not_only_the_one_that_reads_them()
    {
        StudyPlan plan = Plan("""
            "axes": [{ "name": "batches", "values": [
              { "name": "shuffled" },
              { "name": "balanced", "set": { "teacher": { "training": { "batchSize": 128, "batches": { "type": "balanced", "classes": 4, "perClass": 4 } } } } }] }]
            """);

        Assert.Contains("teacher.training.batches.classes: must be at most 3", Assert.Throws<TernException>(() => TinyStudy.Run(plan)).Message);
    }

    [Fact]
    public void With_several_seeds_a_cell_starts_from_the_weights_of_its_own_seed()
    {
        StudyPlan plan = Plan("""
            "seeds": [1, 2], "axes": [{ "name": "epochs", "values": [{ "name": "4" }, { "name": "1", "set": { "student": {
              "start": { "weights": "{study}/epochs=4,seed={seed}/student/weights.safetensors" }, "training": { "epochs": 1 } } } }] }]
            """);

        TinyStudy.Run(plan);

        Assert.Equal(
            [folder["runs/study/epochs=4,seed=1/student/weights.safetensors"], folder["runs/study/epochs=4,seed=2/student/weights.safetensors"]],
            plan.Cells[1].Runs.Select(run => run.Recipe.Student!.Start!.Weights));
        Assert.Equal(4, TinyStudy.Rows(plan).Count(row => row.Metric == "map"));
    }

    [Fact]
    public void A_cell_that_fails_is_told_and_the_others_are_run()
    {
        StudyPlan plan = Plan("""
            "axes": [{ "name": "rate", "values": [
              { "name": "endless", "set": { "student": { "training": { "optimizer": { "learningRate": 1e30 } } } } },
              { "name": "usual" }] }]
            """);
        var events = new List<RunEvent>();

        TernException error = Assert.Throws<TernException>(() => Study.Run(plan, TinyStudy.Command, [], TimeProvider.System, new TinyStudy.Each(events.Add), CancellationToken.None));

        Assert.Contains("1 of 2 cells failed; the same command tries them again. The first, rate=endless: student: ", error.Message);
        Assert.Contains(events.OfType<RunWarning>(), warning => warning.Text.StartsWith("rate=endless failed: student: ", StringComparison.Ordinal));
        Assert.All(TinyStudy.Rows(plan), row => Assert.Equal("usual", row.Axes["rate"]));
        Assert.Equal(2, TinyStudy.Rows(plan).Count(row => row.Metric == "map"));
    }

    [Fact]
    public void A_chart_takes_some_of_the_values_of_an_axis()
    {
        StudyPlan plan = Plan("""
            "axes": [{ "name": "t", "values": [{ "name": "0.1", "set": { "quantize": { "threshold": 0.1 } } }, { "name": "0.2", "set": { "quantize": { "threshold": 0.2 } } },
              { "name": "0.3", "set": { "quantize": { "threshold": 0.3 } } }] }],
            "charts": [{ "title": "Size", "x": "zeroRatio", "along": "t", "where": ["t=0.1|0.3", "network=ternary"] }]
            """);

        TinyStudy.Run(plan);

        string page = File.ReadAllText(Path.Combine(plan.Folder, "report.html"));
        Assert.Equal(["0.1", "0.3"], System.Text.RegularExpressions.Regex.Matches(page, "<circle[^>]*><title>t=([0-9.]+)").Select(point => point.Groups[1].Value).Order());
    }

    [Fact]
    public void Numbers_of_rows_are_joined_along_an_axis()
    {
        StudyPlan plan = Plan("""
            "axes": [{ "name": "zeros", "values": [{ "name": "few", "set": { "quantize": { "threshold": 0.05 } } }, { "name": "many", "set": { "quantize": { "threshold": 0.5 } } }] }],
            "charts": [{ "title": "Size", "x": "zeroRatio", "along": "zeros", "where": ["network=ternary"] }, { "title": "None", "x": "zeroRatio", "y": "mapp" }]
            """);

        TinyStudy.Run(plan);

        string page = File.ReadAllText(Path.Combine(plan.Folder, "report.html"));
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(page, "<circle[^>]*><title>zeros="));
        Assert.Equal(1, System.Text.RegularExpressions.Regex.Count(page, "class=\"line\""));
        Assert.Contains("no network here has both zeroRatio and mapp. Metrics are map, map@r, r-precision, recall@1", page);
    }

    private StudyPlan Plan(string body) => TinyStudy.Plan(folder, body);
}
