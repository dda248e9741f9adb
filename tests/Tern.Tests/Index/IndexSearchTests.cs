using Tern.Codes;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Index;

/// <summary>What an index finds, and by what it can be asked.</summary>
public class IndexSearchTests
{
    private static BinaryCode Code(int value) => BinaryCode.FromBytes([(byte)value], 8);

    private static readonly SearchOptions All = new() { Top = null };

    [Fact]
    public void The_index_equals_sorting_everything_at_every_code_length()
    {
        Random random = new(1);
        foreach (int bits in Enumerable.Range(1, 130).Append(256).Append(1000))
        {
            using TemporaryFolder folder = new();
            PackedCodes codes = RandomCodes.Many(random, bits, 300, different: 60);
            using (HammingIndex index = HammingIndex.Create(folder.New(), bits, "m"))
                for (int i = 0; i < codes.Count; i++)
                {
                    index.Add($"{i}", codes[i]);
                    if (i % 100 == 99)
                        index.Commit();
                }
            BinaryCode query = RandomCodes.One(random, bits);
            using HammingIndex reopened = HammingIndex.Open(folder.New());
            Assert.Equal(
                HammingScanTests.Sorted(codes, query, 40, null).Select(n => (n.Position, n.Distance)),
                reopened.Search(query, new SearchOptions { Top = 40, Threads = 2 }).Select(r => (r.Id, r.Distance)));
        }
    }

