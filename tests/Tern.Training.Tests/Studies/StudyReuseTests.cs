using Tern.Training.Runs;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

/// <summary>Work that is not done twice: a cell's for the next, a neighbour's, its own before a stop.</summary>
public sealed class StudyReuseTests(FinishedStudy finished) : IClassFixture<FinishedStudy>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Equal_work_of_two_cells_is_done_once()
    {
        StudyPlan plan = finished.CopyTo(folder);
        Assert.Equal(["teacher", "teacher"], finished.Events.OfType<StageStarted>().Select(stage => stage.Stage).Where(stage => stage == "teacher"));                  // once for each code length
        Assert.Contains(finished.Events.OfType<StageCopied>(), copied => copied.Stage == "encode teacher");
        byte[] Model(string cell) => File.ReadAllBytes(Path.Combine(plan.Folder, cell, "teacher/model.onnx"));
        Assert.Equal(Model("bits=8,distillation=none"), Model("bits=8,distillation=dth"));
        Assert.NotEqual(Model("bits=8,distillation=none"), Model("bits=12,distillation=none"));
    }

    [Fact]
    public void Copied_work_equals_work_done_again()
    {
        StudyPlan shared = finished.CopyTo(folder), alone = Plan("""
            "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """, "alone");

        TinyStudy.Run(alone);

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(alone.Folder, "bits=8/ternary/model.onnx")),
            File.ReadAllBytes(Path.Combine(shared.Folder, "bits=8,distillation=dth/ternary/model.onnx")));
    }

    [Fact]
    public void Started_again_it_does_nothing_twice_and_goes_on_after_a_stop()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        TinyStudy.Stop(plan, seen => seen is CellStarted { Number: 2 });
        Assert.Equal(2, TinyStudy.Rows(plan).Count(row => row.Metric == "map"));

        List<RunEvent> second = TinyStudy.Run(plan), third = TinyStudy.Run(plan);

        Assert.Empty(second.TakeWhile(seen => seen is not CellStarted { Number: 2 }).OfType<StageStarted>());
        Assert.Equal(8, TinyStudy.Rows(plan).Count(row => row.Metric == "map"));
        Assert.Empty(third.OfType<StageStarted>());
    }

    [Fact]
    public void Stages_of_a_neighbouring_study_are_taken_over()
    {
        finished.CopyTo(folder, "first");
        StudyPlan second = Plan("""
            "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }] }]
            """, "second");

        List<RunEvent> events = TinyStudy.Run(second, [folder["runs/first"]]);

        Assert.DoesNotContain(events.OfType<StageStarted>(), stage => stage.Stage is "teacher" or "student" or "ternary");
    }

    [Fact]
    public void Stopped_while_it_looks_at_finished_cells_it_keeps_their_rows()
    {
        StudyPlan plan = finished.CopyTo(folder);

        TinyStudy.Stop(plan, seen => seen is CellStarted { Number: 2 });

        Assert.Equal(8, TinyStudy.Rows(plan).Count(row => row.Metric == "map"));
    }

    [Fact]
    public void A_row_names_the_program_that_trained_its_network_not_the_one_that_came_last()
    {
        StudyPlan plan = finished.CopyTo(folder);
        string state = Path.Combine(plan.Folder, "bits=8,distillation=none", RunFolder.StateFile), text = File.ReadAllText(state);
        Assert.Contains($"\"commit\": \"{Origin.Here.Commit}\"", text);
        File.WriteAllText(state, text.Replace($"\"commit\": \"{Origin.Here.Commit}\"", "\"commit\": \"earlier\""));

        TinyStudy.Run(plan);

        Assert.All(TinyStudy.Rows(plan), row => Assert.Equal(row.Name.StartsWith("bits=8,distillation=none", StringComparison.Ordinal) ? "earlier" : Origin.Here.Commit, row.Commit));
        Assert.All(TinyStudy.Rows(plan), row => Assert.Equal(Origin.Here.Machine, row.Machine));
    }

    [Theory]
    [InlineData(RunFolder.StateFile, false)]
    [InlineData("student/weights.safetensors", true)]
    public void A_damaged_neighbour_gives_nothing_and_stops_nothing(string file, bool unreadable)
    {
        finished.CopyTo(folder, "first");
        string damaged = folder[$"runs/first/bits=8,distillation=none/{file}"];
        File.WriteAllText(damaged, "{");
        if (unreadable)
        {
            File.Delete(damaged);
            Directory.CreateDirectory(damaged);                                                  // opening it fails, for root too
        }
        StudyPlan second = Plan(TinyStudy.Grid, "second");

        List<RunEvent> events = TinyStudy.Run(second, [folder["runs/first"]]);

        Assert.Equal(16, TinyStudy.Rows(second).Count(row => row.Metric is "map" or "recall@1"));
        Assert.Contains(events.OfType<StageCopied>(), copied => copied.Donor.EndsWith("bits=8,distillation=dth", StringComparison.Ordinal));
    }

    /// <summary>A neighbour was stopped later, after fewer epochs: in the first case its checkpoint is whole, in the second it is not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_checkpoint_that_has_done_most_is_gone_on_with(bool damaged)
    {
        StudyPlan plan = Plan(TinyStudy.Grid), neighbour = Plan(TinyStudy.Grid, "neighbour");
        TinyStudy.Stop(plan, seen => seen is TrainingAdvanced { Progress.Finished.Epoch: 2 });
        TinyStudy.Stop(neighbour, seen => seen is TrainingAdvanced { Progress.Finished.Epoch: 1 });
        if (damaged)
            foreach (string checkpoint in Directory.GetFiles(neighbour.Folder, "checkpoint-*", SearchOption.AllDirectories)) File.WriteAllText(checkpoint, "{");

        int first = TinyStudy.Run(plan, Directory.GetDirectories(neighbour.Folder)).OfType<TrainingAdvanced>().First(at => at.Progress.Finished is not null).Progress.Finished!.Epoch;

        Assert.Equal(3, first);
    }

    [Fact]
    public void A_network_taken_from_elsewhere_leaves_no_checkpoint_of_its_own_start()
    {
        StudyPlan plan = Plan(TinyStudy.Grid);
        TinyStudy.Stop(plan, seen => seen is TrainingAdvanced);
        Assert.Single(Directory.GetFiles(plan.Folder, "checkpoint-*", SearchOption.AllDirectories));
        finished.CopyTo(folder, "neighbour");

        TinyStudy.Run(plan, [folder["runs/neighbour"]]);

        Assert.Empty(Directory.GetFiles(plan.Folder, "checkpoint-*", SearchOption.AllDirectories));
    }

    /// <summary>Each leaves files of an earlier run beside a recipe they do not belong to, or beside no record of what was done.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_another_recipe_or_a_lost_record_left_is_no_result_of_a_later_cell(bool lost)
    {
        StudyPlan plan = finished.CopyTo(folder);
        string last = Path.Combine(plan.Folder, "bits=12,distillation=dth");
        if (lost) File.Delete(Path.Combine(last, RunFolder.StateFile));
        else
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Pipeline.Run(
                plan.Cells[^1].Runs[0].Recipe with { Seed = 2 }, last, TimeProvider.System, new TinyStudy.Each(seen => { if (seen is TrainingAdvanced) stop.Cancel(); }), stop.Token));
            plan = StudyPlan.Read(folder["study.json"], plan.Folder, ["seed=2"]);
        }
        TinyStudy.Stop(plan, seen => seen is CellStarted { Number: 2 });

        Assert.DoesNotContain(TinyStudy.Rows(plan), row => row.Name.StartsWith("bits=12,distillation=dth", StringComparison.Ordinal));
    }

    private StudyPlan Plan(string body, string name = "study") => TinyStudy.Plan(folder, body, name);
}
