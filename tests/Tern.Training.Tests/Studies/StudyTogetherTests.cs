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
            if (happened is not StudyWaits) return;
            Assert.Contains("report", stages);                                // of the cell that needs another teacher
            Assert.Single(stages, "teacher");
            other.Dispose();
        });

        Assert.Equal(2, stages.Count(stage => stage == "teacher"));
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

        Assert.NotSame(writer, await Task.WhenAny(writer, Task.Delay(TimeSpan.FromSeconds(2))));
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

        Assert.All(TinyStudy.Run(StudyPlan.Read(folder["study.json"], plan.Folder)).OfType<StageStarted>(), stage => Assert.Equal("report", stage.Stage));   // which says how many
    }

    private static void Run(StudyPlan plan, Action<RunEvent> see) =>
        Study.Run(plan, TinyStudy.Command, [], TimeProvider.System, new TinyStudy.Each(see), CancellationToken.None);
}
