using Tern.Index;
using Tern.Tests.Durability;
using static Tern.Tests.Index.MadeIndex;

namespace Tern.Tests.Index;

public class IndexDamageTests
{
    private const int LogHead = 80; // bytes that a log begins with

    private static void AssertNamed(MemoryFileSystem files, string file)
    {
        string name = Path.GetFileName(file);
        Assert.Contains(name, Assert.Throws<TernException>(() => Use(files)).Message);
        Assert.Contains(HammingIndex.Verify(Folder, files), problem => problem.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Any_flipped_bit_names_its_file()
    {
        MemoryFileSystem files = Make();
        Assert.Equal(["log-", "mani", "remo", "segm"], files.Paths.Select(path => Path.GetFileName(path)[..4]).Distinct());
        foreach (string file in files.Paths)
        {
            byte[] sound = files[file];
            for (int bit = 0; bit < 8 * sound.Length; bit += 7) // every byte
            {
                byte[] damaged = [.. sound];
                damaged[bit / 8] ^= (byte)(1 << bit % 8);
                files[file] = damaged;
                AssertNamed(files, file);
            }
            files[file] = sound;
        }
        Assert.Empty(HammingIndex.Verify(Folder, files));
    }

    [Fact]
    public void A_file_of_another_length_is_named()
    {
        MemoryFileSystem files = Make();
        foreach (string file in files.Paths.Where(path => !IsLog(path)))
        {
            byte[] sound = files[file];
            for (int length = 0; length < sound.Length; length++)
            {
                files[file] = sound[..length];
                AssertNamed(files, file);
            }
            files[file] = [.. sound, 0];
            AssertNamed(files, file);
            files[file] = sound;
        }
    }

    /// <summary>A log that ends early is what an interrupted commit leaves.</summary>
    [Fact]
    public void A_shorter_log_is_an_earlier_state()
    {
        MemoryFileSystem files = Make();
        string file = files.Paths.Single(IsLog);
        byte[] sound = files[file];
        List<long> counts = [];
        for (int length = LogHead; length <= sound.Length; length++)
        {
            files[file] = sound[..length];
            using HammingIndex index = HammingIndex.Open(Folder, Options(files));
            counts.Add(index.Count);
        }
        Assert.Equal([5L, 6L, 5L], counts.Where((count, i) => i == 0 || count != counts[i - 1])); // 0, 3, 4, 5, 6; then with 7; then without 3
        files[file] = sound[..(LogHead - 1)];
        AssertNamed(files, file);
    }

    [Fact]
    public void Rubbish_in_any_file_is_an_error_or_makes_no_difference_or_ends_the_log_at_an_earlier_commit()
    {
        Random random = new(7);
        MemoryFileSystem files = Make();
        string whole = Use(files);
        string[] earlier = EarlierStates(files);
        for (int trial = 0; trial < 3000; trial++)
        {
            string file = files.Paths[random.Next(files.Paths.Count)];
            byte[] sound = files[file], rubbish = [.. sound];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                int start = random.Next(rubbish.Length);
                random.NextBytes(rubbish.AsSpan(start, Math.Min(random.Next(1, 40), rubbish.Length - start)));
            }
            if (random.Next(4) == 0)
                rubbish = [.. rubbish[..random.Next(rubbish.Length)], .. rubbish[random.Next(rubbish.Length)..]];
            files[file] = rubbish;
            try
            {
                string said = Use(files);
                Assert.True(said == whole || IsLog(file) && earlier.Contains(said), $"{file}, trial {trial}: another answer");
            }
            catch (TernException damaged)
            {
                Assert.Contains(Path.GetFileName(file), damaged.Message);
            }
            files[file] = sound;
        }
        Assert.Equal(whole, Use(files));
    }

    private static bool IsLog(string file) => file.Contains("log-", StringComparison.Ordinal);

    /// <summary>What an index says whose log ends earlier.</summary>
    private static string[] EarlierStates(MemoryFileSystem files)
    {
        string log = files.Paths.Single(IsLog);
        byte[] sound = files[log];
        HashSet<string> states = [];
        for (int length = LogHead; length <= sound.Length; length++)
        {
            files[log] = sound[..length];
            states.Add(Use(files));
        }
        Assert.Equal(3, states.Count);                  // without a commit, with one, with both
        return [.. states];
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        MemoryFileSystem files = Make();
        foreach (string file in files.Paths)
        {
            byte[] sound = files[file];
            files.Delete(file);
            AssertNamed(files, file);
            files[file] = sound;
        }
    }

    [Fact]
    public void A_file_of_another_index_is_noticed()
    {
        MemoryFileSystem one = Make(), other = Make("thing");
        foreach (string file in one.Paths.Where(path => !path.EndsWith("manifest.json", StringComparison.Ordinal)))
        {
            byte[] sound = one[file];
            if (other[file].SequenceEqual(sound))
                continue; // marks of removed items, which have no keys
            one[file] = other[file];
            AssertNamed(one, file);
            one[file] = sound;
        }
    }

    [Fact]
    public void Other_formats_are_refused_with_advice()
    {
        MemoryFileSystem files = Make();
        string manifest = System.Text.Encoding.UTF8.GetString(files[$"{Folder}/manifest.json"]);
        string Refused(string text)
        {
            files[$"{Folder}/manifest.json"] = System.Text.Encoding.UTF8.GetBytes(text);
            return Assert.Throws<TernException>(() => HammingIndex.Open(Folder, Options(files))).Message;
        }
        Assert.Contains("format version 4, and this program knows 3; update Tern", Refused(manifest.Replace("\"version\": 3", "\"version\": 4, \"shards\": 4")));
        Assert.Contains("make the index again", Refused(manifest.Replace("\"version\": 3", "\"version\": 2")));
        Assert.Contains("make the index again", Refused("""
            { "format": "tern-index", "version": 1, "bits": 64, "model": "m", "nextId": 0, "nextFile": 1, "segments": [], "removed": null, "sha256": "0" }
            """));
        Assert.Contains("not the manifest of a Tern index", Refused("{}"));
        Assert.Contains("not JSON", Refused("never mind"));
    }
}
