using Tern.Training.Recipes;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

public sealed class RunQueueTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Runs_come_in_order_until_they_have_ended()
    {
        (StudyCell one, StudyCell two) = (Cell("one"), Cell("two"));
        RunQueue queue = Queue(one, two);

        Assert.Same(one, Next(queue).Cell);
        Assert.Same(one, Next(queue).Cell);
        queue.Remove(one.Runs[0]);
        Assert.Same(two, Next(queue).Cell);
        queue.Remove(two);
        Assert.Null(queue.Next(_ => Assert.Fail("nothing to wait for"), CancellationToken.None));
    }

    [Fact]
    public void A_run_at_which_another_process_works_waits_and_those_behind_it_go_ahead()
    {
        (StudyCell one, StudyCell two) = (Cell("one"), Cell("two"));
        RunQueue queue = Queue(one, two);
        IDisposable? held = FileLock.TryTake(folder["lock"]);
        queue.Delay(one.Runs[0], folder["lock"]);

        Assert.Same(two, Next(queue).Cell);
        queue.Remove(two);
        int waited = 0;
        (StudyCell, CellRun)? next = queue.Next(
            file =>
            {
                Assert.Equal((1, folder["lock"]), (++waited, file));
                held!.Dispose();
            }, CancellationToken.None);

        Assert.Equal((1, one), (waited, next!.Value.Item1));
    }

    [Fact]
    public void A_run_that_starts_from_the_weights_of_another_comes_after_it_whoever_makes_them()
    {
        StudyCell first = Cell("first"), longer = Cell("longer", from: first), last = Cell("last");
        RunQueue queue = Queue(first, longer, last);
        using IDisposable? held = FileLock.TryTake(folder["lock"]);
        queue.Delay(first.Runs[0], folder["lock"]);

        Assert.Same(last, Next(queue).Cell);
        queue.Remove(last);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => queue.Next(_ => stop.Cancel(), stop.Token));
        queue.Remove(first.Runs[0]);
        Assert.Same(longer, Next(queue).Cell);
    }

    private static (StudyCell Cell, CellRun Run) Next(RunQueue queue) => queue.Next(_ => Assert.Fail("one is ready"), CancellationToken.None)!.Value;

    private static RunQueue Queue(params StudyCell[] cells) => new(cells.SelectMany(cell => cell.Runs.Select(run => (cell, run))));

    private StudyCell Cell(string name, StudyCell? from = null)
    {
        TinyRecipe.Write(folder.Path);
        string[] changes = from is null ? [] : [$$"""student.start={"weights": "{{from.Runs[0].Weights.Last()}}"}"""];
        return new StudyCell(new CellKey([("name", name)]), [new CellRun(RecipeFile.Read(folder["recipe.json"], [], ["quantize=null", .. changes]), folder[name])]);
    }
}
