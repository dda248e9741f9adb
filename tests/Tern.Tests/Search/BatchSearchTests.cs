using Tern.Codes;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Search;

/// <summary>Queries enough to share bit planes get what each gets alone.</summary>
public class BatchSearchTests
{
    private const int Queries = 20;

    /// <summary>Of the longest codes those that pass are fetched one by one up to one in five, more than a block has room for hits.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(40)]
    public void A_batch_of_the_longest_codes_misses_none_that_passes(int oneIn)
    {
        Random random = new(oneIn);
        PackedCodes codes = RandomCodes.Many(random, 1000, 5000), queries = RandomCodes.Many(random, 1000, 10);
        RowSet passing = new(codes.Count);
        foreach (int row in Enumerable.Range(0, codes.Count).Where(_ => random.Next(oneIn) == 0)) passing.Add(row);

        SearchAnswer[] answers = CodeSearch.Over(codes).Nearest(queries, new SearchRequest { Top = null, Filter = ItemFilter.In(passing), Plan = SearchPlan.Scan });

        for (int q = 0; q < queries.Count; q++)
            Assert.Equal(SearchedCodes.Sorted(codes, queries[q], null, null, position => passing.Contains((int)position)), answers[q].Neighbors);
    }

    /// <summary>Two parts, the first longer than what a thread takes at a time; rows removed, and a filter that lets few rows pass, none of them for thousands on end.</summary>
    [Theory]
    [InlineData(40, SearchPlan.Scan)]
    [InlineData(64, SearchPlan.Scan)]
    [InlineData(64, null)]
    [InlineData(150, SearchPlan.Scan)]
    public void A_batch_gets_what_sorting_everything_gives(int bits, SearchPlan? plan)
    {
        Random random = new(bits);
        PackedCodes all = SearchedCodes.Clustered(random, bits, 75_000, 300, 0.04), queries = new(bits);
        for (int q = 0; q < Queries; q++)
            queries.Add(q % 4 == 0 ? RandomCodes.One(random, bits) : SearchedCodes.Near(random, all[random.Next(all.Count)], 0.02));
        bool[] removed = [.. Enumerable.Range(0, all.Count).Select(_ => random.Next(7) == 0)];
        string[] colours = [.. Enumerable.Range(0, all.Count).Select(row => row is > 20_000 and < 30_000 || random.Next(20) != 0 ? "blue" : "red")];
        const int Border = 70_001;
        List<MemorySegment> segments = [Segment(0, Border), Segment(Border, all.Count)];
        foreach (ItemFilter? filter in new[] { null, ItemFilter.Where("colour", "red") })
            foreach (SearchRequest request in new[] { new SearchRequest { Plan = plan }, new SearchRequest { Plan = plan, Top = 500 }, new SearchRequest { Plan = plan, Top = null, Within = bits / 4 } })
                foreach (int threads in new[] { 1, 3 })
                {
                    SearchAnswer[] answers = PartSearch.Nearest(SearchPart.Of(segments, filter), queries, request with { Threads = threads });
                    for (int q = 0; q < Queries; q++)
                        Assert.Equal(
                            SearchedCodes.Sorted(all, queries[q], request.Top, request.Within, position => !removed[position] && (filter is null || colours[position] == "red")), answers[q].Neighbors);
                }

        MemorySegment Segment(int start, int end)
        {
            PackedCodes codes = new(bits);
            ulong[] marks = new ulong[RowMarks.WordsFor(end - start)];
            for (int row = start; row < end; row++)
            {
                codes.Add(all[row]);
                marks[(row - start) / 64] |= removed[row] ? 1UL << (row - start) % 64 : 0;
            }
            return new MemorySegment(codes, MultiIndex.Build(codes), RowMarks.FromWords(marks, codes.Count), new ItemColumns(codes.Count).AddAttribute("colour", colours[start..end]));
        }
    }
}
