using Tern.Codes;
using Tern.Postgres.Layouts;
using Tern.Postgres.Searching;
using Tern.Search;

namespace Tern.Postgres.Tests;

public class RoundPlannerTests
{
    private static readonly CodeChunks Chunks = new(64, 4);

    [Fact]
    public void Rounds_go_on_until_they_would_cost_half_a_scan()
    {
        Assert.Equal([3, 7, 11, 15], Rounds(Query(top: 10), 5_000_000)); // the next: 10,068 buckets, 770,000 codes, 0.3 s
        Assert.Equal([3], Rounds(Query(top: 10), 10_000));
        Assert.Empty(Rounds(Query(top: 10), 1000));
        Assert.Equal([3, 5], Rounds(Query(top: 10, within: 5), 5_000_000));
        Assert.Equal([2], Rounds(Query(top: 10, within: 2), 5_000_000));
    }

    [Fact]
    public void Everything_within_a_distance_takes_one_round_or_a_scan()
    {
        Assert.Equal([7], Rounds(Query(top: null, within: 7), 5_000_000));
        Assert.Empty(Rounds(Query(top: null, within: 30), 5_000_000));
        Assert.Empty(Rounds(Query(top: null), 5_000_000));
    }

    [Fact]
    public void A_plan_that_is_asked_for_is_kept_as_far_as_a_statement_can_be_written()
    {
        Assert.Empty(Rounds(Query(top: 10, plan: SearchPlan.Scan), 5_000_000));
        Assert.Equal([3, 7, 11, 15, 19, 23, 27], Rounds(Query(top: 10, plan: SearchPlan.Hashing), 10)); // the next: 4 x 26,333 buckets
        Assert.Equal([7, 15, 23, 31], Rounds(Query(top: 10, plan: SearchPlan.Hashing, bits: 256), 10, new CodeChunks(256, 8))); // the next: 8 x 41,449 buckets
        Assert.Empty(Rounds(Query(top: 10, plan: SearchPlan.Hashing), 10, new CodeChunks(64, 0)));
    }

    [Fact]
    public void Crowded_buckets_end_the_rounds()
    {
        RoundPlanner planner = new(Chunks, Query(top: 10), 1_000_000);
        Assert.True(planner.Next());
        Assert.Equal((3, 4L), (planner.Radius, planner.Probes));
        Assert.InRange(planner.Most!.Value, 1, 1_000_000 / 4); // together less than a scan
        planner.Add(4 * planner.Most.Value, fetched: 0);
        Assert.False(planner.Next());
    }

    /// <summary>Half of the scan is 50 ms; 3,000 items take 15 ms, and as much again in the next round.</summary>
    [Fact]
    public void Items_that_a_filter_refuses_are_paid_for()
    {
        Assert.True(GoesOnAfter(fetched: 0));
        Assert.True(GoesOnAfter(fetched: 3000));
        Assert.False(GoesOnAfter(fetched: 6000));
        Assert.False(GoesOnAfter(fetched: 12_000));

        static bool GoesOnAfter(long fetched)
        {
            RoundPlanner planner = new(Chunks, Query(top: 10) with { Filter = ItemFilter.Labelled("rare") }, 1_000_000);
            Assert.True(planner.Next());
            planner.Add(candidates: 100, fetched);
            return planner.Next();
        }
    }

    private static CodeQuery Query(int? top, int within = int.MaxValue, SearchPlan? plan = null, int bits = 64) =>
        new(BinaryCode.FromSigns(new float[bits]), top, Math.Min(within, bits), null, false, plan);

    // Nothing is ever found.
    private static int[] Rounds(CodeQuery query, long rows, CodeChunks? chunks = null)
    {
        RoundPlanner planner = new(chunks ?? Chunks, query, rows);
        List<int> radii = [];
        while (planner.Next())
            radii.Add(planner.Radius);
        return [.. radii];
    }
}
