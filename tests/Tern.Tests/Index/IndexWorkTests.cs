using Tern.Codes;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Index;

/// <summary>An index looks at no more than it must, and no longer than it may.</summary>
public class IndexWorkTests
{
    private static BinaryCode Code(int value) => BinaryCode.FromBytes([(byte)value], 8);

    private static readonly SearchOptions All = new() { Top = null };

    // Calls a search off when its filter is worked out: after it has begun, before it looks at a code.
    private sealed record StoppingFilter(CancellationTokenSource Stop) : ItemFilter
    {
        internal override RowSet Rows(ItemColumns items)
        {
            Stop.Cancel();
            return new RowSet(items.Rows).Complement();
        }
    }

    [Fact]
    public async Task A_search_can_be_called_off_while_it_runs()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 16, "m", options: new IndexOptions { Hashing = true });
        PackedCodes codes = RandomCodes.Many(new Random(3), 16, 300_000, different: 3000);
        for (int i = 0; i < codes.Count; i++)
            index.Add(i, codes[i]);
        index.Commit();
        foreach (SearchPlan? plan in new SearchPlan?[] { null, SearchPlan.Scan, SearchPlan.Hashing })
            foreach (int threads in new[] { 1, 2 })
            {
                using CancellationTokenSource stop = new();
                SearchOptions options = new() { Filter = new StoppingFilter(stop), Plan = plan, Threads = threads };
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.SearchAsync(codes[0], options, stop.Token));
            }
        using CancellationTokenSource stopped = new();
        Assert.ThrowsAny<OperationCanceledException>(() => index.Groups(1, new JoinRequest { Filter = new StoppingFilter(stopped) }, stopped.Token));
        Assert.Equal(10, (await index.SearchAsync(codes[0])).Count);
    }

    /// <summary>Sorting the keys would take 300,000 strings, some 12 MB; marking all items anew 37 kB.</summary>
    [Fact]
    public void Single_keys_and_single_removals_do_not_look_at_all_items()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        for (int i = 0; i < 300_000; i++)
            index.Add(i, Code(i % 256));
        index.Commit();
        ItemFilter Only(params string[] keys) => ItemFilter.WithKeys(keys);
        Assert.Equal(["7"], index.Search(Code(7), All with { Filter = Only("7", "x") }).Select(found => found.Key)); // whatever is made once
        Assert.InRange(Allocated(() => Assert.Equal(2, index.Search(Code(0), All with { Filter = Only("70", "70000", "-1") }).Count)), 1, 200_000);

        index.Remove("1");
        index.Commit();
        Assert.InRange(Allocated(() =>
        {
            Assert.True(index.Remove("70"));
            index.Commit();
        }), 1, 25_000);
        Assert.Equal(["70000"], index.Search(Code(0), All with { Filter = Only("70", "70000", "1") }).Select(found => found.Key));

        static long Allocated(Action work)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
