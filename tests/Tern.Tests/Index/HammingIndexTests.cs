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
    public async Task The_calls_of_a_vector_store_are_durable_when_they_end()
    {
        using TemporaryFolder folder = new();
        using HammingIndex index = await HammingIndex.CreateAsync(folder.New(), 8, "m");
        using HammingIndex standing = await HammingIndex.OpenAsync(folder.New());
        ICodeCollection collection = index;
        await collection.UpsertAsync(new CodeRecord("a", Code(1)));
        await collection.UpsertAsync([new CodeRecord("b", Code(3)), new CodeRecord("a", Code(7)) { Label = "new" }]);
        Assert.Equal(0, standing.Count);
        Assert.True(await standing.RefreshAsync());
        Assert.Equal(2, standing.Count);
        Assert.Equal("new", (await collection.GetAsync("a"))!.Label);
        Assert.Equal([("b", 2), ("a", 3)], (await collection.SearchAsync(Code(0))).Select(found => (found.Key, found.Distance)));
        Assert.Equal(["a"], (await collection.SearchAsync(Code(0), new SearchOptions { Skip = 1 })).Select(found => found.Key));
        Assert.Equal(["b", "a"], (await collection.SearchAsync(new ModelCode(Code(0), "m"))).Select(found => found.Key));
        Assert.Contains("model x", (await Assert.ThrowsAsync<TernException>(() => collection.SearchAsync(new ModelCode(Code(0), "x")))).Message);
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
}
