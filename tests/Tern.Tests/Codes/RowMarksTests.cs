using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;

namespace Tern.Tests.Codes;

public class RowMarksTests
{
    [Fact]
    public void Marks_are_a_set_of_rows_and_earlier_states_stay() => Prop.ForAll(
        (from rows in Gen.Choose(1, 100_000) from seed in Gen.Choose(0, int.MaxValue) select (rows, seed)).ToArbitrary(), drawn =>
        {
            Random random = new(drawn.seed);
            List<(RowMarks Marks, HashSet<int> Expected)> states = [(RowMarks.None(drawn.rows), [])];
            for (int step = 0; step < 10; step++)
            {
                (RowMarks marks, HashSet<int> expected) = states[^1];
                int[] more = [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(marks.Rows))]; // some twice, some marked before
                marks = marks.With(more);
                if (random.Next(3) == 0)
                    marks = marks.Grown(marks.Rows + random.Next(50_000));
                if (random.Next(3) == 0)
                    marks = RowMarks.FromWords(marks.ToWords(), marks.Rows);
                states.Add((marks, [.. expected, .. more]));
            }
            return states.All(state => state.Marks.Count == state.Expected.Count
                && Enumerable.Range(0, state.Marks.Rows).All(row => state.Marks.Has(row) == state.Expected.Contains(row)));
        }).QuickCheckThrowOnFailure();

    /// <summary>All marks of ten million rows are 1.25 MB.</summary>
    [Fact]
    public void A_further_mark_copies_a_page()
    {
        RowMarks marks = RowMarks.None(10_000_000).With([1]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            marks = marks.With([90_000 * i]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100 * 10_000);
        Assert.Equal(101, marks.Count);
    }
}
