using System.Diagnostics;
using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

/// <summary>The process that crash tests kill: commits batch after batch and prints the number of each once its commit has returned. Batches are small and large, added one
/// by one and as ranges, so that they go into the log, into segments, and into merges; now and then all is compacted.</summary>
internal static class CrashWriter
{
    public const int Bits = 40;

    public static IndexOptions Options { get; } = new() { Limits = new IndexLimits(LogBytes: 4000, RecentItems: 100, Segments: 3) };

    private const int Window = 40; // batches that stay
    private const long ItemsAtMost = 1000; // of a batch
    private const string Opening = "opening"; // so that kills fall on opening, too, where what a killed writer left is put in order

    /// <summary>Items of a batch.</summary>
    public static int Size(int batch) => batch % 5 == 0 ? 120 : 2 + batch % 7;

    /// <summary>Item <paramref name="item"/> of a batch; batch b also removes item 0 of batch b - 1, and all of an old batch.</summary>
    public static long Key(int batch, int item) => batch * ItemsAtMost + item;

    public static BinaryCode Code(int batch, int item) => BinaryCode.FromWords([(ulong)Key(batch, item) & 0xFF_FFFF_FFFF], Bits);

    public static int Run(string folder, TextWriter acknowledged)
    {
        acknowledged.WriteLine(Opening);
        acknowledged.Flush();
        using HammingIndex index = HammingIndex.Open(folder, Options with { Writable = true });
        for (int batch = LastBatch(index) + 1; ; batch++)
        {
            Add(index, batch);
            if (batch > 0)
                index.Remove($"{Key(batch - 1, 0)}");
            for (int item = 1; batch >= Window && item < Size(batch - Window); item++)
                index.Remove($"{Key(batch - Window, item)}");
            index.Commit();
            acknowledged.WriteLine(batch);
            acknowledged.Flush();
            if (batch % 17 == 16)
                index.Compact();
        }
    }

    private static void Add(HammingIndex index, int batch)
    {
        int[] items = [.. Enumerable.Range(0, Size(batch))];
        if (batch % 2 == 0)
            foreach (int item in items)
                index.Add(Key(batch, item), Code(batch, item), Label(batch));
        else
            index.AddRange(Array.ConvertAll(items, item => Key(batch, item)), PackedCodes.FromWords([.. items.Select(item => Code(batch, item).Words[0])], Bits), Array.ConvertAll(items, _ => Label(batch)));
    }

    private static string Label(long batch) => $"batch {batch}";

    private static int BatchOf(string key) => (int)(long.Parse(key) / ItemsAtMost);

    /// <summary>The last batch that is there; -1 if none is.</summary>
    private static int LastBatch(HammingIndex index) => index.Items().Select(item => BatchOf(item.Key)).DefaultIfEmpty(-1).Max();

    /// <summary>Kills writers at random moments, a quarter of them as they open what the one before has left, and looks each time at what is there. Returns the number of
    /// the last batch.</summary>
    public static async Task<int> KillAndLook(string path, int kills, Random random, double mostMilliseconds, Action<int>? look = null)
    {
        int committed = -1;
        for (int kill = 0; kill < kills; kill++)
        {
            bool opening = random.Next(4) == 0;
            int acknowledged = await RunAndKill(path, opening, TimeSpan.FromMilliseconds(random.NextDouble() * mostMilliseconds));
            committed = RequireWhole(path, Math.Max(committed, acknowledged));
            look?.Invoke(kill);
        }
        return committed;
    }

    // The last batch whose commit the process reported before it was killed; -1 if there was none: it was still opening.
    private static async Task<int> RunAndKill(string path, bool opening, TimeSpan after)
    {
        using Process writer = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", typeof(CrashWriter).Assembly.Location, "crash-writer", path]) { RedirectStandardOutput = true })!;
        Assert.Equal(Opening, await writer.StandardOutput.ReadLineAsync());
        string? first = opening ? null : await writer.StandardOutput.ReadLineAsync();
        await Task.Delay(after);
        Assert.False(writer.HasExited, "The writer stopped by itself.");
        writer.Kill(); // SIGKILL
        int last = first is null ? -1 : int.Parse(first);
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
            if (int.TryParse(line, out int batch))
                last = batch;
        await writer.WaitForExitAsync();
        return last;
    }

    // The index must hold exactly batches 0..b for some b at or after the last acknowledged one.
    private static int RequireWhole(string path, int acknowledged)
    {
        Assert.Empty(HammingIndex.Verify(path));
        using HammingIndex index = HammingIndex.Open(path);
        int last = LastBatch(index);
        Assert.InRange(last, acknowledged, acknowledged + 1);
        int first = Math.Max(0, last - Window + 1);
        (int Batch, int Item)[] expected = [.. Enumerable.Range(first, last - first + 1).SelectMany(batch =>
            Enumerable.Range(0, Size(batch)).Where(item => batch == last || item > 0).Select(item => (batch, item)))];
        IReadOnlyList<SearchResult> found = index.Search(Code(0, 0), new SearchOptions { Top = null });
        Assert.Equal(
            expected.Select(at => ($"{Key(at.Batch, at.Item)}", Code(at.Batch, at.Item).Distance(Code(0, 0)))).Order(), found.Select(result => (result.Key, result.Distance)).Order());
        Assert.All(found, result => Assert.Equal(Label(BatchOf(result.Key)), result.Label));
        Assert.All(expected, at => Assert.Equal(Code(at.Batch, at.Item), index.Get($"{Key(at.Batch, at.Item)}")!.Code));
        return last;
    }
}