    [Fact]
    public void Filters_labels_and_plans_reach_over_commits()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        index.Add("a", Code(0), "cat");
        index.Add("b", Code(1), "dog");
        index.Commit();
        index.Add("c", Code(1), "cat|dog");
        index.Add("d", Code(3));
        index.Add("e", Code(7), "cat");
        index.Add("f", Code(1), "dog");
        index.Commit();
        index.Remove("f");
        index.Commit();
        IEnumerable<string> Keys(SearchOptions options) => index.Search(Code(0), options).Select(found => found.Key);
        Assert.Equal(["a", "c", "e"], Keys(All with { Filter = ItemFilter.Labelled("cat") }));
        Assert.Equal(["b", "c"], Keys(All with { Filter = ItemFilter.Labelled("dog"), Plan = SearchPlan.Hashing }));
        Assert.Equal(["c", "d"], Keys(All with { Filter = ItemFilter.KeysBetween("c", "e") }));
        Assert.Equal(["e"], Keys(new SearchOptions { Top = 1, Filter = ItemFilter.WithKeys(["e", "f", "x"]) }));
        Assert.Equal(["a", "b", "c", "d"], Keys(All with { OnePerLabel = true }));
        Explanation how = index.Explain(Code(0), All with { Within = 1 }).Explanation;
        Assert.Equal((SearchPlan.Scan, 6L, 6L), (how.Plan, how.Scanned, how.Codes));
        Assert.Contains("no text attribute", Assert.Throws<TernException>(() => index.Search(Code(0), All with { Filter = ItemFilter.Where("x", "y") })).Message);
        Assert.Contains("top: must be 0 or more", Assert.Throws<TernException>(() => index.Search(Code(0), new SearchOptions { Top = -1 })).Message);
    }

    [Fact]
    public void Near_duplicates_are_grouped_over_commits()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        index.Add("a", Code(0), "cat");
        index.Add("b", Code(15));
        index.Add("gone", Code(0));
        index.Commit();
        index.Remove("gone");
        index.Add("c", Code(14), "dog");
        index.Add("d", Code(0), "cow");
        index.Commit();
        IndexGroups found = index.Groups(1);
        Assert.Equal(2, found.Groups.Count);
        Assert.Equal([new IndexItem("a", "cat", 0), new IndexItem("d", "cow", 4)], found.Groups[0]);
        Assert.Equal([new IndexItem("b", null, 1), new IndexItem("c", "dog", 3)], found.Groups[1]);
        Assert.Equal(["b", "c"], index.Groups(1, new JoinRequest { Filter = ItemFilter.Labelled("cat").Not() }).Groups.Single().Select(item => item.Key));
    }

    [Fact]
    public void Hash_tables_in_memory_change_no_answer()
    {
        Random random = new(2);
        using TemporaryFolder folder = new();
        PackedCodes codes = RandomCodes.Many(random, 16, 200_000, different: 40_000);
        using (HammingIndex index = HammingIndex.Create(folder.New(), 16, "m"))
        {
            for (int i = 0; i < codes.Count; i++)
                index.Add($"{i}", codes[i]);
            index.Commit();
        }
        using HammingIndex scanned = HammingIndex.Open(folder.New()), hashed = HammingIndex.Open(folder.New(), new IndexOptions { Hashing = true });
        for (int trial = 0; trial < 3; trial++)
        {
            BinaryCode query = RandomCodes.One(random, 16);
            IndexAnswer answer = hashed.Explain(query);
            Assert.Equal(SearchPlan.Hashing, answer.Explanation.Plan);
            Assert.Equal(scanned.Search(query), answer.Results);
        }
        Assert.Equal(SearchPlan.Scan, scanned.Explain(codes[0]).Explanation.Plan);
    }

    [Fact]
    public void Attributes_can_be_asked_for_wherever_some_items_have_them()
    {
        using TemporaryFolder folder = new();
        IndexOptions options = new() { Limits = new IndexLimits(LogBytes: 1) }; // a commit is a segment
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m", options: options);
        void Add(string key, string? attributes)
        {
            index.Add(new CodeRecord(key, Code(0)) { Attributes = attributes });
            index.Commit();
        }
        Add("a", """{"price": 12.5, "camera": "X1", "sold": true}""");
        Add("b", """{"price": 3, "tags": ["price"], "box": {"price": 12.5}, "none": null}""");
        Add("c", null);
        Add("d", """{"camera": "Ä\u0031", "price": "12.5"}""");
        string Keys(ItemFilter filter) => string.Concat(index.Search(Code(0), All with { Filter = filter }).Select(found => found.Key));
        Assert.Equal("a", Keys(ItemFilter.Between("price", 12.5, null)));
        Assert.Equal("ab", Keys(ItemFilter.Between("price", null, null)));
        Assert.Equal("ad", Keys(ItemFilter.Where("camera", "X1", "Ä1")));
        Assert.Equal("d", Keys(ItemFilter.Where("price", "12.5")));
        Assert.Equal("a", Keys(ItemFilter.Where("sold", "true")));
        Assert.Equal("bcd", Keys(ItemFilter.Where("sold", "true").Not()));
        Assert.Contains("no number attribute \"camera\"; they have price", Assert.Throws<TernException>(() => Keys(ItemFilter.Between("camera", 1, 2))).Message);
        Assert.Contains("no text attribute \"tags\"; they have camera, price, sold", Assert.Throws<TernException>(() => Keys(ItemFilter.Where("tags", "price"))).Message);
    }

    [Theory]
    [InlineData("[1]", "must be a JSON object")]
    [InlineData("{\"a\": }", "are not JSON")]
    [InlineData("{} {}", "are not JSON")]
    [InlineData("", "takes 1 to")]
    [InlineData("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}", "have \"a\" twice")]
    [InlineData("{\"a\": [\"\\ud800\"]}", "are not JSON")]
    public void Attributes_that_are_no_object_are_refused(string attributes, string why)
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        Assert.Contains(why, Assert.Throws<TernException>(() => index.Add(new CodeRecord("a", Code(1)) { Attributes = attributes })).Message);
    }

    [Theory]
    [InlineData(DescriptorPrecision.Float32)]
    [InlineData(DescriptorPrecision.Float16)]
    [InlineData(DescriptorPrecision.Int8)]
    public void Stored_descriptors_order_the_nearest_codes(DescriptorPrecision precision)
    {
        using TemporaryFolder folder = new();
        using (HammingIndex index = HammingIndex.Create(folder.New(), 8, "m", new DescriptorShape(2, precision)))
        {
            // As in RerankingTests: distances 0, 1, 1, 2, 8 from 0; the best by descriptor is kept out by its code, the second and the fourth tie.
            (int Code, float X, float Y)[] items = [(0, -1, 0), (1, 1, 1), (2, 0, 1), (3, 2, 2), (255, 1, 0)];
            for (int i = 0; i < items.Length; i++)
            {
                index.Add(new CodeRecord($"{i}", Code(items[i].Code)) { Descriptor = new[] { items[i].X, items[i].Y } });
                if (i == 2)
                    index.Compact(); // some in a segment, some in the log
            }
            index.Commit();
        }
        using HammingIndex again = HammingIndex.Open(folder.New());
        Assert.Equal(new DescriptorShape(2, precision), again.Descriptor);
        SearchOptions rerank = new() { Top = 3, RerankAmong = 4, Descriptor = new float[] { 5, 0 } };
        IReadOnlyList<SearchResult> found = again.Search(Code(0), rerank);
        Assert.Equal(["1", "3", "2"], found.Select(one => one.Key));
        Assert.Equal(0.7071, found[0].Cosine!.Value, 1e-3);
        Assert.Equal(found[0].Cosine, found[1].Cosine);
        Assert.Equal(["3", "2", "0"], again.Search(Code(0), rerank with { Skip = 2 }).Select(one => one.Key));
        Assert.Null(again.Search(Code(0))[0].Cosine);
        Assert.Equal(["4", "1", "3", "2", "0"], again.Search(Code(0), rerank with { Top = null }).Select(one => one.Key));
        Assert.Contains("3 components and the stored ones 2", Assert.Throws<TernException>(() => again.Search(Code(0), rerank with { Descriptor = new float[3] })).Message);
        Assert.Contains("needs the query's descriptor", Assert.Throws<TernException>(() => again.Search(Code(0), rerank with { Descriptor = default })).Message);
    }

    [Fact]
    public void Descriptors_come_with_all_items_or_with_none()
    {
        using TemporaryFolder folder = new();
        using HammingIndex with = HammingIndex.Create(folder.New("with"), 8, "m", new DescriptorShape(2, DescriptorPrecision.Float32));
        using HammingIndex without = HammingIndex.Create(folder.New("without"), 8, "m");
        Assert.Contains("0 components and the stored ones 2", Assert.Throws<TernException>(() => with.Add("a", Code(1))).Message);
        Assert.Contains("keeps no descriptors", Assert.Throws<TernException>(() =>
            without.Add(new CodeRecord("a", Code(1)) { Descriptor = new float[] { 1, 2 } })).Message);
        Assert.Contains("keeps no descriptors", Assert.Throws<TernException>(() => without.Search(Code(1), new SearchOptions { RerankAmong = 3 })).Message);
        Assert.Contains("1 to 8192", Assert.Throws<TernException>(() =>
            HammingIndex.Create(folder.New("none"), 8, "m", new DescriptorShape(0, DescriptorPrecision.Float32))).Message);
    }
}
