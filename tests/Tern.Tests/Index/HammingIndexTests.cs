using Tern.Codes;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Index;

public class HammingIndexTests
{
    private static BinaryCode Code(int value) => BinaryCode.FromBytes([(byte)value], 8);

    private static readonly SearchOptions All = new() { Top = null };

    [Fact]
    public void What_was_committed_is_found_nearest_first()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "model-a");
        index.Add("cat.jpg", Code(0b0001), "cat");
        index.Add("dog.jpg", Code(0b0111), "dog");
        index.Add("tie.jpg", Code(0b0010));
        Assert.Empty(index.Search(Code(0))); // nothing before the commit
        index.Commit();
        Assert.Equal(3, index.Count);
        Assert.Equal(
            [new SearchResult("cat.jpg", "cat", 1, 0), new SearchResult("tie.jpg", null, 1, 2), new SearchResult("dog.jpg", "dog", 3, 1)],
            index.Search(Code(0)));
        Assert.Equal(["cat.jpg", "tie.jpg"], index.Search(Code(0), new SearchOptions { Within = 1 }).Select(r => r.Key));
        Assert.Equal(["cat.jpg"], index.Search(Code(0), new SearchOptions { Top = 1 }).Select(r => r.Key));
    }

    [Fact]
    public void Everything_survives_reopening()
    {
        using TemporaryFolder folder = new();
        using (HammingIndex index = HammingIndex.Create(folder.New(), 8, "model-a"))
        {
            index.Add("a/ü 猫.jpg", Code(1), "Katze 🐈");
            index.Add("b", Code(2));
            index.Commit();
            Assert.True(index.Remove("b"));
            index.Commit();
            index.Add("never committed", Code(3));
        }
        using HammingIndex again = HammingIndex.Open(folder.New());
        Assert.Equal((8, "model-a", 1L), (again.Bits, again.ModelIdentity, again.Count));
        Assert.Equal([new SearchResult("a/ü 猫.jpg", "Katze 🐈", 0, 0)], again.Search(Code(1)));
        Assert.Empty(HammingIndex.Verify(folder.New()));
    }

    [Fact]
    public void Adding_a_key_again_replaces_its_item()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        index.Add("k", Code(1), "old");
        index.Commit();
        index.Add("k", Code(2), "between");
        index.Add("k", Code(4), "new");
        index.Commit();
        Assert.Equal([new SearchResult("k", "new", 0, 2)], index.Search(Code(4), All));
        Assert.True(index.Remove("k"));
        Assert.False(index.Remove("k"));
        Assert.False(index.Remove("other"));
        index.Add("j", Code(5));
        Assert.True(index.Remove("j"));
        index.Commit();
        Assert.Equal(0, index.Count);
    }

    /// <summary>Looking at every item that a key ever stood for, these would be 300,000 squared over two: minutes.</summary>
    [Fact]
    public void A_key_may_change_any_number_of_times_before_a_commit()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        for (int i = 0; i < 300_000; i++)
        {
            index.Add("again", Code(i % 256));
            if (i % 1000 == 0)
                index.Add($"{i}", Code(1));
            if (i % 3 == 0)
                Assert.True(index.Remove("again"));
        }
        Assert.Equal(0, index.Count);
        index.Commit();
        Assert.Equal(301, index.Count);
        Assert.Equal(Code(299_999 % 256), index.Get("again")!.Code);
    }

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
    public void Many_small_commits_and_removals_do_not_pile_up_files()
    {
        using TemporaryFolder folder = new();
        IndexOptions options = new() { Limits = IndexOracle.Small, MergeInBackground = false };
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m", options: options);
        for (int i = 0; i < 300; i++)
        {
            index.Add($"{i}", Code(i % 256), $"{i % 3}");
            if (i >= 50)
                index.Remove($"{i - 50}"); // a window of 50 live items
            index.Commit();
            Assert.InRange(Directory.GetFiles(folder.New()).Length, 3, 12);
            Assert.InRange(new DirectoryInfo(folder.New()).EnumerateFiles().Sum(file => file.Length), 1, 30_000);
        }
        Assert.Equal(Enumerable.Range(250, 50).Select(i => (long)i), index.Search(Code(0), All).Select(r => r.Id).Order());
        Assert.All(index.Search(Code(0), All), r => Assert.Equal((r.Key, r.Label), ($"{r.Id}", $"{r.Id % 3}")));
        Assert.Empty(HammingIndex.Verify(folder.New()));
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
    public void Two_models_are_never_mixed()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "abc");
        index.Add("a", new ModelCode(Code(1), "abc"));
        index.Commit();
        Assert.Single(index.Search(new ModelCode(Code(1), "abc")));
        string message = Assert.Throws<TernException>(() => index.Search(new ModelCode(Code(1), "def"))).Message;
        Assert.Contains("was made with model abc, this code comes from model def; rebuild the index or use the right model", message);
        Assert.Throws<TernException>(() => index.Add("b", new ModelCode(Code(1), "def")));
        BinaryCode nine = BinaryCode.FromSigns(new float[9]);
        Assert.Contains("9 bits and the index 8", Assert.Throws<TernException>(() => index.Search(nine)).Message);
        Assert.Contains("9 bits and the index 8", Assert.Throws<TernException>(() => index.Add("c", nine)).Message);
    }

    [Fact]
    public void There_is_one_writer_and_any_number_of_readers()
    {
        using TemporaryFolder folder = new();
        using (HammingIndex writer = HammingIndex.Create(folder.New(), 8, "m"))
        {
            string message = Assert.Throws<TernException>(() =>
                HammingIndex.Open(folder.New(), new IndexOptions { Writable = true })).Message;
            Assert.Contains("open for writing elsewhere", message);
            using HammingIndex reader = HammingIndex.Open(folder.New());
            Assert.Contains("open it with Writable", Assert.Throws<TernException>(() => reader.Add("a", Code(1))).Message);
            writer.Add("a", Code(1));
            writer.Commit();
            Assert.Equal(0, reader.Count);
            Assert.True(reader.Refresh());
            Assert.False(reader.Refresh());
            Assert.Equal(1, reader.Count);
        }
        using HammingIndex next = HammingIndex.Open(folder.New(), new IndexOptions { Writable = true });
        Assert.Equal(1, next.Count);
    }

    [Fact]
    public async Task Readers_see_whole_commits_while_a_writer_works()
    {
        using TemporaryFolder folder = new();
        using HammingIndex writer = HammingIndex.Create(folder.New(), 8, "m");
        using CancellationTokenSource done = new();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Threads.Start(() =>
        {
            using HammingIndex reader = HammingIndex.Open(folder.New());
            while (!done.IsCancellationRequested)
            {
                reader.Refresh();
                Assert.Equal(0, reader.Search(Code(0), All).Count % 10);
                Assert.Equal(0, writer.Search(Code(0), All).Count % 10);
            }
        }))];
        for (int batch = 0; batch < 60; batch++)
        {
            for (int i = 0; i < 10; i++)
                writer.Add($"{batch}/{i}", Code(i));
            for (int i = 0; batch >= 5 && i < 10; i++)
                writer.Remove($"{batch - 5}/{i}");
            writer.Commit();
        }
        await done.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(50, writer.Count);
    }

    [Fact]
    public void What_is_not_an_index_is_refused()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("Create one first", Assert.Throws<TernException>(() => HammingIndex.Open(folder.New())).Message);
        Assert.Contains("Create one first", Assert.Throws<TernException>(() => HammingIndex.Open(folder.Path, new IndexOptions { Writable = true })).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path)); // nothing is put there
        HammingIndex.Create(folder.New(), 8, "m").Dispose();
        Assert.Contains("not empty", Assert.Throws<TernException>(() => HammingIndex.Create(folder.New(), 8, "m")).Message);
        Assert.Throws<TernException>(() => HammingIndex.Create(folder.New("other"), 0, "m"));
        using HammingIndex index = HammingIndex.Open(folder.New(), new IndexOptions { Writable = true });
        Assert.Throws<TernException>(() => index.Add("", Code(1)));
        Assert.Throws<TernException>(() => index.Add(new string('x', 4097), Code(1)));
        Assert.Throws<TernException>(() => index.Add("\uD800", Code(1)));
    }

    [Fact]
    public void Items_are_read_by_key_and_in_the_order_of_their_addition()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        index.Add(new CodeRecord("b", Code(2)) { Label = "cat", Attributes = """{"price": 3}""" });
        index.Add(17, Code(3));
        index.Add("a", Code(1));
        Assert.Null(index.Get("b"));
        index.Commit();
        index.Remove("a");
        index.Commit();
        Assert.Equal(new CodeRecord("b", Code(2)) { Label = "cat", Attributes = """{"price": 3}""", ModelIdentity = "m" }, index.Get("b"));
        Assert.Equal(Code(3), index.Get("17")!.Code);
        Assert.Null(index.Get("a"));
        Assert.Equal([new IndexItem("b", "cat", 0) { Attributes = """{"price": 3}""" }, new IndexItem("17", null, 1)], index.Items());
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

    [Fact]
    public async Task The_calls_of_a_vector_store_are_durable_when_they_end()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        ICodeCollection collection = index;
        await collection.UpsertAsync(new CodeRecord("a", Code(1)));
        await collection.UpsertAsync([new CodeRecord("b", Code(3)), new CodeRecord("a", Code(7)) { Label = "new" }]);
        using (HammingIndex reader = HammingIndex.Open(folder.New()))
            Assert.Equal(2, reader.Count);
        Assert.Equal("new", (await collection.GetAsync("a"))!.Label);
        Assert.Equal([("b", 2), ("a", 3)], (await collection.SearchAsync(Code(0))).Select(found => (found.Key, found.Distance)));
        Assert.Equal(["a"], (await collection.SearchAsync(Code(0), new SearchOptions { Skip = 1 })).Select(found => found.Key));
        await collection.DeleteAsync("a");
        await collection.DeleteAsync(["b", "nobody"]);
        Assert.Null(await collection.GetAsync("a"));
        Assert.Equal(0, index.Count);

        using CancellationTokenSource stopped = new();
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collection.UpsertAsync(new CodeRecord("c", Code(1)), stopped.Token));
        string message = (await Assert.ThrowsAsync<TernException>(() =>
            collection.UpsertAsync([new CodeRecord("c", Code(1)), new CodeRecord("d", Code(1)) { ModelIdentity = "x" }]))).Message;
        Assert.Contains("was made with model m, this code comes from model x", message);
        index.Commit();
        Assert.Equal(0, index.Count); // of a call that failed, nothing stays
    }

    [Fact]
    public void Compacting_gives_space_back_and_leaves_one_segment()
    {
        using TemporaryFolder folder = new();
        IndexOptions options = new() { Limits = new IndexLimits(LogBytes: 1), MergeInBackground = false };
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m", options: options);
        for (int i = 0; i < 7; i++)
        {
            for (int item = 0; item < 1000; item++)
                index.Add($"{i}/{item}", Code(item % 256));
            index.Commit();
        }
        for (int item = 0; item < 400; item++)
            index.Remove($"{item % 7}/{item}");
        index.Commit();
        long Bytes() => new DirectoryInfo(folder.New()).EnumerateFiles("segment-*").Sum(file => file.Length);
        long before = Bytes();
        index.Compact();
        Assert.Single(Directory.GetFiles(folder.New(), "segment-*"));
        Assert.Empty(Directory.GetFiles(folder.New(), "removed-*"));
        Assert.InRange(Bytes(), 1, before - 400 * 30);
        Assert.Equal(6600, index.Count);
        Assert.Empty(HammingIndex.Verify(folder.New()));
        index.Compact(); // nothing to do
        Assert.Equal(6600, index.Count);
    }

    [Fact]
    public void A_bulk_load_is_one_segment_and_a_small_commit_is_a_few_bytes()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = HammingIndex.Create(folder.New(), 8, "m");
        for (int i = 0; i < 20_000; i++)
            index.Add(i, Code(i % 256));
        index.Commit();
        string segment = Assert.Single(Directory.GetFiles(folder.New(), "segment-*"));
        long Bytes() => new DirectoryInfo(folder.New()).EnumerateFiles().Sum(file => file.Length);
        long before = Bytes();
        index.Add("one more", Code(1));
        index.Remove("7");
        index.Commit();
        Assert.InRange(Bytes() - before, 1, 150);
        Assert.Equal(segment, Assert.Single(Directory.GetFiles(folder.New(), "segment-*")));
        Assert.Equal(20_000, index.Count);
    }
}
