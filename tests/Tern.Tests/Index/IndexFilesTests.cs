using Tern.Codes;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Codes;

namespace Tern.Tests.Index;

/// <summary>How many files an index keeps, and how large.</summary>
public class IndexFilesTests
{
    private static BinaryCode Code(int value) => BinaryCode.FromBytes([(byte)value], 8);

    private static readonly SearchOptions All = new() { Top = null };

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
