using System.Text.RegularExpressions;
using Tern.Training.Runs;
using Tern.Training.Studies;

namespace Tern.Training.Tests.Studies;

/// <summary>Numbers that outlive the run folders they come from.</summary>
public sealed class StudyKeepTests(FinishedStudy finished) : IClassFixture<FinishedStudy>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_cell_whose_numbers_are_kept_is_not_run_again()
    {
        StudyPlan plan = Kept();
        string[] before = [.. Files(plan)];
        Directory.Delete(plan.Folder, recursive: true);

        List<RunEvent> events = Run(plan);

        Assert.Equal(4, events.OfType<CellKept>().Count());
        Assert.Empty(events.OfType<CellStarted>());
        Assert.Equal(before, Files(plan));
    }

    [Fact]
    public void Numbers_that_are_kept_go_on_naming_the_command_that_made_them()
    {
        StudyPlan plan = Kept();
        Directory.Delete(plan.Folder, recursive: true);

        Study.Run(plan, "tern study again", [], TimeProvider.System, new TinyStudy.Each(_ => { }), default, folder["results"]);

        Assert.All(StudyRow.FromJson(File.ReadAllText(folder["results/study.json"])), row => Assert.Equal(TinyStudy.Command, row.Command));
    }

    [Fact]
    public void Numbers_of_another_recipe_are_not_taken_and_it_is_said()
    {
        StudyPlan plan = Kept();
        Directory.Delete(plan.Folder, recursive: true);
        StudyPlan other = StudyPlan.Read(folder["study.json"], plan.Folder, ["seed=2"]);
        List<string> warnings = [];

        Assert.Throws<OperationCanceledException>(() => Run(other, stopAt: seen =>
        {
            if (seen is RunWarning warning) warnings.Add(warning.Text);
            return seen is CellStarted;
        }));

        Assert.Equal(4, warnings.Count);
        Assert.Contains($"{folder["results/study/bits=8,distillation=dth.json"]} holds the numbers of another recipe or of other pictures: bits=8,distillation=dth is run", warnings);
    }

    [Fact]
    public void Where_data_and_runs_lie_and_how_many_threads_work_makes_no_other_run()
    {
        StudyPlan plan = Kept();
        Directory.CreateDirectory(folder["elsewhere"]);
        Directory.Move(folder["data"], folder["elsewhere/data"]);
        StudyPlan moved = StudyPlan.Read(folder["study.json"], folder["other"], ["data.path=elsewhere/data", "threads=1"]);

        Assert.Equal(4, Run(moved).OfType<CellKept>().Count());
    }

    [Fact]
    public void Numbers_of_pictures_by_another_name_are_not_taken()
    {
        StudyPlan plan = Kept();
        Directory.Move(folder["data"], folder["others"]);
        StudyPlan other = StudyPlan.Read(folder["study.json"], folder["other"], ["data.path=others"]);

        Assert.Throws<OperationCanceledException>(() => Run(other, stopAt: seen => seen is CellKept ? throw new InvalidOperationException("taken") : seen is CellStarted));
    }

    internal const string Student = """["student"]""";

    /// <summary>Two chains of two cells; the second of a chain starts from the weights of the first.</summary>
    private const string Chain = """
        "axes": [
          { "name": "seeds", "values": [
            { "name": "1", "set": { "teacher": null, "quantize": null, "student": { "objective": [{ "type": "crossEntropy" }] } } },
            { "name": "2", "set": { "teacher": null, "quantize": null, "student": { "objective": [{ "type": "crossEntropy" }] }, "seed": 2 } }] },
          { "name": "epochs", "values": [{ "name": "2", "set": { "student": { "training": { "epochs": 2 } } } }, { "name": "1", "set": { "student": {
              "start": { "weights": "{study}/seeds={seeds},epochs=2/student/weights.safetensors" }, "training": { "epochs": 1 } } } }] }]
        """;

    [Fact]
    public void A_cell_is_run_again_where_another_starts_from_its_weights()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Chain, networks: Student);
        Run(plan);
        Directory.Delete(plan.Folder, recursive: true);
        File.Delete(folder["results/study/seeds=2,epochs=1.json"]);

        List<RunEvent> events = Run(plan);

        Assert.Equal(["seeds=1,epochs=2", "seeds=1,epochs=1"], events.OfType<CellKept>().Select(cell => cell.Cell));
        Assert.Equal(["seeds=2,epochs=2", "seeds=2,epochs=1"], events.OfType<CellStarted>().Select(cell => cell.Cell));

        Directory.Delete(Path.Combine(plan.Folder, "seeds=2,epochs=2"), recursive: true);          // the one that has ended asks for its weights too
        Assert.Equal(["seeds=2,epochs=2", "seeds=2,epochs=1"], Run(plan).OfType<CellStarted>().Select(cell => cell.Cell));
    }

    [Fact]
    public void Numbers_are_not_taken_of_a_cell_that_started_from_another_recipe()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Chain, networks: Student);
        Run(plan);
        Directory.Delete(plan.Folder, recursive: true);
        StudyPlan changed = TinyStudy.Plan(folder, Chain.Replace("""{ "epochs": 2 }""", """{ "epochs": 3 }"""), networks: Student);

        Assert.Equal(4, Run(changed).OfType<CellStarted>().Count());
    }

    /// <summary>Two seeds of two cells; the second starts from the weights of the first.</summary>
    internal const string Seeds = """
        "seeds": [1, 2], "axes": [{ "name": "epochs", "values": [
          { "name": "2", "set": { "teacher": null, "quantize": null, "student": { "objective": [{ "type": "crossEntropy" }], "training": { "epochs": 2 } } } },
          { "name": "1", "set": { "teacher": null, "quantize": null, "student": { "objective": [{ "type": "crossEntropy" }],
              "start": { "weights": "{study}/epochs=2,seed={seed}/student/weights.safetensors" }, "training": { "epochs": 1 } } } }] }]
        """;

    [Fact]
    public void Of_several_seeds_only_those_are_run_whose_numbers_are_missing()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Seeds, networks: Student);
        Run(plan);
        Directory.Delete(plan.Folder, recursive: true);
        Assert.Equal(2, Run(plan).OfType<CellKept>().Count());
        File.Delete(folder["results/study/epochs=1,seed=2.json"]);
        Directory.Delete(plan.Folder, recursive: true);

        Study.Run(plan, "tern study again", [], TimeProvider.System, new TinyStudy.Each(_ => { }), default, folder["results"]);

        Assert.Equal(["epochs=1,seed=2", "epochs=2,seed=2"], Directory.GetDirectories(plan.Folder, "epochs=*").Select(Path.GetFileName).Order());
        Assert.All(StudyRow.FromJson(File.ReadAllText(folder["results/study.json"])), row =>
        {
            Assert.Equal([1ul, 2ul], row.Seeds);
            Assert.Equal($"{TinyStudy.Command}|tern study again", row.Command);
        });
    }

    [Fact]
    public void A_seed_is_kept_before_its_cell_has_ended_and_the_tables_are_not_touched()
    {
        StudyPlan plan = TinyStudy.Plan(folder, Seeds, networks: Student);

        Assert.Throws<OperationCanceledException>(() => Run(plan, stopAt: _ => Directory.Exists(folder["results/study"])));

        Assert.Equal(["epochs=2,seed=1.json"], Directory.GetFiles(folder["results/study"]).Select(Path.GetFileName));
        Assert.False(File.Exists(folder["results/study.json"]));
    }

    [Fact]
    public void Numbers_kept_before_the_study_named_seeds_are_taken_for_their_seed()
    {
        StudyPlan plan = Kept();
        Directory.Delete(plan.Folder, recursive: true);
        ulong seed = Assert.Single(plan.Seeds);

        Assert.Equal(4, Run(StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [seed])).OfType<CellKept>().Count());
        Assert.Throws<OperationCanceledException>(() => Run(StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [seed + 1]), stopAt: seen => seen is CellStarted));
    }

    [Fact]
    public void Results_stand_there_after_each_cell()
    {
        StudyPlan plan = TinyStudy.Plan(folder, TinyStudy.Grid);

        Assert.Throws<OperationCanceledException>(() => Run(plan, stopAt: seen => seen is CellStarted { Number: 2 }));

        Assert.Equal(2, StudyRow.FromJson(File.ReadAllText(folder["results/study.json"])).Count(row => row.Metric == "map"));
        Assert.Equal(["bits=8,distillation=none.json"], Directory.GetFiles(folder["results/study"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        StudyPlan plan = Kept();
        Directory.Delete(plan.Folder, recursive: true);
        string damaged = folder["results/study/bits=12,distillation=dth.json"], whole = File.ReadAllText(damaged), run = whole[8..72];           // {"run":"0f3a...
        foreach (string text in new[]
        {
            "", "{", "null", "[1]", "{}", """{"run": 1}""", """{"run": "RUN"}""", """{"run": "RUN", "networks": null}""", """{"run": "RUN", "networks": {}}""",
            """{"run": "RUN", "networks": {"student": null}}""", """{"run": "RUN", "networks": {"student": {}}}""",
            Regex.Replace(whole, @"""protocol"":"".*?""", @"""protocol"":null"), Regex.Replace(whole, @"""measurements"":\[.*?\]", @"""measurements"":null"), Regex.Replace(whole, @"""measurements"":\[.*?\]", @"""measurements"":[]"),
        })
        {
            File.WriteAllText(damaged, text.Replace("RUN", run));

            string message = Assert.Throws<TernException>(() => Run(plan)).Message;

            Assert.StartsWith($"{damaged} is damaged (", message);
            Assert.EndsWith("delete it to do its run anew", message);
        }
    }

    [Fact]
    public void A_damaged_run_folder_is_run_again_and_the_others_stay()
    {
        StudyPlan plan = finished.CopyTo(folder);
        File.WriteAllText(Path.Combine(plan.Folder, "bits=8,distillation=none", RunFolder.StateFile), "{");

        Assert.Contains("bits=8,distillation=none: ", Assert.Throws<TernException>(() => Run(plan)).Message);

        Assert.Equal(3, Directory.GetFiles(folder["results/study"]).Length);
        Assert.Equal(6, TinyStudy.Rows(plan).Count(row => row.Metric == "map"));
    }

    /// <summary>A study that has ended, its numbers in results/.</summary>
    private StudyPlan Kept()
    {
        StudyPlan plan = finished.CopyTo(folder);
        Run(plan);
        return plan;
    }

    private IEnumerable<string> Files(StudyPlan plan) => Directory.GetFiles(plan.Folder).Concat(Directory.GetFiles(folder["results"], "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).Select(File.ReadAllText);

    private List<RunEvent> Run(StudyPlan plan, Predicate<RunEvent>? stopAt = null) => TinyStudy.Run(plan, folder["results"], stopAt);
}
