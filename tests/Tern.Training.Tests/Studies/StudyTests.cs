using Tern.Training.Runs;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

public sealed class StudyTests : IDisposable
{
    private const string Here = "tern study study.json";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Runs_every_combination_and_writes_a_row_for_each_network_and_metric()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);

        Run(plan);

        IReadOnlyList<StudyRow> rows = Rows(plan);
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
    public void Equal_work_of_two_cells_is_done_once()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);

        List<RunEvent> events = Run(plan);

        Assert.Equal(["teacher", "teacher"], events.OfType<StageStarted>().Select(stage => stage.Stage).Where(stage => stage == "teacher"));                  // once for each code length
        Assert.Contains(events.OfType<StageCopied>(), copied => copied.Stage == "encode teacher");
        byte[] Model(string cell) => File.ReadAllBytes(Path.Combine(plan.Folder, cell, "teacher/model.onnx"));
        Assert.Equal(Model("bits=8,distillation=none"), Model("bits=8,distillation=dth"));
        Assert.NotEqual(Model("bits=8,distillation=none"), Model("bits=12,distillation=none"));
    }

    [Fact]
    public void A_network_that_does_not_depend_on_an_axis_stands_once()
    {
        StudyPlan plan = Plan(TinyStudy.Grid, networks: """["teacher", "student"]""");

        Run(plan);

        Assert.Equal(
            ["bits=8,distillation=none|dth,network=teacher", "bits=8,distillation=none,network=student", "bits=8,distillation=dth,network=student"],
            Rows(plan).Where(row => row.Metric == "map" && row.Bits == 8).Select(row => row.Name));
    }

    [Fact]
    public void Copied_work_equals_work_done_again()
    {
        StudyPlan shared = Plan(TinyStudy.Grid), alone = Plan("""
            "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """, "alone");

        Run(shared);
        Run(alone, neighbours: []);

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(alone.Folder, "bits=8/ternary/model.onnx")),
            File.ReadAllBytes(Path.Combine(shared.Folder, "bits=8,distillation=dth/ternary/model.onnx")));
    }

    [Fact]
    public void Started_again_it_does_nothing_twice_and_goes_on_after_a_stop()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Study.Run(plan, Here, [], TimeProvider.System, new Each(seen =>
        {
            if (seen is CellStarted { Number: 2 }) stop.Cancel();
        }), stop.Token));
        Assert.Equal(2, Rows(plan).Count(row => row.Metric == "map"));

        List<RunEvent> second = Run(plan), third = Run(plan);

        Assert.Empty(second.TakeWhile(seen => seen is not CellStarted { Number: 2 }).OfType<StageStarted>());
        Assert.Equal(8, Rows(plan).Count(row => row.Metric == "map"));
        Assert.Empty(third.OfType<StageStarted>());
    }

    [Fact]
    public void Stages_of_a_neighbouring_study_are_taken_over()
    {
        Run(Plan(TinyStudy.Grid, "first"));
        StudyPlan second = Plan("""
            "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """, "second");

        List<RunEvent> events = Run(second, [folder["runs/first"]]);

        Assert.DoesNotContain(events.OfType<StageStarted>(), stage => stage.Stage is "teacher" or "student" or "ternary");
    }

    [Fact]
    public void Several_seeds_give_mean_and_spread()
    {
        StudyPlan plan = Plan("""
            "seeds": [1, 2], "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """);

        Run(plan);

        StudyRow row = Rows(plan).First(row => row.Metric == "map");
        double[] single = [.. new[] { 1, 2 }.Select(seed => NetworkResult.Read(Path.Combine(plan.Folder, $"bits=8,seed={seed}"), "student").Measurements[0].Value)];
        Assert.Equal(single.Average(), row.Value, 4);
        Assert.Equal(Math.Abs(single[0] - single[1]) / Math.Sqrt(2), row.Spread!.Value, 4);
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

        Assert.Contains("teacher.training.batches.classes: must be at most 3", Assert.Throws<TernException>(() => Run(plan)).Message);
    }

    [Fact]
    public void Stopped_while_it_looks_at_finished_cells_it_keeps_their_rows()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        Run(plan);
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => Study.Run(plan, Here, [], TimeProvider.System, new Each(seen =>
        {
            if (seen is CellStarted { Number: 2 }) stop.Cancel();
        }), stop.Token));

        Assert.Equal(8, Rows(plan).Count(row => row.Metric == "map"));
    }

    [Fact]
    public void With_several_seeds_a_cell_starts_from_the_weights_of_its_own_seed()
    {
        StudyPlan plan = Plan("""
            "seeds": [1, 2], "axes": [{ "name": "epochs", "values": [{ "name": "4" }, { "name": "1", "set": { "student": {
              "start": { "weights": "{study}/epochs=4,seed={seed}/student/weights.safetensors" }, "training": { "epochs": 1 } } } }] }]
            """);

        Run(plan);

        Assert.Equal(
            [folder["runs/study/epochs=4,seed=1/student/weights.safetensors"], folder["runs/study/epochs=4,seed=2/student/weights.safetensors"]],
            plan.Cells[1].Runs.Select(run => run.Recipe.Student!.Start!.Weights));
        Assert.Equal(4, Rows(plan).Count(row => row.Metric == "map"));
    }

    [Fact]
    public void A_row_names_the_program_that_trained_its_network_not_the_one_that_came_last()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        Run(plan);
        string state = Path.Combine(plan.Folder, "bits=8,distillation=none", RunFolder.StateFile), text = File.ReadAllText(state);
        Assert.Contains($"\"commit\": \"{Origin.Here.Commit}\"", text);
        File.WriteAllText(state, text.Replace($"\"commit\": \"{Origin.Here.Commit}\"", "\"commit\": \"earlier\""));

        Run(plan);

        Assert.All(Rows(plan), row => Assert.Equal(row.Name.StartsWith("bits=8,distillation=none", StringComparison.Ordinal) ? "earlier" : Origin.Here.Commit, row.Commit));
        Assert.All(Rows(plan), row => Assert.Equal(Origin.Here.Machine, row.Machine));
    }

    [Fact]
    public void A_damaged_neighbour_gives_nothing_and_stops_nothing()
    {
        Run(Plan(TinyStudy.Grid, "first"));
        File.WriteAllText(folder[$"runs/first/bits=8,distillation=none/{RunFolder.StateFile}"], "{");
        StudyPlan second = Plan(TinyStudy.Grid, "second");

        List<RunEvent> events = Run(second, [folder["runs/first"]]);

        Assert.Equal(16, Rows(second).Count(row => row.Metric is "map" or "recall@1"));
        Assert.Contains(events.OfType<StageCopied>(), copied => copied.Donor.EndsWith("bits=8,distillation=dth", StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_taken_from_elsewhere_leaves_no_checkpoint_of_its_own_start()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Study.Run(plan, Here, [], TimeProvider.System, new Each(seen =>
        {
            if (seen is TrainingAdvanced) stop.Cancel();
        }), stop.Token));
        Assert.Single(Directory.GetFiles(plan.Folder, "checkpoint-*", SearchOption.AllDirectories));
        Run(Plan(TinyStudy.Grid, "neighbour"));

        Run(plan, [folder["runs/neighbour"]]);

        Assert.Empty(Directory.GetFiles(plan.Folder, "checkpoint-*", SearchOption.AllDirectories));
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

        TernException error = Assert.Throws<TernException>(() => Study.Run(plan, Here, [], TimeProvider.System, new Each(events.Add), CancellationToken.None));

        Assert.Contains("1 of 2 cells failed; the same command tries them again. The first, rate=endless: student: ", error.Message);
        Assert.Contains(events.OfType<RunWarning>(), warning => warning.Text.StartsWith("rate=endless failed: student: ", StringComparison.Ordinal));
        Assert.All(Rows(plan), row => Assert.Equal("usual", row.Axes["rate"]));
        Assert.Equal(2, Rows(plan).Count(row => row.Metric == "map"));
    }

    /// <summary>Each leaves files of an earlier run beside a recipe they do not belong to, or beside no record of what was done.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_another_recipe_or_a_lost_record_left_is_no_result_of_a_later_cell(bool lost)
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        Run(plan);
        string last = Path.Combine(plan.Folder, "bits=12,distillation=dth");
        if (lost) File.Delete(Path.Combine(last, RunFolder.StateFile));
        else
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Pipeline.Run(
                plan.Cells[^1].Runs[0].Recipe with { Seed = 2 }, last, TimeProvider.System, new Each(seen => { if (seen is TrainingAdvanced) stop.Cancel(); }), stop.Token));
            plan = StudyPlan.Read(folder["study.json"], plan.Folder, ["seed=2"]);
        }
        using var first = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Study.Run(plan, Here, [], TimeProvider.System, new Each(seen =>
        {
            if (seen is CellStarted { Number: 2 }) first.Cancel();
        }), first.Token));

        Assert.DoesNotContain(Rows(plan), row => row.Name.StartsWith("bits=12,distillation=dth", StringComparison.Ordinal));
    }

    [Fact]
    public void A_chart_takes_some_of_the_values_of_an_axis()
    {
        StudyPlan plan = Plan("""
            "axes": [{ "name": "t", "values": [{ "name": "0.1", "set": { "quantize": { "threshold": 0.1 } } }, { "name": "0.2", "set": { "quantize": { "threshold": 0.2 } } },
              { "name": "0.3", "set": { "quantize": { "threshold": 0.3 } } }] }],
            "charts": [{ "title": "Size", "x": "zeroRatio", "along": "t", "where": ["t=0.1|0.3", "network=ternary"] }]
            """);

        Run(plan);

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

        Run(plan);

        string page = File.ReadAllText(Path.Combine(plan.Folder, "report.html"));
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(page, "<circle[^>]*><title>zeros="));
        Assert.Equal(1, System.Text.RegularExpressions.Regex.Count(page, "class=\"line\""));
        Assert.Contains("no network here has both zeroRatio and mapp. Metrics are map, map@r, r-precision, recall@1", page);
    }

    private StudyPlan Plan(string body, string name = "study", string networks = TinyStudy.Networks) => TinyStudy.Plan(folder, body, name, networks);

    private static List<RunEvent> Run(StudyPlan plan, string[]? neighbours = null)
    {
        var events = new List<RunEvent>();
        Study.Run(plan, Here, neighbours ?? [], TimeProvider.System, new Each(events.Add), CancellationToken.None);
        return events;
    }

    private static IReadOnlyList<StudyRow> Rows(StudyPlan plan) => StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json")));

    private sealed class Each(Action<RunEvent> see) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => see(value);
    }
}
