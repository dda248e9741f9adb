using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

public class IndexDamageTests
{
    private static string Make(TemporaryFolder folder)
    {
        using HammingIndex index = HammingIndex.Create(folder.New(), 12, "m");
        for (int i = 0; i < 3; i++)
            index.Add($"item {i}", BinaryCode.FromWords([(ulong)i], 12), "label");
        index.Commit();
        index.Remove("item 1");
        index.Commit();
        return folder.New();
    }

    private static string[] Files(string index) =>
        [.. Directory.GetFiles(index).Where(file => !file.EndsWith("write.lock", StringComparison.Ordinal))];

    private static void AssertNamed(string index, string file)
    {
        string message = Assert.Throws<TernException>(() => HammingIndex.Open(index)).Message;
        Assert.Contains(Path.GetFileName(file), message);
        Assert.Contains(HammingIndex.Verify(index), problem => problem.Contains(Path.GetFileName(file), StringComparison.Ordinal));
    }

    [Fact]
    public void Any_flipped_bit_names_its_file()
    {
        using TemporaryFolder folder = new();
        string index = Make(folder);
        Assert.Equal(3, Files(index).Length); // manifest, segment, removed
        foreach (string file in Files(index))
        {
            byte[] sound = File.ReadAllBytes(file);
            for (int at = 0; at < sound.Length; at++)
            {
                byte[] damaged = [.. sound];
                damaged[at] ^= (byte)(1 << at % 7);
                File.WriteAllBytes(file, damaged);
                AssertNamed(index, file);
            }
            File.WriteAllBytes(file, sound);
        }
        Assert.Empty(HammingIndex.Verify(index));
    }

    [Fact]
    public void A_file_of_another_length_is_named()
    {
        using TemporaryFolder folder = new();
        string index = Make(folder);
        foreach (string file in Files(index))
        {
            byte[] sound = File.ReadAllBytes(file);
            for (int length = 0; length < sound.Length; length++)
            {
                File.WriteAllBytes(file, sound[..length]);
                AssertNamed(index, file);
            }
            File.WriteAllBytes(file, [.. sound, 0]);
            AssertNamed(index, file);
            File.WriteAllBytes(file, sound);
        }
    }

    [Fact]
    public void A_missing_segment_is_named()
    {
        using TemporaryFolder folder = new();
        string index = Make(folder);
        string segment = Assert.Single(Directory.GetFiles(index, "segment-*"));
        File.Delete(segment);
        AssertNamed(index, segment);
    }

    [Fact]
    public void A_segment_of_another_index_is_noticed()
    {
        using TemporaryFolder one = new(), two = new();
        string index = Make(one), other = two.New();
        using (HammingIndex different = HammingIndex.Create(other, 12, "m"))
        {
            for (int i = 0; i < 3; i++)
                different.Add($"item {i}", BinaryCode.FromWords([(ulong)i + 7], 12), "label");
            different.Commit();
        }
        string segment = Directory.GetFiles(index, "segment-*")[0];
        File.Copy(Directory.GetFiles(other, "segment-*")[0], segment, overwrite: true);
        Assert.Contains("not the file the manifest names", Assert.Throws<TernException>(() => HammingIndex.Open(index)).Message);
    }

    [Fact]
    public void A_newer_format_is_refused_with_advice()
    {
        using TemporaryFolder folder = new();
        string index = Make(folder), manifest = Path.Combine(index, "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"version\": 1", "\"version\": 2, \"shards\": 4"));
        Assert.Contains("format version 2, and this program knows up to 1; update Tern",
            Assert.Throws<TernException>(() => HammingIndex.Open(index)).Message);
    }

    [Fact]
    public void Leftovers_of_an_interrupted_commit_are_ignored_and_the_next_writer_removes_them()
    {
        using TemporaryFolder folder = new();
        string index = Make(folder);
        string[] leftovers = [.. new[] { "segment-00000099.tern", "removed-00000098.tern", "manifest.json.tmp" }.Select(name =>
            Path.Combine(index, name))];
        foreach (string file in leftovers)
            File.WriteAllText(file, "half");
        HammingIndex.Open(index).Dispose();
        Assert.All(leftovers, file => Assert.True(File.Exists(file))); // a reader touches nothing
        Assert.Empty(HammingIndex.Verify(index));
        HammingIndex.Open(index, new IndexOptions { Writable = true }).Dispose();
        Assert.All(leftovers, file => Assert.False(File.Exists(file)));
    }

    [SkippableFact]
    public void A_full_disk_leaves_the_index_as_it_was_and_the_changes_waiting()
    {
        using SmallDisk disk = new("64k");
        string path = Path.Combine(disk.Path, "index"), ballast = Path.Combine(disk.Path, "ballast");
        using HammingIndex index = HammingIndex.Create(path, 64, "m");
        index.Add("first", BinaryCode.FromWords([1], 64));
        index.Commit();
        File.WriteAllBytes(ballast, new byte[40_000]);
        for (int i = 0; i < 1000; i++)
            index.Add($"item {i}", BinaryCode.FromWords([(ulong)i], 64)); // about 30 kB
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
