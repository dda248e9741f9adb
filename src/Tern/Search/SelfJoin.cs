using Tern.Codes;

namespace Tern.Search;

/// <summary>Pairs and groups of near codes within a list.</summary>
internal static class SelfJoin
{
    /// <summary>All pairs of rows whose codes lie within the radius.</summary>
    public static PairAnswer Pairs(ICodeSegment segment, int radius, JoinRequest request, CancellationToken cancellation = default)
    {
        request.Require(radius);
        PairList[] lists = [.. Enumerable.Range(0, request.Threads).Select(_ => new PairList())];
        (JoinExplanation explanation, EqualCodes equal, RowFilter rows) = Run(segment, radius, request, _ => lists, cancellation);

        List<NearPair> pairs = [];
        long leftOut = explanation.LeftOut;
        int cap = request.Cap ?? int.MaxValue;
        foreach ((uint one, uint other, int distance) in lists.SelectMany(list => list.Pairs))
        {
            int[] near = equal.PassingRows(other, rows);
            foreach (int row in equal.PassingRows(one, rows))
                leftOut += Pair(row, near, distance, cap, pairs);
        }
        foreach (uint posting in equal.Postings().Where(EqualCodes.IsGroup))
        {
            int[] copies = equal.PassingRows(posting, rows);
            for (int i = 0; i < copies.Length; i++)
                leftOut += Pair(copies[i], copies.AsSpan(i + 1), 0, cap, pairs);
        }
        pairs.Sort((a, b) => a.One != b.One ? a.One.CompareTo(b.One) : a.Other.CompareTo(b.Other));
        return new PairAnswer(pairs, explanation with { LeftOut = leftOut });
    }

    /// <summary>Groups of rows that such pairs connect.</summary>
    public static GroupAnswer Groups(ICodeSegment segment, int radius, JoinRequest request, CancellationToken cancellation = default)
    {
        Forest[] forests = [];
        (JoinExplanation explanation, EqualCodes equal, RowFilter rows) = Run(segment, radius, request, codes =>
            forests = [.. Enumerable.Range(0, request.Threads).Select(_ => new Forest(codes, segment.Codes.Count))], cancellation);
        foreach (Forest forest in forests[1..])
            forests[0].Take(forest);

        Dictionary<int, List<long>> groups = [];
        foreach (uint posting in equal.Postings())
        {
            int root = forests[0].RootOf(equal.FirstRow(posting));
            if (!groups.TryGetValue(root, out List<long>? group))
                groups[root] = group = [];
            foreach (int row in equal.PassingRows(posting, rows))
                group.Add(row);
        }
        List<long>[] several = [.. groups.Values.Where(group => group.Count > 1)];
        foreach (List<long> group in several)
            group.Sort();
        return new GroupAnswer([.. several.OrderBy(group => group[0])], explanation);
    }

    private static long Pair(int row, ReadOnlySpan<int> near, int distance, int cap, List<NearPair> pairs)
    {
        int length = Math.Min(near.Length, cap);
        foreach (int other in near[..length])
            pairs.Add(new NearPair(Math.Min(row, other), Math.Max(row, other), distance));
        return near.Length - length;
    }

    private static (JoinExplanation, EqualCodes, RowFilter) Run(
        ICodeSegment segment, int radius, JoinRequest request, Func<EqualCodes, IReadOnlyList<IPairSink>> sinks, CancellationToken cancellation)
    {
        request.Require(radius);
        radius = Math.Min(radius, segment.Codes.Bits);
        RowFilter rows = new(request.Filter is { } filter ? segment.Items.Matching(filter).Words : null, segment.Removed);
        if (TablesFor(segment, radius, request) is { } tables)
        {
            BucketJoin join = new(tables, radius, rows, request.Cap);
            join.Run(sinks(tables.Equal), cancellation);
            return (new JoinExplanation
            {
                Plan = SearchPlan.Hashing,
                Codes = tables.Equal.Count,
                Chunks = tables.Chunks.Count,
                Comparisons = join.Comparisons,
                LeftOut = join.LeftOut,
            }, tables.Equal, rows);
        }
        EqualCodes equal = segment.Tables?.Equal ?? EqualCodes.Find(segment.Codes, request.Threads);
        long comparisons = ScanJoin.Run(segment.Codes, equal, radius, rows, sinks(equal), cancellation);
        return (new JoinExplanation { Plan = SearchPlan.Scan, Codes = equal.Count, Comparisons = comparisons }, equal, rows);
    }

    // Null where comparing everything costs less.
    private static MultiIndex? TablesFor(ICodeSegment segment, int radius, JoinRequest request)
    {
        if (request.Plan == SearchPlan.Scan)
            return null;
        double scan = Planner.ScanJoinCost(segment.Codes);
        MultiIndex? tables = segment.Tables;
        if (tables is null && (request.Plan == SearchPlan.Hashing || Planner.JoinWantsTables(segment.Codes)))
            tables = MultiIndex.Build(segment.Codes, threads: request.Threads);
        if (tables is null || request.Plan == SearchPlan.Hashing)
            return tables;
        (double comparisons, double probes) = BucketJoin.Estimate(tables, radius, request.Cap);
        return Planner.BucketJoinCost(comparisons, probes, segment.Codes.WordsPerCode) < scan ? tables : null;
    }
}
