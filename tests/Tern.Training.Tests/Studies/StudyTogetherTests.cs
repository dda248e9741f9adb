using Tern.Training.Runs;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

/// <summary>What a process does beside another one that runs the same study: the other is a lock that the test holds.</summary>
public sealed class StudyTogetherTests : IDisposable
{
    private const string Bits = """
        "axes": [{ "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }, { "name": "12", "set": { "bits": 12 } }] }]
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_cell_at_which_another_works_is_left_to_it_and_taken_over_when_it_dies()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Bits);
        IDisposable other = RunFolder.Open(plan.Cells[0].Runs[0].Folder);
        List<string> seen = [];
        Run(plan, happened =>
        {
            if (happened is CellStarted cell) seen.Add(cell.Cell);
            if (happened is not StudyWaits waits) return;
            seen.Add($"waits for {waits.Left}");
            Assert.Equal(["12"], TinyStudy.Rows(plan).Select(row => row.Axes["bits"]).Distinct());
            other.Dispose();
        });

        Assert.Equal(["bits=8", "bits=12", "waits for 1", "bits=8"], seen);
        Assert.Equal(["8", "12"], TinyStudy.Rows(plan).Select(row => row.Axes["bits"]).Distinct());
    }

    [Fact]
    public void A_stage_that_another_is_at_is_not_done_twice()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Bits);
        TinyStudy.Stop(plan, seen => seen is StageStarted { Stage: "teacher" });
        string claim = Directory.GetFiles(Path.Combine(plan.Folder, ".claims"), "teacher-*").Single();
        IDisposable other = FileLock.TryTake(claim)!;
        List<string> stages = [];
        Run(plan, happened =>
        {
            if (happened is StageStarted stage) stages.Add(stage.Stage);
            if (happened is not StudyWaits waits) return;
            stages.Add($"waits for {Path.GetFileName(waits.Held)}");
            other.Dispose();
        });

        Assert.Equal(["teacher", $"waits for {Path.GetFileName(claim)}", "teacher"], stages.Where(stage => stage == "teacher" || stage.StartsWith("waits", StringComparison.Ordinal)));
        Assert.True(stages.IndexOf("report") < stages.FindIndex(stage => stage.StartsWith("waits", StringComparison.Ordinal)), "the cell that needs another teacher should have gone ahead");
    }

    /// <summary>Two cells of one teacher: it has been begun in the first, taken further in the second while the first was held, and is gone on with in the first.</summary>
    [Fact]
    public void A_stage_that_another_has_begun_is_gone_on_with()
    {
        StudyPlan plan = TinyStudy.Plan(folder, """
            "axes": [{ "name": "threshold", "values": [{ "name": "0.05", "set": { "quantize": { "threshold": 0.05 } } }, { "name": "0.1", "set": { "quantize": { "threshold": 0.1 } } }] }]
            """);
        TinyStudy.Stop(plan, seen => seen is TrainingAdvanced { Progress: { Name: "teacher", Finished.Epoch: 1 } });
        using (RunFolder.Open(plan.Cells[0].Runs[0].Folder))
            TinyStudy.Stop(plan, seen => seen is TrainingAdvanced { Progress: { Name: "teacher", Finished.Epoch: 2 } });

        List<int> epochs = [.. TinyStudy.Run(plan).OfType<TrainingAdvanced>().Where(at => at.Progress is { Name: "teacher", Finished: not null }).Select(at => at.Progress.Finished!.Epoch)];

        Assert.Equal([3, 4], epochs);
        Assert.Empty(Directory.GetFiles(plan.Folder, "checkpoint-*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Bits);
        Directory.CreateDirectory(plan.Folder);
        File.WriteAllText(Path.Combine(plan.Folder, ".claims"), "a file");

        string message = Assert.Throws<TernException>(() => TinyStudy.Run(plan)).Message;
        Assert.Contains($"{Path.Combine(plan.Folder, ".claims")} cannot be written", message);
        Assert.Contains("--out", message);
    }

    /// <summary>Two processes that write the same files at once would leave neither.</summary>
    [Fact]
    public async Task Results_are_written_by_one_at_a_time()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Bits);
        TinyStudy.Run(plan);
        File.Delete(Path.Combine(plan.Folder, "results.json"));
        IDisposable other = FileLock.TryTake(Path.Combine(plan.Folder, ".claims", "results"))!;
        Task writer = Task.Run(() => TinyStudy.Run(plan));

        Assert.NotSame(writer, await Task.WhenAny(writer, Task.Delay(TimeSpan.FromSeconds(5))));
        Assert.False(File.Exists(Path.Combine(plan.Folder, "results.json")));
        other.Dispose();
        await writer.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.NotEmpty(TinyStudy.Rows(plan));
    }

    [Fact]
    public void Work_goes_on_with_another_number_of_cores()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Bits);
        TinyStudy.Run(plan);
        File.WriteAllText(folder["recipe.json"], File.ReadAllText(folder["recipe.json"]).Replace("\"threads\": 1", "\"threads\": 2"));

        Assert.Equal(["report", "report"], TinyStudy.Run(StudyPlan.Read(folder["study.json"], plan.Folder)).OfType<StageStarted>().Select(stage => stage.Stage));   // which say how many
    }

    private static void Run(StudyPlan plan, Action<RunEvent> see) =>
        Study.Run(plan, TinyStudy.Command, [], TimeProvider.System, new TinyStudy.Each(see), CancellationToken.None);
}
