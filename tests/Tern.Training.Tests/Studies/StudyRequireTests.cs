using Tern.Training.Studies;

namespace Tern.Training.Tests.Studies;

/// <summary>What a study refuses before any work, and when it replaces the results that stand in the folder of <c>--results</c>.</summary>
public sealed class StudyRequireTests(FinishedStudy finished) : IClassFixture<FinishedStudy>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Means_over_seeds_are_not_replaced_by_those_of_fewer()
    {
        StudyPlan plan = TinyStudy.Plan(folder, StudyKeepTests.Seeds, networks: StudyKeepTests.Student);
        TinyStudy.Run(plan, folder["results"], stopAt: null);
        StudyPlan more = StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [1, 2, 3]), fewer = StudyPlan.Read(folder["study.json"], plan.Folder, seeds: [1]);

        Require(more);

        Assert.Contains("holds means over seeds 1, 2, which those of 1 would replace: give --seeds 1,2 or another folder", Assert.Throws<TernException>(() => Require(fewer)).Message);
        foreach (string text in new[] { "[", "", "null", "[null]", "[{}]" })
        {
            File.WriteAllText(folder["results/study.json"], text);
            Assert.Contains("study.json is damaged (", Assert.Throws<TernException>(() => Require(plan)).Message);
        }
    }

    [Fact]
    public void What_was_measured_on_other_pictures_is_not_replaced()
    {
        StudyPlan plan = Kept();
        Directory.Move(folder["data"], folder["others"]);

        Require(plan);                                                          // all is kept: no pictures are needed

        StudyPlan other = StudyPlan.Read(folder["study.json"], plan.Folder, ["data.path=others"]);
        Assert.Contains("holds what was measured on data, which numbers of others would replace", Assert.Throws<TernException>(() => Require(other)).Message);
    }

    [Fact]
    public void Pictures_that_are_not_there_are_told_once_and_before_any_cell()
    {
        StudyPlan plan = TinyStudy.Plan(folder, TinyStudy.Grid);
        Directory.Delete(folder["data"], recursive: true);

        Assert.Contains("data does not exist: give a folder", Assert.Throws<TernException>(() => Require(plan)).Message);
        Assert.False(Directory.Exists(plan.Folder));
    }

    [Fact]
    public void Results_of_a_whole_grid_stay_until_that_of_a_changed_recipe_is_whole()
    {
        StudyPlan plan = Kept();
        string before = File.ReadAllText(folder["results/study.md"]);
        StudyPlan changed = StudyPlan.Read(folder["study.json"], folder["changed"], ["student.training.epochs=1"]);

        Assert.Throws<OperationCanceledException>(() => TinyStudy.Run(changed, folder["results"], stopAt: seen => seen is CellStarted { Number: 2 }));
        Assert.Equal(before, File.ReadAllText(folder["results/study.md"]));

        TinyStudy.Run(changed, folder["results"], stopAt: null);
        Assert.NotEqual(before, File.ReadAllText(folder["results/study.md"]));
    }

    private void Require(StudyPlan plan) => Study.Require(plan, TimeProvider.System, folder["results"]);

    /// <summary>A study that has ended, its numbers in results/.</summary>
    private StudyPlan Kept()
    {
        StudyPlan plan = finished.CopyTo(folder);
        TinyStudy.Run(plan, folder["results"], stopAt: null);
        return plan;
    }
}
