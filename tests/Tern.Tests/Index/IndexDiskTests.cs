using Tern.Codes;
using Tern.Index;
using Tern.Tests.Durability;
using static Tern.Tests.Index.MadeIndex;

namespace Tern.Tests.Index;

/// <summary>What a disk still holds of others, or refuses.</summary>
public class IndexDiskTests
{
    [Fact]
    public void Leftovers_of_an_interrupted_commit_are_ignored_and_the_next_writer_removes_them()
    {
        MemoryFileSystem files = Make();
        string[] leftovers = [.. new[] { "segment-00000099.tern", "removed-00000098.tern", "log-00000097.tern", "manifest.json.tmp" }.Select(name => $"{Folder}/{name}")];
        string[] others = [$"{Folder}/model.onnx", $"{Folder}/segment-copy.tern"];
        foreach (string file in leftovers.Concat(others))
            files[file] = [1, 2, 3];
        HammingIndex.Open(Folder, Options(files)).Dispose();
        Assert.All(leftovers, file => Assert.Contains(file, files.Paths)); // a reader touches nothing
        Assert.Empty(HammingIndex.Verify(Folder, files));
        HammingIndex.Open(Folder, Options(files) with { Writable = true }).Dispose();
        Assert.Empty(files.Paths.Intersect(leftovers));
        Assert.All(others, file => Assert.Contains(file, files.Paths));
    }

    /// <summary>The steps of opening are: the folder's names, then the leftovers one by one, then the end of the log.</summary>
    [Fact]
    public void Leftovers_that_cannot_be_deleted_keep_no_writer_out()
    {
        string[] leftovers = [.. new[] { "segment-00000099.tern", "removed-00000098.tern", "manifest.json.tmp" }.Select(name => $"{Folder}/{name}")];
        for (int i = 0; i < leftovers.Length; i++)
        {
            MemoryFileSystem files = Make();
            string sound = Use(files);
            foreach (string file in leftovers)
                files[file] = [1, 2, 3];
            files.Fault = (files.Steps + 2 + i, Failure.Once);
            HammingIndex.Open(Folder, Options(files) with { Writable = true }).Dispose();
            Assert.Single(files.Paths.Intersect(leftovers));
            Assert.Equal(sound, Use(files));
            HammingIndex.Open(Folder, Options(files) with { Writable = true }).Dispose();
            Assert.Empty(files.Paths.Intersect(leftovers));
        }
    }

    [Fact]
    public void A_full_disk_keeps_no_writer_out_where_the_last_one_was_killed_before_its_seal()
    {
        MemoryFileSystem files = Make();
        string log = files.Paths.Single(path => path.Contains("log-", StringComparison.Ordinal));
        foreach (int missing in new[] { 16, 7 }) // the last seal, or half of it
        {
            files[log] = files[log][..^missing];
            files.Fault = (files.Steps + 1, Failure.FullDisk);
            using HammingIndex index = HammingIndex.Open(Folder, Options(files) with { Writable = true });
            Assert.Equal(5, index.Count);
            files.Fault = null;
            index.Add(Record("item", 1));
            index.Commit();
            index.Remove("item 1");
            index.Commit();
            Assert.Empty(HammingIndex.Verify(Folder, files));
        }
    }

    [SkippableFact]
    public void A_full_disk_leaves_the_index_as_it_was_and_the_changes_waiting()
    {
        using SmallDisk disk = new("96k");
        string path = Path.Combine(disk.Path, "index"), ballast = Path.Combine(disk.Path, "ballast");
        using HammingIndex index = HammingIndex.Create(path, 64, "m");
        index.Add("first", BinaryCode.FromWords([1], 64));
        index.Commit();
        File.WriteAllBytes(ballast, new byte[72_000]);
        for (int i = 0; i < 1000; i++)
            index.Add($"item {i}", BinaryCode.FromWords([(ulong)i], 64)); // about 40 kB
        string message = Assert.Throws<TernException>(index.Commit).Message;
        Assert.Contains("The index is as before and 1000 changes still wait", message);
        Assert.Equal(1, index.Count);
        using (HammingIndex reader = HammingIndex.Open(path))
            Assert.Equal("first", Assert.Single(reader.Search(BinaryCode.FromWords([1], 64))).Key);
        Assert.Empty(HammingIndex.Verify(path));
        File.Delete(ballast);
        index.Commit();
        Assert.Equal(1001, index.Count);
        Assert.Empty(HammingIndex.Verify(path));
    }

    [SkippableFact]
    public void A_read_only_folder_can_be_searched_but_not_written()
    {
        using SmallDisk disk = new("64k");
        string path = Path.Combine(disk.Path, "index");
        HammingIndex.Create(path, 64, "m").Dispose();
        disk.MakeReadOnly();
        using (HammingIndex reader = HammingIndex.Open(path))
            Assert.Empty(reader.Search(BinaryCode.FromWords([1], 64)));
        Assert.Contains("cannot be written",
            Assert.Throws<TernException>(() => HammingIndex.Open(path, new IndexOptions { Writable = true })).Message);
        Assert.Throws<TernException>(() => HammingIndex.Create(Path.Combine(disk.Path, "other"), 64, "m"));
    }
}
