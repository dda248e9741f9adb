using Tern.Codes;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Search;

public class CancelledSearchTests
{
    [Theory]
    [InlineData(SearchPlan.Scan, 1)]
    [InlineData(SearchPlan.Scan, 2)]
    [InlineData(SearchPlan.Hashing, 1)]
    public void A_search_that_is_called_off_ends_with_the_chunk_or_the_radius_it_is_at(SearchPlan plan, int threads)
    {
        PackedCodes codes = RandomCodes.Many(new Random(8), 16, 400_000, different: 40_000); // seven chunks of a scan
        CodeSearch search = CodeSearch.Over(codes, hashing: true);
        using CancellationTokenSource stop = new();
        int met = 0;
        SearchRequest request = new()
        {
            Top = null,
            Plan = plan,
            Threads = threads,
            GroupOf = position =>
            {
                Interlocked.Increment(ref met);
                stop.Cancel();
                return position;
            },
        };
        Assert.Equal(stop.Token, Assert.ThrowsAny<OperationCanceledException>(() => search.Nearest(codes[0], request, stop.Token)).CancellationToken);
        Assert.InRange(met, 1, threads * 65_536);
    }

    [Fact]
    public void Batches_and_pairs_are_called_off_too()
    {
        PackedCodes codes = RandomCodes.Many(new Random(9), 16, 1000);
        CodeSearch search = CodeSearch.Over(codes, hashing: true);
        CancellationToken stopped = new(canceled: true);
        foreach (SearchPlan plan in new[] { SearchPlan.Scan, SearchPlan.Hashing })
            foreach (int threads in new[] { 1, 2 })
            {
                Assert.ThrowsAny<OperationCanceledException>(() => search.Nearest(codes, new SearchRequest { Plan = plan, Threads = threads }, stopped));
                Assert.ThrowsAny<OperationCanceledException>(() => search.PairsWithin(2, new JoinRequest { Plan = plan, Threads = threads }, stopped));
                Assert.ThrowsAny<OperationCanceledException>(() => search.GroupsWithin(2, new JoinRequest { Plan = plan, Threads = threads }, stopped));
            }
    }

    [Fact]
    public void A_join_that_is_called_off_ends_with_the_row_or_the_buckets_it_is_at()
    {
        PackedCodes codes = SearchedCodes.Clustered(new Random(10), 24, 30_000, 30, 0.02);
        MultiIndex index = MultiIndex.Build(codes);
        Counting all = new(null);
        ScanJoin.Run(codes, index.Equal, 2, default, [all], CancellationToken.None);

        using CancellationTokenSource stop = new(), stopToo = new();
        Counting scanned = new(stop), met = new(stopToo);
        Assert.ThrowsAny<OperationCanceledException>(() => ScanJoin.Run(codes, index.Equal, 2, default, [scanned], stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => new BucketJoin(index, 2, default, cap: null).Run([met], stopToo.Token));
        Assert.InRange(scanned.Pairs, 1, all.Pairs / 2);
        Assert.InRange(met.Pairs, 1, all.Pairs / 2);
    }

    private sealed class Counting(CancellationTokenSource? stop) : IPairSink
    {
        public long Pairs { get; private set; }

        public void Add(uint one, uint other, int distance)
        {
            Pairs++;
            stop?.Cancel();
        }
    }
}
